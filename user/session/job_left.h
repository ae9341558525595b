/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * job_left.h - what this job has left running so far: processes of its session that are not below
 * the process that the session began with, as this one is. Seen and ended with this process's own
 * rights.
 */
#ifndef WORMSIGN_JOB_LEFT_H
#define WORMSIGN_JOB_LEFT_H

#include <stddef.h>
#include <sys/types.h>

#define JOB_LEFT_NAME 16

struct job_left {
	pid_t pid;
	char name[JOB_LEFT_NAME]; /* as the process calls itself */
};

struct job_left_list { /* begins all 0 */
	struct job_left *at;
	size_t count;
};

/* cgroup: of the session, as the kernel names it in /proc/PID/cgroup. -errno. */
int job_left_find(struct job_left_list *ret, const char *cgroup);
/* End all that are found, again and again for a while, since they may start others. How many are
 * left that could not be ended, or -errno. */
int job_left_end(const char *cgroup);
void job_left_free(struct job_left_list *l);

#endif
