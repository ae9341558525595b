/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * heartbeat.h - that delivery is alive, so that a receiver can alarm on silence; and once a day, or
 * when it changes, what this machine is: version, kernel, backend, rules. The file `heartbeat` of
 * the spool keeps what has been said from one process to the next.
 */
#ifndef WORMSIGN_HEARTBEAT_H
#define WORMSIGN_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "delivery/sink_set.h"
#include "delivery/spool.h"

struct heartbeat_counts {
	uint64_t alerts, events; /* put into the spool by this process */
	uint64_t lost;		 /* events that found no room, or were dropped for their age */
};

struct heartbeat {
	int dir; /* not owned */
	uint64_t interval_ms;
	int64_t next;	       /* clock_ms(); 0: no heartbeats */
	uint64_t origin;       /* of this spool, random */
	uint64_t sequence;     /* of the last heartbeat or inventory */
	uint64_t inventory_at; /* the last inventory: by the spool's clock, ns; 0: none yet */
	uint64_t inventory;    /* its content, as a hash */
};

/* interval_ms 0: no heartbeats. The first one is due after one interval. */
void heartbeat_open(struct heartbeat *ret, int dir, uint64_t interval_ms);
/* ms until the next one, at most `most`. */
int heartbeat_pause(const struct heartbeat *h, int most);
/* Append one to the spool if it is time: 1; 0: it is not; -errno with e. */
int heartbeat_beat(struct heartbeat *h, struct spool *s, const struct heartbeat_counts *n,
		   const struct sink_set *sinks, struct error *e);
/* The event is in the spool: if it is the start of a session, append the inventory after it, unless
 * that was done within a day and nothing has changed: 1; 0: nothing was appended; -errno with e. */
int heartbeat_look(struct heartbeat *h, struct spool *s, const char *event, size_t len,
		   struct error *e);

#endif
