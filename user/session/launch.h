/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * launch.h - start the command so that it finds the world as the caller left it: descriptors,
 * signals, limits, umask, directory. It is forked first, blocked, and let go when it is watched.
 */
#ifndef WORMSIGN_LAUNCH_H
#define WORMSIGN_LAUNCH_H

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "error.h"
#include "who.h"

/* What this process was started with and may change for itself. */
struct launch_start {
	sigset_t mask;
	struct sigaction child, pipe; /* of SIGCHLD and SIGPIPE */
	struct rlimit memlock, files;
	mode_t umask;
};

/* Remember, then make SIGCHLD and SIGPIPE what wormsign needs. Call first. */
void launch_remember(struct launch_start *ret);

/*
 * Can `program` be executed, as a shell would look for it? 0, or the status to exit with (126 or
 * 127) and the shell's words for it in e. Whether the user may is known only when he tries.
 */
int launch_find(const char *program, struct error *e);

struct launch {
	pid_t pid;
	int pidfd;
	int go;	    /* written: run; closed: die */
	int report; /* where the child says why it could not */
};

/* Fork the child; it waits. argv is NULL-ended. */
int launch_fork(struct launch *ret, char *const *argv, const struct launch_start *start,
		const struct who *who, struct error *e);
/* Let it go. */
int launch_go(struct launch *l);
/*
 * Call when the child has ended: 0 when it had become the command, else the status to exit with
 * (125, 126, 127) and e.
 */
int launch_failed(struct launch *l, const char *program, struct error *e);
/* Close what is open; a child that was not let go ends by it. Does not wait. */
void launch_free(struct launch *l);

#endif
