/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * master.h - the process that `wormsign agent` is: it owns the socket and starts a server
 * (agent.h), a process with its own rules and its own instance of the kernel side. A reload starts
 * a second server beside the first. When that one is ready it gets all new clients, and the first
 * ends with the last of its sessions; if it does not become ready, nothing has changed.
 *
 * It reads nothing that a user wrote, and keeps the capabilities that a server needs to start.
 */
#ifndef WORMSIGN_MASTER_H
#define WORMSIGN_MASTER_H

#include "agent/config.h"
#include "base/error.h"

struct master_start {
	const struct config *config; /* of the first server; its socket and group are for good */
	const char *file;   /* read at each reload, with config_load(); NULL: the default one */
	const char *socket; /* instead of the configuration's; NULL: that */
};

/* Serve until SIGTERM or SIGINT; SIGHUP reloads. 0, or -errno with e. No session lives after it. */
int master_run(const struct master_start *s, struct error *e);

#endif
