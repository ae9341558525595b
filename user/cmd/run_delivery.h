/* SPDX-License-Identifier: GPL-2.0-only */
/* run_delivery.h - the end of a session's delivery. */
#ifndef WORMSIGN_RUN_DELIVERY_H
#define WORMSIGN_RUN_DELIVERY_H

#include "cmd/run_options.h"
#include "session/delivery_feed.h"
#include "session/run_as.h"

/*
 * Start it if a sink or a configuration is named. It starts as root and writes as a user of its
 * own, so the user who called sudo may name no file for it: -EPERM. Errors in a configuration that
 * he may not read are not shown to him. *ret is set only if it was started.
 */
int run_delivery_start(struct delivery_feed **ret, const struct run_options *o,
		       const struct run_as *as, struct error *e);

/* Deliver what is left within flush_ms, and say on stderr what is not. 0: all is. */
int run_delivery_end(struct delivery_feed *f, uint64_t flush_ms);

#endif
