/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * agent.h - a server of the service: one set of rules and one instance of the kernel side for many
 * sessions, each of which is begun by a client over a socket (protocol.h) and served by a process
 * of its own (worker.h). This process accepts clients, reads the rings, and takes sessions down; of
 * what a user wrote it reads the kind of his first message, or what he asks for. The master
 * (master.h) starts it, and another in its place.
 */
#ifndef WORMSIGN_AGENT_H
#define WORMSIGN_AGENT_H

#include "agent/board.h"
#include "agent/config.h"
#include "base/error.h"

struct agent;

/*
 * Read and compile the rules, load the kernel side, give up the capabilities that only this needs.
 * config outlives it. listener: a socket that clients connect to, which others accept from, too;
 * link: see link.h; both stay the caller's. alive_ms: how often the master wants to hear that this
 * process is alive; negative: never. board: what it counts at, as its server `slot`. 0 and an owned
 * *ret, or -errno with e.
 */
int agent_open(struct agent **ret, const struct config *config, int listener, int link,
	       int alive_ms, struct board *board, unsigned slot, struct error *e);
/* Serve until the master closes the link, or has told it to end with its last session. 0, or -errno
 * with e. */
int agent_run(struct agent *a, struct error *e);
/* Sessions that still run end: their workers kill them. a may be NULL. */
void agent_free(struct agent *a);

#endif
