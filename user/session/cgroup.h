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

#include "error.h"

struct cgroup {		 /* for reading */
	int dir, parent; /* descriptors */
	int events;	 /* its cgroup.events: POLLPRI when it becomes empty, or not */
	int kill;	 /* its cgroup.kill; -1: kernel before 5.14 */
	uint64_t id;	 /* as bpf_get_current_cgroup_id() gives it */
	char *path;
	char name[48];
	bool above;   /* not below the caller's own: `why` says what was wrong there */
	bool foreign; /* to remove it takes more than being who this process is (the top is
			 read-only) */
	char why[256];
};

/*
 * Make a session's cgroup. Directories whose cgroup.procs belongs to user (not 0) are passed over
 * upwards: he could move a process out of a session in there. Never above an outer session's.
 */
int cgroup_create(struct cgroup **ret, uid_t user, struct error *e);
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
/* SIGKILL to all in it and below. They may still be on their way when it returns. */
int cgroup_kill(const struct cgroup *c);
/* Call each for every process in it and below; it ends the loop by returning other than 0. */
int cgroup_processes(const struct cgroup *c, int (*each)(void *arg, pid_t pid), void *arg);
/* Remove it and what is below; it must be empty. Waits a little for the kernel to let go. */
int cgroup_remove(const struct cgroup *c);

/*
 * Parsing, for the tests. From the text of /proc/PID/cgroup, the path in the v2 hierarchy; -ENOENT
 * when there is none.
 */
int cgroup_parse_own(const char *text, char **ret);
/*
 * From the text of /proc/PID/mountinfo, the directory of `own`. 1: a v2 hierarchy is mounted, but
 * without what holds `own`; then it is the mount itself. -ENOENT: none is mounted.
 */
int cgroup_parse_mounts(const char *text, const char *own, char **ret);

#endif
