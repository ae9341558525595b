/* SPDX-License-Identifier: GPL-2.0-only */
/* own_event.h - events of delivery itself, in the form of those of the log
 * (user/event.schema.json): gaps, heartbeats, the inventory of the machine. */
#ifndef WORMSIGN_OWN_EVENT_H
#define WORMSIGN_OWN_EVENT_H

#include <jansson.h>
#include <stdint.h>

#include "base/buf.h"

#define OWN_EVENT_ID 64

struct own_event {
	const char *action, *kind; /* event.action, and event.kind as ECS has it */
	uint64_t origin;	   /* a random number: of the spool, or where it stands */
	uint64_t sequence;	   /* the id is ACTION-ORIGIN-SEQUENCE */
};

void own_event_id(char ret[OWN_EVENT_ID], const struct own_event *o);
/* What all have: time, host, version. NULL without memory. */
json_t *own_event_new(const struct own_event *o, const char *message);
/* Append it as one line of ASCII; takes event. Without memory, or with NULL, out has failed. */
void own_event_write(struct buf *out, json_t *event);

#endif
