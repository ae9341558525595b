/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * admitter.h - a process that admits the scripts of packages: the kernel side stops each of them at
 * its exec; the admitter empties the variables of its environment that are secret
 * (environment_secrets.h), and lets it run. The script has not executed one instruction by then.
 *
 * It is a process of its own, because it must not wait for anything, and because it keeps the right
 * to write to other processes. If it dies the session is ended: scripts stay stopped. A script
 * whose environment it cannot empty is killed.
 */
#ifndef WORMSIGN_ADMITTER_H
#define WORMSIGN_ADMITTER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "kernel/loader.h"

struct admitter {
	pid_t pid;  /* 0: none */
	int pidfd;  /* readable when it has died */
	int socket; /* for reports; our death closes it, and so tells the admitter */
};

/* Why scripts cannot be held and admitted here, in words; NULL: they can. */
const char *admitter_unavailable(void);

/* Start it. Call while this process has all its rights. keep: see environment_secrets.h; they stay
 * the caller's. 0, or -errno with e. */
int admitter_start(struct admitter *ret, struct loader *l, const char *const *keep,
		   struct error *e);
/* Make it exit, and reap it. Does nothing for one that was not started. */
void admitter_end(struct admitter *a);

#define ADMITTED_MAX 4096

/* What it did for one script. */
struct admitted {
	uint64_t scope;	 /* the script's record */
	uint32_t failed; /* errno: the script was killed; 0: it runs */
	uint32_t len;
	char names[ADMITTED_MAX]; /* the variables that it emptied, each with a NUL */
};

/* The next report; -EAGAIN: none so far; -EPIPE: it is dead. */
int admitter_read(struct admitter *a, struct admitted *ret);

#endif
