/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * agent.h - the service: one instance of the kernel side for many sessions, each of which is begun
 * by a client over a socket (protocol.h) and served by a process of its own (worker.h). This
 * process accepts clients, reads the rings, and takes sessions down; it reads nothing that a user
 * wrote.
 */
#ifndef WORMSIGN_AGENT_H
#define WORMSIGN_AGENT_H

#include "agent/config.h"
#include "base/error.h"

struct agent;

/*
 * Read and compile the rules, load the kernel side, and listen. config outlives the agent. 0 and an
 * owned *ret, or -errno with e.
 */
int agent_open(struct agent **ret, const struct config *config, struct error *e);
/* Serve until SIGTERM or SIGINT. 0, or -errno with e. */
int agent_run(struct agent *a, struct error *e);
/* Sessions that still run end: their workers kill them. a may be NULL. */
void agent_free(struct agent *a);

#endif
