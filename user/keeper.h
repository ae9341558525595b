/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keeper.h - a second process that shares everything the session's enforcement hangs on (by
 * inheriting the descriptors): when the main process is killed, verdicts go on, and the keeper ends
 * the session at once. When the keeper is killed, the main process sees it and does the same.
 */
#ifndef WORMSIGN_KEEPER_H
#define WORMSIGN_KEEPER_H

#include <sys/types.h>

#include "cgroup.h"
#include "error.h"
#include "loader.h"

struct keeper {
	pid_t pid; /* 0: none */
	int pidfd; /* readable when it has died */
	int pipe;  /* its end is how the keeper learns of ours */
};

/* Start it, when all is attached and before the command exists. */
int keeper_start(struct keeper *ret, struct loader *l, uint64_t session, const struct cgroup *c,
		 struct error *e);
/* The session is over: let it go and reap it. Also for one that was never started. */
void keeper_end(struct keeper *k);

#endif
