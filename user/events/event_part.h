/* SPDX-License-Identifier: GPL-2.0-only */
/* event_part.h - the parts that events are made of: one ECS object each, from one kind of fact. For
 * event.c. */
#ifndef WORMSIGN_EVENT_PART_H
#define WORMSIGN_EVENT_PART_H

#include "event.h"
#include "verdict_text.h"

/* A string of the log: redacted and escaped. */
json_t *part_text(const char *bytes, size_t len);
/* ... escaped only: what is redacted already, or cannot hold a secret. */
json_t *part_clean(const char *bytes, size_t len);
/* Set object[key] to value (stolen); a NULL value means that memory ran out, and makes it fail as
 * the rest will. */
void part_set(json_t *object, const char *key, json_t *value);
/* ... only if there is a string. */
void part_set_text(json_t *object, const char *key, const char *text);
void part_set_clean(json_t *object, const char *key, const char *text);
/* The member, made an empty object if it is not there. */
json_t *part_object(json_t *object, const char *key);
/* A number of 64 bits that JSON readers would round. */
json_t *part_id(uint64_t id);
json_t *part_time(uint64_t realtime);
json_t *part_label_names(const struct ruleset *rules, uint64_t labels);
json_t *part_flags(uint32_t flags);

void part_process(json_t *event, const struct event_context *c, const struct ws_head *h,
		  const struct process *p);
void part_argv(json_t *event, const char *argv, size_t len, bool cut);
void part_executable(json_t *event, const char *path, size_t len);
void part_lineage(json_t *event, const struct process *p);
void part_scope(json_t *event, const struct event_context *c, const struct scope *s);
/* Also event.severity, event.reason and, with what is known of the scope (may be NULL), the remedy.
 */
void part_rule(json_t *event, const struct verdict_rule *r, const struct scope *s);
void part_file(json_t *event, const char *path, size_t len);
void part_network(json_t *event, const struct ws_address *a);

#endif
