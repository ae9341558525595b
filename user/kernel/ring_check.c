// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring_check.c - see ring_check.h. A record may end with the last valid byte of its last array: the
 * kernel side need not send the unused rest of a path's room. So an array is looked at only as far
 * as its length says.
 */
#include "kernel/ring_check.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "wire.h"

/* Whether `len` bytes at `offset` lie within the record, and within the `room` of their array. */
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

static bool check_made(const struct ws_rec_made *r, size_t size)
{
	return fits(size, offsetof(struct ws_rec_made, path), 0, 0) &&
	       memchr(r->name, 0, sizeof(r->name)) &&
	       fits(size, offsetof(struct ws_rec_made, path), r->path_len, sizeof(r->path));
}

static bool check_home(const struct ws_rec_home *r, size_t size)
{
	return size == sizeof(*r) && r->path[sizeof(r->path) - 1] == 0;
}

static bool is_rule(__u32 rule)
{
	return rule < WS_RULES_MAX || (rule >= WS_RULE_HELD && rule <= WS_RULE_NONE);
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
		[WS_REC_MADE] = sizeof(struct ws_rec_made),
		[WS_REC_HOME] = sizeof(struct ws_rec_home),
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
	case WS_REC_MADE:
		good = check_made(data, size);
		break;
	case WS_REC_HOME:
		good = check_home(data, size);
		break;
	default: /* no arrays in the others */
		good = size == most[head->kind];
	}
	return good ? 0 : -EBADMSG;
}
