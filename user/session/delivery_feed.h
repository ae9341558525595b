/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * delivery_feed.h - a session's side of delivery: starts the delivery process, and hands it every
 * event. No call but delivery_feed_start() and delivery_feed_finish() waits for anything: what the
 * other side does not take is kept here, alerts without a limit, other events up to 32 MiB.
 */
#ifndef WORMSIGN_DELIVERY_FEED_H
#define WORMSIGN_DELIVERY_FEED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "events/feed_message.h"

struct delivery_feed;

struct delivery_options {
	const char *config, *spool; /* NULL: the defaults */
	const char *const *sinks;   /* NULL-ended: --sink */
	uint64_t flush_ms;	    /* time to deliver what is left at the end */
};

struct delivery_end {
	uint64_t alerts_left, events_left; /* that did not reach the spool */
	bool died;		   /* the delivery process did, and could not be restarted */
	struct feed_result result; /* not set if it died */
	char text[1024];	   /* a line for each sink that has not received everything */
};

/* Start the process and wait until it is ready. -errno with e: what is wrong with the
 * configuration, line by line. */
int delivery_feed_start(struct delivery_feed **ret, const struct delivery_options *o,
			struct error *e);
/*
 * Hand events to the service that listens at path, which is root's; wait until it answers. When it
 * is restarted, the feed connects anew and sends again what is not on disk. -errno with e: it is
 * not there, or does not answer.
 */
int delivery_feed_connect(struct delivery_feed **ret, const char *path, struct error *e);
/* For a process that exists: socket becomes the feed's. */
int delivery_feed_adopt(struct delivery_feed **ret, int socket);
void delivery_feed_free(struct delivery_feed *f);

/* A session_log_fn; arg is the feed. */
void delivery_feed_event(void *arg, const json_t *event, const char *line, size_t len);
/* Send what waits and take answers. Call now and then. */
void delivery_feed_pump(struct delivery_feed *f);
/* For how long, in ms, an alert has waited to be put on disk, if that is longer than delivery's
 * configuration lets a session go on; else 0. */
int64_t delivery_feed_unsaved_ms(const struct delivery_feed *f);
/* Let it deliver what is left, for so long at most. 0: every sink has every event. */
int delivery_feed_finish(struct delivery_feed *f, uint64_t flush_ms, struct delivery_end *ret);

#endif
