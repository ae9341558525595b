/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * supervise.h - the loop that runs from the command's start until the last process of its session
 * has ended: it takes the session's records, kills condemned processes, and ends what outlives the
 * command. Both ways into a session run it: a lone `run` (supervise_alone.h), and the agent's
 * worker (agent/worker.h).
 */
#ifndef WORMSIGN_SUPERVISE_H
#define WORMSIGN_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>

#include "events/withheld.h"
#include "kernel/loader.h"
#include "session/admitter.h"
#include "session/cgroup.h"
#include "session/halted.h"
#include "session/leftovers.h"

/* What differs between the two ways. arg is the same for all. */
struct supervise_ways {
	int records; /* polled for reading: then `consume` is called */
	int news;    /* polled for reading: then `take_news` is */
	int other;   /* readable when the process has died that ends the session if we die */
	int admitter, admitted; /* those of struct admitter; the second is news, too */
	/* Hand records that wait to supervise_record(). A limited share, so that a flood starves
	 * nothing else; > 0: there may be more. */
	int (*consume)(void *arg);
	/* ... and all that the kernel had when this was called, in so many shares at most */
	void (*drain)(void *arg, int rounds);
	void (*record)(void *arg, const struct ws_head *rec);
	/* Nothing waits. Returns after how many ms to call again at the latest; -1: no need. */
	int (*tick)(void *arg);
	/* The command ended (s->ended), there is no more grace (s->hurry), ... */
	void (*take_news)(void *arg);
	leftover_fn leftover;
	void *arg;
};

struct supervise {
	/* set by the caller */
	struct loader *loader;
	uint64_t session;
	const struct cgroup *cgroup;
	struct supervise_ways ways;
	/* time that processes have to end by themselves after the command; negative: any */
	int grace_ms;

	/* set by ways.take_news */
	bool ended; /* the command has */
	bool hurry; /* no more grace */

	/* results */
	bool broken; /* the other process or the admitter died: the session was ended */
	struct withheld withheld;   /* what the admitter did */
	struct leftovers leftovers; /* processes that outlived the command and were killed */

	/* internal */
	bool sweep;		     /* condemned processes may be alive */
	bool stop;		     /* a verdict `stop` came */
	long next_sweep, grace_ends; /* CLOCK_MONOTONIC, ms; grace_ends 0: not begun */
	struct halted halted;	     /* processes that a verdict may have left stopped */
};

/* A ring_fn; arg is the struct supervise. */
void supervise_record(void *arg, const struct ws_head *rec);
/* Take a report of the admitter about a script of the session. */
void supervise_admitted(struct supervise *s, const struct admitted *a);
/*
 * Returns when no process of the session lives: 0, or -errno with e if the loop itself failed.
 */
int supervise(struct supervise *s, struct error *e);

#endif
