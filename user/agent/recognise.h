/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recognise.h - whether a process that the kernel side has stopped at its exec is the start of a CI
 * job, by what /proc says of it and of the runner above it (rules/data/ci-jobs.json, "starts").
 */
#ifndef WORMSIGN_RECOGNISE_H
#define WORMSIGN_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/admit.h"
#include "base/buf.h"
#include "base/error.h"
#include "events/ci_jobs.h"
#include "policy/rule.h"
#include "session/run_as.h"

struct recognised {
	pid_t pid;
	int pidfd; /* owned */
	const struct ci_start *start;
	struct peer peer; /* its user; pidfd is -1 */
};

/* A program: the file name of its executable, and its argv, words that each end with a NUL. */
struct program {
	const char *name, *argv;
	size_t len;
};

/* Whether `program`, below `runner`, is that start. */
bool recognise_program(const struct ci_start *start, const struct program *runner,
		       const struct program *program);

/*
 * starts: those that it can be, as bits. runner: the process that the kernel has found above it.
 * runners: executables, absolute paths, one
 * of which the runner must be; none: any. 0 and *ret, to be freed; -ENOENT: it is no start of a
 * job, and *ret->pidfd, if it is not negative, is still the caller's, to continue it; -ESRCH: it
 * has died.
 */
int recognise(struct recognised *ret, uint32_t starts, const struct strings *runners, pid_t pid,
	      pid_t runner);
void recognised_free(struct recognised *r);

/*
 * Whether the process still stands where it was stopped: it is stopped, has one thread and no
 * child. -EPERM with e: it was continued by somebody else; -ESRCH: it has died.
 */
int recognised_waits(const struct recognised *r, struct error *e);

/* Append the file /proc/PID/NAME. -errno. */
int recognised_read(struct buf *ret, pid_t pid, const char *name);
/* Its user, with the groups that it has. -errno with e. */
int recognised_run_as(struct run_as *ret, const struct recognised *r, struct error *e);
/* The strings of a block, each ended by a NUL, as a NULL-ended list, which the caller frees. NULL:
 * out of memory. */
char **recognised_words(char *block, size_t len);

#endif
