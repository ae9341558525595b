// SPDX-License-Identifier: GPL-2.0-only
/* held_blocks.c - which verdicts get a block, and when it is printed. */
#include "session/held_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "events/dependents.h"
#include "events/scope_table.h"
#include "events/verdict_text.h"
#include "report/findings.h"
#include "session/path_below.h"

#define BLOCK_WAIT  100000000ULL /* ns that a block waits for the record of a death */
#define READER_WAIT 300		 /* ms that a block waits for an answer about files */
#define BLOCKS_RULE 3		 /* of one script and rule; the summary has the rest */
#define BLOCKS_MOST 100		 /* of one session */

/* added to the rule's number in tally_key.what where blocks are counted, not verdicts */
#define COUNT_BLOCK 0x60000

static struct tally_key key_of(const struct ws_rec_verdict *r)
{
	uint64_t object = tally_hash(r->path.bytes, r->path.len) ^
			  tally_hash(&r->to, sizeof(r->to)) ^ ((uint64_t)r->target_pid << 32);

	return (struct tally_key){ .scope = r->head.scope, .what = r->rule, .object = object };
}

/* Counts a block of that scope and rule; returns how many there have been. */
static uint64_t count_rule(struct held_blocks *b, uint64_t scope, uint32_t rule)
{
	struct tally_key key = { .scope = scope, .what = COUNT_BLOCK + rule };

	return tally_add(&b->tally, key);
}

/* Ask what brings the package in: at once, since its manager may soon remove what it has installed.
 */
static void ask_dependents(struct held_blocks *b, uint64_t id)
{
	struct scope *s = scope_table_find(b->block->context->scopes, id);
	const char *project;
	size_t len;
	int n;

	if (!b->reader || !s || s->actor == WS_ACTOR_PROJECT || s->question || !s->directory[0] ||
	    !b->cwd[0])
		return;
	project = dependents_project(s->directory, b->cwd, &len);
	n = reader_ask_dependents(b->reader, project, len, s->directory);
	s->question = n < 0 ? -1 : n + 1;
}

static const struct dependents *dependents_of(struct held_blocks *b, uint64_t id)
{
	const struct scope *s = scope_table_find(b->block->context->scopes, id);
	const struct reader_answer *a =
		b->reader && s && s->question > 0
			? reader_answer(b->reader, s->question - 1, READER_WAIT)
			: NULL;

	return a ? &a->dependents : NULL;
}

/* Bytes of path that name dir or a directory above it; 0: path does not lie in dir. */
static size_t prefix(const char *path, const char *dir)
{
	const char *rest = dir[0] == '/' && dir[1] ? path_below(path, dir) : NULL;

	return rest && rest[0] == '/' ? (size_t)(rest - path) : 0;
}

/*
 * A script that was refused writing a file has often made the directories for it. Ask for those
 * below the project or the home; what is in node_modules was made by the manager.
 */
static int ask_left(struct held_blocks *b, const struct ws_rec_verdict *r)
{
	static const uint32_t makes = 1u << WS_OP_WRITE | 1u << WS_OP_CREATE | 1u << WS_OP_RENAME |
				      1u << WS_OP_LINK;
	_buf_ struct buf path = BUF_INIT;
	size_t cwd, home;

	if (!b->reader || r->head.actor != WS_ACTOR_PACKAGE || !(makes & 1u << r->op) ||
	    (r->head.flags & WS_F_PATH_CUT) ||
	    !(verdict_path2(&path, r) || verdict_path(&path, r)) ||
	    strstr(path.at, "/node_modules/"))
		return -1;
	cwd = prefix(path.at, b->cwd);
	home = prefix(path.at, b->home);
	return cwd || home ? reader_ask_left(b->reader, path.at, cwd > home ? cwd : home, b->since)
			   : -1;
}

static const char *left_of(struct held_blocks *b, int question)
{
	const struct reader_answer *a = b->reader ? reader_answer(b->reader, question, READER_WAIT)
						  : NULL;

	return a && a->left[0] ? a->left : NULL;
}

static void release(struct held_blocks *b, size_t i)
{
	struct held_block h = b->held[i];

	memmove(&b->held[i], &b->held[i + 1], (b->count - i - 1) * sizeof(h));
	b->count--;
	h.fate.times = tally_get(&b->tally, key_of(h.verdict));
	h.fate.dependents = dependents_of(b, h.verdict->head.scope);
	h.fate.left = left_of(b, h.left);
	block_verdict(b->block, h.verdict, &h.fate);
	free(h.verdict);
}

static void release_older(struct held_blocks *b, uint64_t time)
{
	while (b->count && b->held[0].verdict->head.time + BLOCK_WAIT <= time)
		release(b, 0);
}

int held_blocks_tick(struct held_blocks *b, uint64_t time)
{
	uint64_t due;

	release_older(b, time);
	if (!b->count)
		return -1;
	due = b->held[0].verdict->head.time + BLOCK_WAIT;
	return (int)((due - time) / 1000000 + 1);
}

void held_blocks_died(struct held_blocks *b, const struct ws_rec_exit *r)
{
	for (size_t i = 0; i < b->count; i++) {
		const struct ws_head *h = &b->held[i].verdict->head;

		if (h->pid != r->head.pid || h->started != r->head.started)
			continue;
		b->held[i].fate.died_at = r->head.time;
		b->held[i].fate.condemned_at = r->condemned_at;
		release(b, i);
		return;
	}
}

void held_blocks_verdict(struct held_blocks *b, const struct ws_rec_verdict *r)
{
	uint64_t times = tally_add(&b->tally, key_of(r));
	bool refused = r->action >= WS_DENY && !(r->head.flags & WS_F_REPORTED);
	struct ws_rec_verdict *copy;
	int left = -1;

	if (times > 1 || (!refused && !b->verbose))
		return;
	if (b->shown >= BLOCKS_MOST || count_rule(b, r->head.scope, r->rule) > BLOCKS_RULE)
		return;
	b->shown++;
	if (refused) {
		ask_dependents(b, r->head.scope);
		left = ask_left(b, r);
	}
	if (b->count == HELD_BLOCKS_MAX)
		release(b, 0);
	copy = calloc(1, sizeof(*copy));
	if (!copy)
		return;
	memcpy(copy, r, r->head.size < sizeof(*copy) ? r->head.size : sizeof(*copy));
	b->held[b->count++] = (struct held_block){ .verdict = copy, .left = left };
	if (!verdict_kills(r))
		release(b, b->count - 1);
}

void held_blocks_leftover(struct held_blocks *b, const struct session_leftover *l)
{
	if (count_rule(b, l->scope, FINDING_OUTLIVE) == 1)
		block_leftover(b->block, l);
}

void held_blocks_flush(struct held_blocks *b)
{
	while (b->count)
		release(b, 0);
}

void held_blocks_free(struct held_blocks *b)
{
	for (size_t i = 0; i < b->count; i++)
		free(b->held[i].verdict);
	b->count = 0;
	tally_free(&b->tally);
}
