/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event.h - checked records as events: JSON objects in the Elastic Common Schema, described by
 * event.schema.json.
 *
 * Every string in them is redacted (redact.h) and escaped (escape.h). event.action tells the kind
 * of event: session-start, scope, exec, verdict, death, net, leftover, session-end.
 */
#ifndef WORMSIGN_EVENT_H
#define WORMSIGN_EVENT_H

#include <jansson.h>
#include <stdint.h>

#include "loader.h"
#include "observer.h"
#include "process_table.h"
#include "ruleset.h"
#include "scope_table.h"
#include "wire.h"

#define EVENT_SCHEMA "1"
#define EVENT_ECS    "8.17.0"

/* What all events of a session have in common. */
struct event_context {
	const struct ruleset *rules; /* may be NULL */
	const struct process_table *processes;
	struct scope_table *scopes;
	uint64_t session;
	enum ws_mode mode;
	enum ws_backend backend;
	uint64_t realtime; /* add to a record's time: ns since the epoch */
	uint64_t sequence; /* number of the last event made */
	const char *host;
	const char *user; /* name of `uid`, may be NULL */
	uint32_t uid;
};

/* Each returns a new object, owned by the caller; when memory runs out it lacks members, or is
 * NULL. */
json_t *event_session_start(struct event_context *c, uint64_t time,
			    const struct observer_options *o);
json_t *event_scope(struct event_context *c, const struct ws_rec_scope *r);
json_t *event_exec(struct event_context *c, const struct ws_rec_exec *r);
json_t *event_verdict(struct event_context *c, const struct ws_rec_verdict *r);
json_t *event_death(struct event_context *c, const struct ws_rec_exit *r);
json_t *event_net(struct event_context *c, const struct ws_rec_net *r);
json_t *event_leftover(struct event_context *c, uint64_t time, const struct observer_leftover *l);

/* What the observer counted, for the last event. */
struct event_counts {
	uint64_t processes, execs, scopes, verdicts, alerts, hidden, killed;
	uint64_t unwritten; /* events that could not be written to the log */
	uint64_t folded; /* events that were counted, not written, because there were too many like
			    them */
};
json_t *event_session_end(struct event_context *c, uint64_t time, const struct observer_end *end,
			  const struct event_counts *counts, enum ws_action strongest);

#endif
