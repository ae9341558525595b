/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cgroup_find.h - where the cgroup v2 hierarchy is mounted, and which of its directories is a
 * process's own. On hybrid hosts it is not at /sys/fs/cgroup, and in a container only a part of it
 * may be visible.
 */
#ifndef WORMSIGN_CGROUP_FIND_H
#define WORMSIGN_CGROUP_FIND_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct cgroup_found {
	char *own;   /* the process's cgroup as the kernel names it: "/user.slice/x" */
	char *dir;   /* the directory of `own`; that of the mount when hidden */
	char *mount; /* where the (first) v2 hierarchy is mounted */
	bool hidden; /* no mount leads to `own`: it lies outside of this namespace */
};

/* Of that process; 0: of this one. Free with cgroup_found_free(). -ENOENT with e: no v2 hierarchy
 * is mounted. */
int cgroup_find(struct cgroup_found *ret, pid_t pid, struct error *e);
void cgroup_found_free(struct cgroup_found *f);

/* Parsing, for the tests. From the text of /proc/PID/cgroup, the path in the v2 hierarchy;
 * -ENOENT when there is none. */
int cgroup_find_own(const char *text, char **ret);
/*
 * From the text of /proc/PID/mountinfo, the directory of `own`. 1: a v2 hierarchy is mounted, but
 * no mount leads to `own`; then it is the mount point. -ENOENT: none is mounted.
 */
int cgroup_find_mount(const char *text, const char *own, char **ret);

#endif
