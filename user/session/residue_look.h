/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * residue_look.h - look for what has changed since a session began. A file counts as changed by its
 * ctime, which the kernel sets, and which nobody but root can set back: a time of modification, or
 * a change that was undone, hides nothing.
 */
#ifndef WORMSIGN_RESIDUE_LOOK_H
#define WORMSIGN_RESIDUE_LOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "events/residue.h"
#include "session/run_as.h"

struct residue_sources {
	/* NULL-ended; NULL: none. Of a variable of both, the second's counts, too */
	char *const *environment, *const *more_environment;
	/* look at what this user cannot write, too: a job may have other means (sudo) */
	bool system;
	const char *home; /* NULL: ~ is not looked at */
	const char *cwd;  /* for $PWD; NULL: it is not known */
};

/* The process that looks, with the rights of a user: a file system of a job's own need not answer,
 * and wormsign may have given up the right to become that user when it is time to look. */
struct residue_look { /* begins with RESIDUE_LOOK_INIT */
	int socket;   /* -1: there is none */
	pid_t pid;
};

#define RESIDUE_LOOK_INIT    \
	{                    \
		.socket = -1 \
	}

#define RESIDUE_LOOK_MS 5000

/*
 * The time of a session's begin as the clock would say it now, or as it said it then: the earlier
 * one, since the clock may have been set meanwhile. begun: CLOCK_MONOTONIC, ns; realtime: what
 * CLOCK_REALTIME was ahead of it then.
 */
uint64_t residue_since(uint64_t begun, uint64_t realtime);

/* Start it, as `as`. It waits. Without it nothing is found, and the list is incomplete. */
void residue_look_start(struct residue_look *l, const struct residue_sources *s,
			const struct run_as *as);
/* Look for what has changed since that time (CLOCK_REALTIME, ns), for `ms` at most: what was found
 * until then is added to *ret. It ends. */
void residue_look_take(struct residue *ret, struct residue_look *l, uint64_t since, int ms);
/* Let it end. */
void residue_look_free(struct residue_look *l);

/* Look into the spools, with own rights, for what belongs to that user; name may be NULL. */
void residue_look_spools(struct residue *ret, uint64_t since, uid_t uid, const char *name);

#endif
