/* SPDX-License-Identifier: GPL-2.0-only */
/* sink_set.h - all sinks of a configuration at work on one spool. */
#ifndef WORMSIGN_SINK_SET_H
#define WORMSIGN_SINK_SET_H

#include <stdbool.h>

#include "base/buf.h"
#include "delivery/delivery_config.h"
#include "delivery/sink_run.h"

struct sink_set {
	struct sink_run **at;
	size_t count;
};

/* -errno with e, which names the sink; then none is left running. */
int sink_set_start(struct sink_set *ret, const struct delivery_config *c,
		   const struct sink_run_options *o, struct error *e);
/* Open and close each sink once, to know what is wrong before anything depends on it. */
int sink_set_try(const struct delivery_config *c, struct error *e);
/* What is pending in the worst of them, by stream; refused: the sum. */
void sink_set_state(const struct sink_set *s, struct sink_state *ret);
bool sink_set_done(const struct sink_set *s);
/* A line for each sink that is not done: "NAME: 3 alerts, 10 events not delivered: why". */
void sink_set_explain(const struct sink_set *s, struct buf *out);
/* Wake and wait for all. */
void sink_set_end(struct sink_set *s, struct spool *spool);

#endif
