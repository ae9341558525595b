/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_part.h - the parts that events are made of: strings, numbers and one ECS object for each
 * kind of fact.
 *
 * A value of NULL is left out: it could not be made because memory ran out, and then the event
 * lacks members anyway.
 */
#ifndef WORMSIGN_EVENT_PART_H
#define WORMSIGN_EVENT_PART_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "events/ci_jobs.h"
#include "events/withheld.h"
#include "events/event_context.h"
#include "events/verdict_rule.h"
#include "wire.h"

/* A string for the log: redacted and escaped. */
json_t *part_text(const char *bytes, size_t len);
/* The same, escaped only: for text that is redacted already or cannot hold a secret. */
json_t *part_clean(const char *bytes, size_t len);
/* Set object[key] to value, whose reference it takes. */
void part_set(json_t *object, const char *key, json_t *value);
/* Set object[key] to part_text() or part_clean() of text, unless that is NULL or "". */
void part_set_text(json_t *object, const char *key, const char *text);
void part_set_clean(json_t *object, const char *key, const char *text);
/* The member `key`, created as an empty object if there is none. */
json_t *part_object(json_t *object, const char *key);
/* A number of 64 bits as 16 hex digits: JSON readers would round it. */
json_t *part_id(uint64_t id);
/* ns since the epoch, as RFC 3339. */
json_t *part_time(uint64_t realtime);
/* Arrays of names; rules may be NULL, labels are "label-N" then. */
json_t *part_label_names(const struct ruleset *rules, uint64_t labels);
json_t *part_op_names(uint32_t ops);
/* Which job of a CI system it is: a provider and what else is known. */
json_t *part_job(const struct job_identity *j);
/* What was withheld from scripts. */
json_t *part_withheld(const struct withheld *w);
json_t *part_flags(uint32_t flags);
json_t *part_strings(const struct strings *s); /* escaped, not redacted */

/* Each adds to `event` the members that describe one thing; p and s may be NULL: not known. */

/* process and user. */
void part_process(json_t *event, const struct event_context *c, const struct ws_head *h,
		  const struct process *p);
/* process.args, args_count and command_line; nothing for an empty argv. */
void part_argv(json_t *event, const char *argv, size_t len, bool cut);
/* process.executable and process.name. */
void part_executable(json_t *event, const char *path, size_t len);
/* wormsign.lineage and lineage_incomplete. */
void part_lineage(json_t *event, const struct process *p);
/* package, and of wormsign: scope, event, directory, declared, purl. */
void part_scope(json_t *event, const struct scope *s);
/* Of wormsign: the project that the scope belongs to (the directory above its outermost
 * node_modules), else where the command was started; and the command's line. */
void part_project(json_t *event, const struct event_context *c, const struct scope *s);
/* rule, threat, event.severity and reason, wormsign.severity and remedy. */
void part_rule(json_t *event, const struct verdict_rule *r, const struct scope *s);
/* file.path and file.name. */
void part_file(json_t *event, const char *path, size_t len);
/* destination and network; nothing if there is no address. */
void part_network(json_t *event, const struct ws_address *a);

/* The host, user and address that the event names elsewhere, once more where ECS collects them.
 * Call when the event is complete; NULL does nothing. */
void part_related(json_t *event);

#endif
