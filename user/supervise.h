/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * supervise.h - the time between the command's start and the death of its session's last process:
 * records are handed to the observer, signals to the command, what is condemned is swept, what is
 * left over is ended.
 */
#ifndef WORMSIGN_SUPERVISE_H
#define WORMSIGN_SUPERVISE_H

#include <signal.h>

#include "cgroup.h"
#include "keeper.h"
#include "launch.h"
#include "loader.h"
#include "observer.h"
#include "ring.h"

struct supervise {
	struct loader *loader;
	uint64_t session;
	const struct cgroup *cgroup;
	struct keeper *keeper;
	struct launch *launch;
	struct observer *observer;
	struct ring *ring;
	int grace_ms; /* for so long what outlives the command may end by itself */

	/* results */
	int status;	     /* the command's wait status */
	int terminal_signal; /* SIGINT or SIGQUIT, when the terminal sent us one */
	bool broken;	     /* the keeper died: the session was ended */
	unsigned leftovers;  /* processes that outlived the command and were killed */
	char left_names[96]; /* of the first of them: "node, sh" */

	/* its own */
	bool ended, hurry, sweep, stop;
	uint32_t halted[16]; /* processes that a killed tracer may have left stopped */
	unsigned halted_count;
	int signals;
};

/*
 * Block what the loop will take, and become the parent of orphans. Before the command is forked, so
 * that no signal is lost between.
 */
int supervise_prepare(struct supervise *s, struct error *e);
/* The signal that has come since then and would have ended a program that is still starting, or 0.
 */
int supervise_interrupted(void);
/* A ring_fn; arg is the struct supervise. */
void supervise_record(void *arg, const struct ws_head *rec);
/*
 * Until nothing of the session lives. Returns 0, or -errno with e: the loop itself failed; the
 * session is dead even then.
 */
int supervise(struct supervise *s, struct error *e);
void supervise_free(struct supervise *s);

#endif
