// SPDX-License-Identifier: GPL-2.0-only
/* writers.c - see writers.h. */
#include "events/writers.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/tally.h"
#include "events/decode.h"
#include "events/verdict_text.h"

#define SLOTS 4096

struct writer {
	uint64_t path, scope; /* path: its hash */
	uint32_t actor, pad;
};

static void enter(struct writers *w, const struct buf *path, const struct ws_head *h)
{
	uint64_t hash = tally_hash(path->at, path->len);

	w->at = w->at ?: calloc(SLOTS, sizeof(*w->at));
	if (w->at)
		w->at[hash % SLOTS] =
			(struct writer){ .path = hash, .scope = h->scope, .actor = h->actor };
}

void writers_record(struct writers *w, const struct ws_head *rec)
{
	const struct ws_rec_verdict *v = (const struct ws_rec_verdict *)rec;
	const struct ws_rec_made *m = (const struct ws_rec_made *)rec;
	_buf_ struct buf path = BUF_INIT, path2 = BUF_INIT;

	if (rec->kind == WS_REC_MADE) {
		decode_path(&path, m->path, m->path_len, rec->flags & WS_F_PATH_CUT);
		enter(w, &path, rec);
	}
	if (rec->kind != WS_REC_VERDICT || v->op == WS_OP_READ ||
	    !(WS_OPS_ON_FILES & 1u << v->op) || !verdict_done(v))
		return;
	if (verdict_path(&path, v))
		enter(w, &path, rec);
	if (verdict_path2(&path2, v))
		enter(w, &path2, rec);
}

uint32_t writers_find(const struct writers *w, const char *path, uint64_t *ret_scope)
{
	uint64_t hash = tally_hash(path, strlen(path));
	const struct writer *at = w->at ? &w->at[hash % SLOTS] : NULL;

	if (!at || at->path != hash)
		return WS_ACTOR_NONE;
	*ret_scope = at->scope;
	return at->actor;
}

void writers_free(struct writers *w)
{
	free(w->at);
	w->at = NULL;
}
