// SPDX-License-Identifier: GPL-2.0-only
/* dfa_fold.c - see dfa_fold.h. */
#include "automaton/dfa_fold.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static uint64_t mix(uint64_t x)
{
	x *= 0x9e3779b97f4a7c15ULL;
	x ^= x >> 32;
	x *= 0xff51afd7ed558ccdULL;
	return x ^ x >> 29;
}

struct folding {
	const struct dfa_subsets *in;
	uint32_t *block; /* of each state */
	uint32_t *fresh; /* ... after this round */
	uint64_t *hash;	 /* of each state's row, for the states looked at in this round */
	uint32_t *table; /* open addressing over kinds of rows: state + 1 that stands for one */
	size_t table_size;
	uint32_t *to;	  /* distinct successors of all states, one list after the other */
	uint64_t *weight; /* of each of these: sum of the weights of the classes that lead there */
	size_t *to_at;	  /* where a state's list begins */
	bool *moved;	  /* states that went to another block in the round before */
	uint32_t *kept;	  /* per block: last round in which a state kept the block's number */
	size_t blocks;	  /* how many there are */
};

static void folding_done(struct folding *f)
{
	free(f->fresh);
	free(f->hash);
	free(f->table);
	free(f->to);
	free(f->weight);
	free(f->to_at);
	free(f->moved);
	free(f->kept);
}

static int folding_init(struct folding *f)
{
	size_t count = f->in->count, n = 0;
	unsigned classes = f->in->classes;

	f->table_size = 1024;
	while (f->table_size < count * 2)
		f->table_size *= 2;
	f->fresh = calloc(count, sizeof(*f->fresh));
	f->hash = calloc(count, sizeof(*f->hash));
	f->table = calloc(f->table_size, sizeof(*f->table));
	f->to_at = calloc(count + 1, sizeof(*f->to_at));
	f->moved = calloc(count, sizeof(*f->moved));
	f->kept = calloc(count, sizeof(*f->kept));
	f->to = calloc(count * classes,
		       sizeof(*f->to)); /* most of it stays untouched, and costs no memory */
	f->weight = calloc(count * classes, sizeof(*f->weight));
	if (!f->fresh || !f->hash || !f->table || !f->to_at || !f->moved || !f->kept || !f->to ||
	    !f->weight)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const uint32_t *row = &f->in->next[i * classes];

		f->to_at[i] = n;
		for (unsigned c = 0; c < classes; c++) {
			size_t k = f->to_at[i];

			while (k < n && f->to[k] != row[c])
				k++;
			if (k == n)
				f->to[n++] = row[c];
			f->weight[k] += mix(c + 1);
		}
	}
	f->to_at[count] = n;
	return 0;
}

/* The first blocks are one for each accept set. The dead state comes first, so its block is 0. */
static void fold_by_accept(struct folding *f)
{
	for (size_t i = 0; i < f->in->count; i++) {
		uint32_t accept = f->in->accept[i];
		size_t at = (accept * 0x9e3779b9u) & (f->table_size - 1);

		while (f->table[at] && f->in->accept[f->table[at] - 1] != accept)
			at = (at + 1) & (f->table_size - 1);
		if (!f->table[at]) {
			f->table[at] = (uint32_t)i + 1;
			f->block[i] = (uint32_t)f->blocks++;
		} else {
			f->block[i] = f->block[f->table[at] - 1];
		}
		f->moved[i] = true;
	}
}

/* Whether a state must be examined again, because one of its successors moved to another block. */
static bool is_unsettled(const struct folding *f, size_t state)
{
	for (size_t k = f->to_at[state]; k < f->to_at[state + 1]; k++)
		if (f->moved[f->to[k]])
			return true;
	return false;
}

/*
 * The state looked at before in this round whose row leads to the same blocks; or, if there is
 * none, `state` itself, which is added to the table. The hash is a sum over classes, so that
 * classes with one successor are summed up once, in advance.
 */
static size_t same_kind(struct folding *f, size_t state)
{
	unsigned classes = f->in->classes;
	const uint32_t *row = &f->in->next[state * classes];
	uint64_t h = f->block[state] * 0x9e3779b97f4a7c15ULL;
	size_t at;

	for (size_t k = f->to_at[state]; k < f->to_at[state + 1]; k++)
		h += f->weight[k] * mix(f->block[f->to[k]] + 1);
	h ^= h >> 29;
	f->hash[state] = h;
	for (at = h & (f->table_size - 1); f->table[at]; at = (at + 1) & (f->table_size - 1)) {
		size_t other = f->table[at] - 1;
		const uint32_t *theirs = &f->in->next[other * classes];
		unsigned c = 0;

		if (f->hash[other] != h || f->block[other] != f->block[state])
			continue;
		while (c < classes && f->block[theirs[c]] == f->block[row[c]])
			c++;
		if (c == classes)
			return other;
	}
	f->table[at] = (uint32_t)state + 1;
	return state;
}

/*
 * Moore's refinement: two states share a block until their accept sets differ, or a class leads
 * them to different blocks. The longest pattern bounds the number of rounds. A round looks only at
 * states of which a successor has moved to another block (unsettled ones). The settled states of a
 * block stay together, and no unsettled one is like them, because that successor left the block
 * which theirs are in.
 */
int64_t dfa_fold(uint32_t *block, const struct dfa_subsets *in)
{
	CLEANUP(folding_done) struct folding f = { .in = in, .block = block };
	size_t count = in->count, before;
	uint32_t round = 0;
	int r = folding_init(&f);

	if (r < 0)
		return r;
	fold_by_accept(&f);
	do {
		before = f.blocks;
		round++;
		memset(f.table, 0, f.table_size * sizeof(*f.table));
		for (size_t i = 0; i < count; i++) {
			f.fresh[i] = is_unsettled(&f, i) ? UINT32_MAX : block[i];
			if (f.fresh[i] == block[i])
				f.kept[block[i]] = round;
		}
		for (size_t i = 0; i < count; i++) {
			size_t like;

			if (f.fresh[i] != UINT32_MAX)
				continue;
			like = same_kind(&f, i);
			if (like != i) {
				f.fresh[i] = f.fresh[like];
			} else if (f.kept[block[i]] == round) {
				f.fresh[i] = (uint32_t)f.blocks++;
			} else { /* the first kind of row keeps the block's number */
				f.kept[block[i]] = round;
				f.fresh[i] = block[i];
			}
		}
		for (size_t i = 0; i < count; i++)
			f.moved[i] = f.fresh[i] != block[i];
		memcpy(block, f.fresh, count * sizeof(*block));
	} while (f.blocks > before);
	return (int64_t)f.blocks;
}
