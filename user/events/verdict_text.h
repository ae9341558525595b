/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict_text.h - a verdict in words: what was tried, and what became of it. Redacted, not
 * escaped. The words follow the effect in the record, which is what happened, not the action of the
 * rule.
 */
#ifndef WORMSIGN_VERDICT_TEXT_H
#define WORMSIGN_VERDICT_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "wire.h"

/* Append the absolute path of the object, and of the second one of rename and link. Not redacted.
 * Returns false if there is none, or the kernel could not resolve it. */
bool verdict_path(struct buf *out, const struct ws_rec_verdict *r);
bool verdict_path2(struct buf *out, const struct ws_rec_verdict *r);

/*
 * Append "read ~/.aws/credentials", "connect to 203.0.113.9:443 (tcp)". home: paths below it begin
 * with a tilde; target: name of the process r->target_pid. Both may be NULL.
 */
void verdict_tried(struct buf *out, const struct ws_rec_verdict *r, const char *home,
		   const char *target);

/* Append the path as people write it: with a tilde for home, which may be NULL. */
void verdict_add_path(struct buf *out, const struct buf *path, const char *home);
/* Append "203.0.113.9:443 (tcp)". */
void verdict_address(struct buf *out, const struct ws_address *a);

/* Append "refused before a byte was read", "killed after the fact: the file is gone". */
void verdict_effect(struct buf *out, const struct ws_rec_verdict *r);

/* Whether the operation was done, or may have been. */
bool verdict_done(const struct ws_rec_verdict *r);
/* The sentence for one that was not: what needs no work. */
const char *verdict_undone(unsigned op);

/* ECS event.category (NULL-ended, at most two) and event.type of an operation. */
const char *const *verdict_category(unsigned op);
const char *verdict_type(unsigned op);

/* Whether this verdict kills the script that acted. What is to be hidden ends no more than the
 * process that asked for it. */
static inline bool verdict_kills(const struct ws_rec_verdict *r)
{
	return r->mode == WS_MODE_ENFORCE && r->action != WS_HIDE &&
	       (r->action >= WS_KILL || r->effect == WS_EFFECT_KILLED_BEFORE ||
		r->effect == WS_EFFECT_KILLED_AFTER);
}

#endif
