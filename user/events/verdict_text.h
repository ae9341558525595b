/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict_text.h - a verdict in words: what was tried, what became of it, under which rule.
 * Redacted, not escaped. The words come from the effect in the record, never from what the rule
 * wished for.
 */
#ifndef WORMSIGN_VERDICT_TEXT_H
#define WORMSIGN_VERDICT_TEXT_H

#include "buf.h"
#include "ruleset.h"
#include "wire.h"

/* A rule, or what the engine decides by itself in a rule's place. */
struct verdict_rule {
	const char *id, *title, *why, *remedy, *family;
	enum ws_severity severity;
	enum ws_action action;
	const struct rule *rule; /* NULL: the engine's */
};

void verdict_rule(struct verdict_rule *ret, const struct ruleset *rules, uint32_t index);
/* The rule about processes that outlive the command, for this actor; the engine's when no rule says
 * anything. */
void verdict_rule_outlive(struct verdict_rule *ret, const struct ruleset *rules, unsigned actor);

/* Path of the object, absolute; false: there is none, or it could not be resolved. */
bool verdict_path(struct buf *out, const struct ws_rec_verdict *r);
bool verdict_path2(struct buf *out, const struct ws_rec_verdict *r);

/*
 * Append "read ~/.aws/credentials", "connect to 203.0.113.9:443 (tcp)". home may be NULL; target:
 * name of the process with r->target_pid, or NULL.
 */
void verdict_tried(struct buf *out, const struct ws_rec_verdict *r, const char *home,
		   const char *target);

/* Append "refused before a byte was read", "killed after the fact: the file is gone". */
void verdict_effect(struct buf *out, const struct ws_rec_verdict *r);

/* ECS event.category (up to two, NULL-ended) and event.type of an operation. */
const char *const *verdict_category(unsigned op);
const char *verdict_type(unsigned op);

/* Whether the process that acted is dead or about to die by this verdict. */
static inline bool verdict_kills(const struct ws_rec_verdict *r)
{
	return r->mode == WS_MODE_ENFORCE &&
	       (r->action >= WS_KILL || r->effect == WS_EFFECT_KILLED_BEFORE ||
		r->effect == WS_EFFECT_KILLED_AFTER);
}

#endif
