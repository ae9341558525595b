/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cgroup.h - the cgroup v2 directory of one session: made below the caller's own, so that what
 * holds for the caller (limits, an outer session) holds for the session too; killed as a whole;
 * removed.
 */
#ifndef WORMSIGN_CGROUP_H
#define WORMSIGN_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define CGROUP_PREFIX "wormsign-" /* then who made it, and a random number */

/* Members are for reading only. */
struct cgroup {
	int dir, parent; /* descriptors of it and of the directory that it was made in */
	int events;	 /* of its cgroup.events: POLLPRI when it becomes empty, or populated */
	int kill;	 /* of its cgroup.kill; -1: kernel before 5.14, or it may not be opened */
	uint64_t id;	 /* as bpf_get_current_cgroup_id() gives it */
	char *path, name[48];
	bool above;   /* it is not below the caller's own cgroup; `why` says why */
	bool foreign; /* removing it takes CAP_DAC_OVERRIDE: `parent` is another user's, or
		       * read-only to its owner, as the top is */
	char why[256];
};

/*
 * Make a session's cgroup below that of process `near` (0: the caller's own), or the nearest
 * directory above that will do. One whose cgroup.procs belongs to `user` (not 0) will not: he could
 * move processes out of the session into it. Never above an outer session's cgroup.
 */
int cgroup_create(struct cgroup **ret, pid_t near, uid_t user, struct error *e);
/* One that somebody else has made; it need not be permitted to do more than look into it. */
int cgroup_open(struct cgroup **ret, const char *path, struct error *e);
/* The session's cgroup that process `member` is in. -ENOENT: it is in none, or cannot be seen. */
int cgroup_open_of(struct cgroup **ret, pid_t member, struct error *e);
/* Close; the directory stays. */
void cgroup_free(struct cgroup *c);
static inline void cgroup_freep(struct cgroup **c)
{
	cgroup_free(*c);
}

/* Move process pid in. */
int cgroup_enter(const struct cgroup *c, pid_t pid);
/* 1: a process lives in it or below, 0: none, or -errno. */
int cgroup_populated(const struct cgroup *c);
/* Wait until it is empty; 1: not within ms, 0: it is, or -errno. */
int cgroup_wait_empty(const struct cgroup *c, int ms);
/* Send SIGKILL to all in it and below; without `kill` one by one, to those to whom it is permitted.
 * They may not have died yet when it returns. */
int cgroup_kill(const struct cgroup *c);
/* Call each for every process in it and below, until it returns other than 0. Returns that, 0, or
 * -errno. */
int cgroup_processes(const struct cgroup *c, int (*each)(void *arg, pid_t pid), void *arg);
/* Remove it and what is below; it must be empty. Retries for 1 s while the kernel says EBUSY. */
int cgroup_remove(const struct cgroup *c);

#endif
