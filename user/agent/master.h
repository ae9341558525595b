/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * master.h - the process that `wormsign agent` is: it owns the socket and starts a server
 * (agent.h), a process with its own rules and its own instance of the kernel side. A reload starts
 * a second server beside the first. When that one is ready it gets all new clients, and the first
 * ends with the last of its sessions; if it does not become ready, nothing has changed.
 *
 * A server executes the program as it is then: a new version is taken by a reload, too. The master
 * reads nothing that a user wrote, and keeps the capabilities that a server needs to start.
 */
#ifndef WORMSIGN_MASTER_H
#define WORMSIGN_MASTER_H

#include <stdbool.h>

#include "base/error.h"

struct master_start {
	const char *socket, *group; /* of the configuration that it began with; group NULL: none */
	const char *metrics;	    /* where they are served; NULL: nowhere */
	const char *file;	    /* absolute path of the configuration; NULL: the default one */
	bool overrides; /* the socket is not the configuration's, but of the command line */
};

/* Serve until SIGTERM or SIGINT; SIGHUP reloads. 0, or -errno with e. No session lives after it. */
int master_run(const struct master_start *s, struct error *e);

/*
 * The server's process. It is called as `wormsign agent --serve=HOW` with the other options that
 * the master was given, and with two descriptors. Returns the exit status; the master is told what
 * is wrong.
 */
int master_serve(const struct master_start *s, const char *how);

#endif
