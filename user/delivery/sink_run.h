/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink_run.h - one sink at work: a thread that reads the spool from the sink's cursor on, sends
 * batches, waits and tries again, and moves the cursor. Sinks do not wait for each other.
 */
#ifndef WORMSIGN_SINK_RUN_H
#define WORMSIGN_SINK_RUN_H

#include "base/error.h"
#include "delivery/sink.h"
#include "delivery/spool.h"

struct sink_run;

struct sink_run_options {
	struct spool *spool;
	int dir;
	uint64_t since; /* begin with records that were taken then (ns since 1970), and leave the
			   cursor alone; 0: go on at the cursor */
};

struct sink_state {
	uint64_t pending[SPOOL_STREAMS]; /* records of the spool that it has not passed */
	uint64_t delivered, refused;	 /* events, since the start */
	uint64_t tries;			 /* that failed, since the last success */
	char why[256];			 /* of the last failure */
};

/* settings outlive it. -errno with e: its cursor cannot be read or written. A sink that cannot be
 * opened is tried again; sink_set_try() says beforehand what is wrong with it. */
int sink_run_start(struct sink_run **ret, const struct sink_settings *settings,
		   const struct sink_run_options *o, struct error *e);
void sink_run_state(struct sink_run *r, struct sink_state *ret);
const char *sink_run_name(const struct sink_run *r);
/* Ask it to end; then wake the spool's waiters and call sink_run_free(), which waits for it. */
void sink_run_stop(struct sink_run *r);
void sink_run_free(struct sink_run *r);

/* Pause before the try after `tries` failures, ms: doubles from 0.5 s to a minute, and up to half
 * of it is taken away at random (random: any number). */
uint64_t sink_run_pause(uint64_t tries, uint32_t random);

#endif
