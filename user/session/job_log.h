/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * job_log.h - the log of the session that this process is in, if it is that of a whole job: DIR/
 * NAME.jsonl, where NAME is the session's cgroup.
 */
#ifndef WORMSIGN_JOB_LOG_H
#define WORMSIGN_JOB_LOG_H

#include "base/error.h"

/*
 * The descriptor of the log in dir, of the outermost session that has one there; cgroup: the text
 * of /proc/self/cgroup. *ret_path is the caller's. -ENOENT with e: no such session; -EPERM: others
 * than root can write the log; -errno.
 */
int job_log_open(int *ret_fd, char **ret_path, const char *dir, const char *cgroup,
		 struct error *e);

/* The cgroup of the session whose log that is; cgroup as above. The caller's; NULL: out of memory,
 * or this process is in no such cgroup. */
char *job_log_cgroup(const char *log, const char *cgroup);

#endif
