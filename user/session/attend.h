/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * attend.h - what the process that started the command does for it while it runs: hand signals on,
 * stop and continue with it, and reap it.
 */
#ifndef WORMSIGN_ATTEND_H
#define WORMSIGN_ATTEND_H

#include <stdbool.h>

#include "base/error.h"
#include "session/admitter.h"
#include "session/launch.h"
#include "session/watchdog.h"

struct attend {
	/* set by the caller; begins with signals -1 */
	struct launch *launch;
	struct watchdog *watchdog;   /* its death is noticed, too; NULL: none */
	struct admitter *admitter;   /* the same */
	void (*before_stop)(void *); /* called before this process stops; NULL: nothing */
	void *arg;
	int signals; /* to poll for reading */

	/* results */
	int status;	     /* the command's wait status */
	int terminal_signal; /* SIGINT or SIGQUIT if the terminal sent one, else 0 */
	bool ended;	     /* the command has */
	bool hurry;	     /* a signal came after that: no more grace */
	bool watchdog_died, admitter_died;
};

/* Take the signals (see signals.h), and become the parent of orphans. Call before the command is
 * forked. */
int attend_prepare(struct attend *a, struct error *e);
/* Handle the signals that wait, and reap children. */
void attend_take(struct attend *a);
/* Only the second. */
void attend_reap(struct attend *a);
void attend_free(struct attend *a);

#endif
