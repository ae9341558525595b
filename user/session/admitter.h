/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * admitter.h - a process that admits the scripts of packages: the kernel side stops each of them at
 * its exec; the admitter empties the variables of its environment that are secret
 * (environment_secrets.h), looks where its files with credentials are (config_chain.h), and lets it
 * run. The script has not executed one instruction by then. On the backend deny the kernel side
 * hides those files; on watch the admitter refuses them to packages (file_guard.h).
 *
 * It is a process of its own, because it must not wait for anything, and because it keeps the right
 * to write to other processes. If it dies the session is ended: scripts stay stopped. A script
 * whose environment it cannot empty is killed.
 */
#ifndef WORMSIGN_ADMITTER_H
#define WORMSIGN_ADMITTER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "kernel/loader.h"
#include "policy/ruleset.h"
#include "session/admitted.h"

struct admitter {
	pid_t pid;  /* 0: none */
	int pidfd;  /* readable when it has died */
	int socket; /* for reports; our death closes it, and so tells the admitter */
};

/* Why scripts cannot be held and admitted here, in words; NULL: they can. */
const char *admitter_unavailable(void);

/* All of it stays the caller's. */
struct admitter_options {
	const char *const *keep;     /* see environment_secrets.h */
	const struct ruleset *rules; /* NULL: it looks at no files */
	const char *const *homes;    /* see config_chain.h */
	uint64_t session;	     /* the only one of this kernel side, or ... */
	bool each_session;	     /* ... it has many, of other users (admitters.h) */
};

/* Start it. Call while this process has all its rights. 0, or -errno with e. */
int admitter_start(struct admitter *ret, struct loader *l, const struct admitter_options *o,
		   struct error *e);
/* Make it exit, and reap it. Does nothing for one that was not started. */
void admitter_end(struct admitter *a);

#endif
