/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * admit.h - who a client is, as the kernel says, and whether it may have the process watched that
 * it passes.
 */
#ifndef WORMSIGN_ADMIT_H
#define WORMSIGN_ADMIT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "session/run_as.h"

struct peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
	int pidfd; /* owned; -1: unknown */
};

/*
 * The process that connected: SO_PEERCRED, and SO_PEERPIDFD where the kernel has it (6.5). -EPERM
 * with e: a process of another pid namespace. -ESRCH: it has died.
 */
int peer_find(struct peer *ret, int socket, struct error *e);
void peer_done(struct peer *p);
/* Its user: groups as the kernel has them (SO_PEERGROUPS), name and home of the user database. */
int peer_run_as(struct run_as *ret, const struct peer *p, int socket, struct error *e);

/* What /proc/PID/status says of a process, as far as admission depends on it. */
struct admit_status {
	pid_t pid, group, parent;
	unsigned threads;
	char state;
	uid_t uids[4]; /* real, effective, saved, of files */
	gid_t gids[4];
	unsigned long long capabilities; /* of all sets but the bounding one */
};
/* -EBADMSG: a line is missing. */
int admit_parse_status(struct admit_status *ret, const char *text);
/* -EPERM with e: it is not what the peer may have watched. */
int admit_check(const struct admit_status *s, const struct peer *p, struct error *e);

/*
 * Check the process behind pidfd: a living process (not a thread, a zombie or pid 1), a child of
 * the peer, with one thread, all credentials the peer's own, and no capabilities. 0 and its pid;
 * -EPERM or -EBADF with e.
 */
int admit_command(pid_t *ret, int pidfd, const struct peer *p, struct error *e);

#endif
