/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event.h - records and session facts as events: JSON objects in the Elastic Common Schema, as
 * user/event.schema.json describes them. Records must have passed ring_check.
 *
 * Every string in them is redacted (redact_text.h) and escaped (escape.h). event.action is the kind
 * of event: session-start, scope, exec, verdict, death, net, leftover, session-end.
 */
#ifndef WORMSIGN_EVENT_H
#define WORMSIGN_EVENT_H

#include <jansson.h>
#include <stdint.h>

#include "events/event_context.h"
#include "events/residue.h"
#include "events/session_facts.h"
#include "wire.h"

/* Versions of the log's schema and of ECS. */
#define EVENT_SCHEMA "2"
#define EVENT_ECS    "8.17.0"

/*
 * Each returns a new object that the caller owns, and counts it in c->sequence. If memory runs out,
 * members are missing, or it returns NULL. Times are CLOCK_MONOTONIC, ns.
 */
json_t *event_session_start(struct event_context *c, uint64_t time, const struct session_start *s);
json_t *event_scope(struct event_context *c, const struct ws_rec_scope *r);
json_t *event_exec(struct event_context *c, const struct ws_rec_exec *r);
json_t *event_verdict(struct event_context *c, const struct ws_rec_verdict *r);
/*
 * Also a verdict event: a script has looked for `files` different files of the home. r: the last of
 * these verdicts; hidden: whether the files were hidden from it.
 */
json_t *event_search(struct event_context *c, const struct ws_rec_verdict *r, unsigned files,
		     bool hidden);
/* Also a verdict event: the exec r ran a program of a package (NULL: not known which) in place of
 * the system's program `name`. Both are redacted. */
json_t *event_shadowed(struct event_context *c, const struct ws_rec_exec *r, const char *name,
		       const char *package);
/* Also a verdict event, at the end of the session: for verdicts that were only counted. */
json_t *event_repeated(struct event_context *c, uint64_t time, const struct verdict_repeated *r);
json_t *event_death(struct event_context *c, const struct ws_rec_exit *r);
json_t *event_net(struct event_context *c, const struct ws_rec_net *r);
json_t *event_leftover(struct event_context *c, uint64_t time, const struct session_leftover *l);
/* strongest: of the verdicts carried out. */
/* What was found changed; item->actor says who changed it, if that is known. */
json_t *event_residue(struct event_context *c, uint64_t time, const struct residue_item *item);
json_t *event_session_end(struct event_context *c, uint64_t time, const struct session_end *end,
			  const struct session_counts *counts, enum ws_action strongest);

#endif
