// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring_check.c - whether bytes are a record that the rest may trust: sizes, version, enumerations,
 * lengths.
 *
 * A record may end behind the last of its bytes that are valid (the kernel side need not send the
 * unused rest of a path's room); so what follows a length is looked at only as far as that length
 * reaches.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "ring.h"

/* `len` bytes at `offset` lie within the record and within the `room` of their array. */
static bool fits(size_t size, size_t offset, size_t len, size_t room)
{
	return len <= room && offset <= size && len <= size - offset;
}

static bool check_exec(const struct ws_rec_exec *r, size_t size)
{
	return fits(size, offsetof(struct ws_rec_exec, exe), 0, 0) &&
	       r->argv.len <= sizeof(r->argv.bytes) &&
	       fits(size, offsetof(struct ws_rec_exec, exe), r->exe_len, sizeof(r->exe));
}

static bool check_scope(const struct ws_rec_scope *r, size_t size)
{
	return fits(size, offsetof(struct ws_rec_scope, dir), 0, 0) &&
	       r->scope.actor < WS_ACTOR_MAX &&
	       fits(size, offsetof(struct ws_rec_scope, dir), r->dir_len, sizeof(r->dir));
}

static bool is_rule(__u32 rule)
{
	return rule < WS_RULES_MAX || (rule >= WS_RULE_GUARD && rule <= WS_RULE_NONE);
}

static bool check_verdict(const struct ws_rec_verdict *r, size_t size)
{
	if (!fits(size, offsetof(struct ws_rec_verdict, path.bytes), 0, 0) || r->op >= WS_OP_MAX ||
	    !is_rule(r->rule) || r->action >= WS_ACTION_MAX || r->effect >= WS_EFFECT_MAX ||
	    r->place >= WS_PLACE_MAX || r->mode > WS_MODE_AUDIT ||
	    r->argv.len > sizeof(r->argv.bytes) ||
	    !fits(size, offsetof(struct ws_rec_verdict, path.bytes), r->path.len,
		  sizeof(r->path.bytes)))
		return false;
	if (!r->path2_valid)
		return true;
	return fits(size, offsetof(struct ws_rec_verdict, path2.bytes), 0, 0) &&
	       fits(size, offsetof(struct ws_rec_verdict, path2.bytes), r->path2.len,
		    sizeof(r->path2.bytes));
}

int ring_check(const void *data, size_t size)
{
	static const size_t most[WS_REC_MAX] = {
		[WS_REC_EXEC] = sizeof(struct ws_rec_exec),
		[WS_REC_EXIT] = sizeof(struct ws_rec_exit),
		[WS_REC_SCOPE] = sizeof(struct ws_rec_scope),
		[WS_REC_VERDICT] = sizeof(struct ws_rec_verdict),
		[WS_REC_NET] = sizeof(struct ws_rec_net),
		[WS_REC_DEATH] = sizeof(struct ws_rec_exit),
	};
	const struct ws_head *head = data;
	bool good;

	if (size < sizeof(*head) || head->size != size || head->version != WS_WIRE_VERSION ||
	    head->kind == WS_REC_NONE || head->kind >= WS_REC_MAX || size > most[head->kind] ||
	    head->actor >= WS_ACTOR_MAX || head->backend > WS_BACKEND_WATCH)
		return -EBADMSG;
	switch (head->kind) {
	case WS_REC_EXEC:
		good = check_exec(data, size);
		break;
	case WS_REC_SCOPE:
		good = check_scope(data, size);
		break;
	case WS_REC_VERDICT:
		good = check_verdict(data, size);
		break;
	default: /* no lengths in the others */
		good = size == most[head->kind];
	}
	return good ? 0 : -EBADMSG;
}
