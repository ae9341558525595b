/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watchdog.h - a second process that holds, by inheritance, every descriptor that keeps the kernel
 * side attached. If the main process is killed, rules are still enforced, and the watchdog ends the
 * session at once. If the watchdog is killed, the main process ends the session.
 */
#ifndef WORMSIGN_WATCHDOG_H
#define WORMSIGN_WATCHDOG_H

#include <sys/types.h>

#include "session/cgroup.h"
#include "base/error.h"
#include "kernel/loader.h"

struct watchdog {
	pid_t pid; /* 0: none */
	int pidfd; /* readable when it has died */
	int pipe;  /* closed by our death, which is how the watchdog learns of it */
};

/* Start it. Call when all is attached, before the command is forked. 0, or -errno with e. */
int watchdog_start(struct watchdog *ret, struct loader *l, uint64_t session, const struct cgroup *c,
		   struct error *e);
/* What it does when the main process has died: kill all of the session, in its cgroup and moved out
 * of it; when none lives, forget the session and remove its cgroup. Waits for that. */
void watchdog_end_session(struct loader *l, uint64_t session, const struct cgroup *c);
/* The session is over: make it exit, and reap it. Does nothing for one that was not started. */
void watchdog_end(struct watchdog *w);

#endif
