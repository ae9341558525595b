/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * launch.h - start the command with the caller's descriptors, signal dispositions, limits, umask
 * and directory. The child is forked early, waits until it is watched, and then becomes the
 * command.
 */
#ifndef WORMSIGN_LAUNCH_H
#define WORMSIGN_LAUNCH_H

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"
#include "session/run_as.h"

/* Settings that this process was started with. It changes them for itself; the command gets them as
 * they were. */
struct launch_start {
	sigset_t mask;
	struct sigaction child, pipe, size; /* of SIGCHLD, SIGPIPE and SIGXFSZ */
	struct rlimit memlock, files;
	mode_t umask;
};

/* Save that, and then set what wormsign itself needs. Call first. */
void launch_remember(struct launch_start *ret);

/*
 * Whether `program` can be executed, searched for as a shell does: 0, or the status to exit with
 * (126 or 127), with e in a shell's words. The rights are this process's, not the user's.
 */
int launch_find(const char *program, struct error *e);

struct launch {
	pid_t pid;
	int pidfd;
	int go;	    /* pipe: a byte makes the child become the command, closing makes it exit */
	int report; /* pipe: why the child could not become the command */
};

/* Fork the child, which waits for launch_go(). argv is NULL-ended. */
int launch_fork(struct launch *ret, char *const *argv, const struct launch_start *start,
		const struct run_as *who, struct error *e);
/* Make the child become the command. */
int launch_go(struct launch *l);
/*
 * Call when the child has ended. 0: it had become the command; else the status to exit with (125,
 * 126, 127), with e.
 */
int launch_failed(struct launch *l, const char *program, struct error *e);
/* Close the descriptors; a child that was not started exits. Does not wait for it. */
void launch_free(struct launch *l);

#endif
