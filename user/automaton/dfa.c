// SPDX-License-Identifier: GPL-2.0-only
/*
 * dfa.c - see dfa.h. Subset construction over classes of symbols; then states that behave alike are
 * folded (dfa_fold.h) and written as rows.
 */
#include "automaton/dfa.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "automaton/accept.h"
#include "automaton/dfa_fold.h"
#include "automaton/grow.h"
#include "base/cleanup.h"

/* Limit on subsets before folding. It bounds memory: each subset has a row of 4 bytes for each
 * class. */
#define SUBSETS_MAX (2 * DFA_ROWS_MAX)

/* ---- subset construction ---- */

struct subset {
	size_t at; /* its nodes are pool[at] to pool[at + count - 1], ascending */
	uint32_t count;
	uint32_t accept; /* set in the store */
	uint64_t hash;
};

struct bucket {
	uint32_t *nodes;
	size_t count, size;
};

struct build {
	struct dfa_store *store;
	const struct nfa *nfa;
	unsigned classes;
	uint32_t *pool;
	size_t pool_count, pool_size;
	struct subset *subsets; /* number 0 is empty, the dead state */
	size_t subset_count, subset_size;
	uint32_t *next;	 /* subset_size rows of `classes` */
	uint32_t *index; /* open addressing over subsets, 0: free */
	size_t index_size;
	uint32_t *stamp; /* per node: number of the closure that visited it last */
	uint32_t mark;	 /* number of the current closure */
	uint32_t *stack;
	uint64_t *edge_classes;		   /* per edge: nfa_classes() */
	struct bucket buckets[WS_CLASSES]; /* per class: nodes it leads to */
	struct bucket closed;		   /* what close_over() found */
	struct ws_set *futures; /* per node: nfa_futures(); NULL if the automaton has no sinks */
};

static void build_done(struct build *b)
{
	free(b->pool);
	free(b->subsets);
	free(b->next);
	free(b->index);
	free(b->stamp);
	free(b->stack);
	free(b->edge_classes);
	free(b->futures);
	for (unsigned c = 0; c < WS_CLASSES; c++)
		free(b->buckets[c].nodes);
	free(b->closed.nodes);
}

static int bucket_add(struct bucket *b, uint32_t node)
{
	int r = grow(&b->nodes, &b->size, b->count, sizeof(*b->nodes));

	if (r == 0)
		b->nodes[b->count++] = node;
	return r;
}

static bool bucket_equal(const struct bucket *a, const struct bucket *b)
{
	return a->count == b->count &&
	       (!a->count || memcmp(a->nodes, b->nodes, a->count * sizeof(*a->nodes)) == 0);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_sink(const struct nfa *n, uint32_t node)
{
	for (size_t i = 0; i < n->sink_count; i++)
		if (n->sinks[i] == node)
			return true;
	return false;
}

/* Drop from b->closed the nodes that can only accept what the sinks in it accept already. */
static void prune(struct build *b)
{
	struct ws_set accepted = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < b->closed.count; i++)
		if (is_sink(b->nfa, b->closed.nodes[i]))
			accept_or(&accepted, &b->futures[b->closed.nodes[i]]);
	for (size_t i = 0; i < b->closed.count; i++)
		if (is_sink(b->nfa, b->closed.nodes[i]) ||
		    !accept_includes(&accepted, &b->futures[b->closed.nodes[i]]))
			b->closed.nodes[kept++] = b->closed.nodes[i];
	b->closed.count = kept;
}

/* Fill b->closed with the nodes that can be reached from `from` by epsilon edges alone, ascending.
 */
static int close_over(struct build *b, const struct bucket *from)
{
	size_t depth = 0;
	int r;

	b->closed.count = 0;
	b->mark++;
	for (size_t i = 0; i < from->count; i++) {
		if (b->stamp[from->nodes[i]] == b->mark)
			continue;
		b->stamp[from->nodes[i]] = b->mark;
		b->stack[depth++] = from->nodes[i];
	}
	while (depth) {
		uint32_t node = b->stack[--depth];

		/* Leave out nodes that have only epsilon edges: with them, subsets that behave
		 * alike would differ. */
		if (b->nfa->nodes[node].edges != NFA_NONE || b->nfa->nodes[node].accept) {
			r = bucket_add(&b->closed, node);
			if (r < 0)
				return r;
		}
		for (uint32_t k = b->nfa->nodes[node].epsilons; k != NFA_NONE;
		     k = b->nfa->edges[k].next) {
			uint32_t to = b->nfa->edges[k].to;

			if (b->stamp[to] == b->mark)
				continue;
			b->stamp[to] = b->mark;
			b->stack[depth++] = to;
		}
	}
	if (b->closed.count > 1)
		qsort(b->closed.nodes, b->closed.count, sizeof(uint32_t), by_number);
	if (b->futures)
		prune(b);
	return 0;
}

/* Enter the set of all that these nodes accept. Returns its number in the store, or a negative
 * errno. */
static int64_t accept_of(struct build *b, const uint32_t *nodes, size_t count)
{
	struct ws_set all = { 0 };
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		uint32_t a = b->nfa->nodes[nodes[i]].accept;

		if (!a)
			continue;
		any = true;
		accept_or(&all, &b->nfa->accepts[a - 1]);
	}
	return any ? dfa_store_set(b->store, &all) : 0;
}

/*
 * The pattern to name when there are too many states: that of the node which is in most of them.
 * The nodes of the first state do not count: patterns with a trailing ** keep them in every state.
 */
static const char *costliest(const struct build *b)
{
	uint32_t *uses = calloc(b->nfa->node_count, sizeof(*uses));
	uint32_t best = 0;

	if (!uses)
		return "?";
	for (size_t i = 1; i < b->subset_count; i++)
		for (uint32_t k = 0; k < b->subsets[i].count; k++)
			uses[b->pool[b->subsets[i].at + k]]++;
	for (uint32_t k = 0; k < b->subsets[1].count; k++)
		uses[b->pool[b->subsets[1].at + k]] = 0;
	for (uint32_t i = 0; i < b->nfa->node_count; i++)
		if (uses[i] > uses[best])
			best = i;
	free(uses);
	return b->nfa->patterns[b->nfa->nodes[best].pattern];
}

/* Room for one more subset, with its row; the index stays at most half full. */
static int subset_room(struct build *b)
{
	size_t size = b->subset_size ? b->subset_size * 2 : 1024;
	struct subset *subsets;
	uint32_t *next, *index;

	if (b->subset_count < b->subset_size)
		return 0;
	subsets = realloc(b->subsets, size * sizeof(*subsets));
	if (subsets)
		b->subsets = subsets;
	next = realloc(b->next, size * b->classes * sizeof(*next));
	if (next)
		b->next = next;
	index = calloc(size * 2, sizeof(*index));
	if (!subsets || !next || !index) {
		free(index);
		return -ENOMEM;
	}
	for (size_t i = 1; i < b->subset_count; i++) {
		size_t at = b->subsets[i].hash & (size * 2 - 1);

		while (index[at])
			at = (at + 1) & (size * 2 - 1);
		index[at] = (uint32_t)i;
	}
	free(b->index);
	b->index = index;
	b->index_size = size * 2;
	b->subset_size = size;
	return 0;
}

/* Number of the subset that b->closed holds, added if it is new; a negative errno. */
static int64_t intern_subset(struct build *b, struct error *e)
{
	size_t count = b->closed.count;
	uint64_t hash = dfa_hash(b->closed.nodes, count);
	int64_t accept;
	size_t at;
	int r;

	if (count == 0)
		return 0;
	r = subset_room(b);
	if (r < 0)
		return r;
	for (at = hash & (b->index_size - 1); b->index[at]; at = (at + 1) & (b->index_size - 1)) {
		const struct subset *s = &b->subsets[b->index[at]];

		if (s->hash == hash && s->count == count &&
		    memcmp(&b->pool[s->at], b->closed.nodes, count * sizeof(uint32_t)) == 0)
			return b->index[at];
	}
	if (b->subset_count > SUBSETS_MAX)
		return error_set(
			e, -E2BIG,
			"more than %d states before folding; the pattern that costs most is `%s`",
			SUBSETS_MAX, costliest(b));
	if (b->pool_count + count > b->pool_size) {
		size_t size = (b->pool_count + count) * 2;
		uint32_t *pool = realloc(b->pool, size * sizeof(*pool));

		if (!pool)
			return -ENOMEM;
		b->pool = pool;
		b->pool_size = size;
	}
	accept = accept_of(b, b->closed.nodes, count);
	if (accept < 0)
		return accept == -E2BIG
			       ? error_set(e, -E2BIG,
					   "more than %d different sets of rules on one object",
					   DFA_SETS_MAX)
			       : accept;
	memcpy(&b->pool[b->pool_count], b->closed.nodes, count * sizeof(uint32_t));
	b->subsets[b->subset_count] =
		(struct subset){ b->pool_count, (uint32_t)count, (uint32_t)accept, hash };
	b->pool_count += count;
	b->index[at] = (uint32_t)b->subset_count;
	return (int64_t)b->subset_count++;
}

/* Fill the row of one subset, with new subsets where its classes lead to. */
static int expand(struct build *b, uint32_t state, struct error *e)
{
	const struct subset s = b->subsets[state];
	int r;

	for (unsigned c = 0; c < b->classes; c++)
		b->buckets[c].count = 0;
	for (uint32_t i = 0; i < s.count; i++) {
		const struct nfa_node *node = &b->nfa->nodes[b->pool[s.at + i]];

		for (uint32_t k = node->edges; k != NFA_NONE; k = b->nfa->edges[k].next)
			for (uint64_t m = b->edge_classes[k]; m; m &= m - 1) {
				r = bucket_add(&b->buckets[__builtin_ctzll(m)],
					       b->nfa->edges[k].to);
				if (r < 0)
					return r;
			}
	}
	for (unsigned c = 0; c < b->classes; c++) {
		const struct bucket *mine = &b->buckets[c], *first = &b->buckets[0];
		int64_t to;

		/* Most classes lead where class 0 ("any other byte") leads. */
		if (c && bucket_equal(mine, first)) {
			b->next[state * b->classes + c] = b->next[state * b->classes];
			continue;
		}
		r = close_over(b, mine);
		if (r < 0)
			return r;
		to = intern_subset(b, e);
		if (to < 0)
			return (int)to;
		b->next[state * b->classes + c] = (uint32_t)to;
	}
	return 0;
}

static int construct(struct build *b, struct error *e)
{
	struct bucket start = { &(uint32_t){ 0 }, 1, 1 };
	int64_t first;
	int r = 0;

	b->stamp = calloc(b->nfa->node_count, sizeof(*b->stamp));
	b->stack = calloc(b->nfa->node_count, sizeof(*b->stack));
	b->edge_classes = calloc(b->nfa->edge_count, sizeof(*b->edge_classes));
	if (!b->stamp || !b->stack || !b->edge_classes)
		return -ENOMEM;
	for (size_t k = 0; k < b->nfa->edge_count; k++)
		b->edge_classes[k] = nfa_classes(b->nfa, b->nfa->edges[k].label);
	if (b->nfa->sink_count)
		r = nfa_futures(&b->futures, b->nfa);
	if (r < 0 || (r = subset_room(b)) < 0)
		return r;
	b->subset_count = 1;
	b->subsets[0] = (struct subset){ 0 };
	memset(b->next, 0, b->classes * sizeof(*b->next));
	r = close_over(b, &start);
	if (r < 0)
		return r;
	first = intern_subset(b, e);
	if (first < 0)
		return (int)first;
	for (size_t i = 1; i < b->subset_count && r == 0; i++)
		r = expand(b, (uint32_t)i, e);
	return r;
}

/* ---- rows ---- */

/* Append a row for each block. Block 0 is the dead state and stays row 0. */
static int emit(struct build *b, const uint32_t *block, size_t blocks, uint32_t *ret_start,
		struct error *e)
{
	struct dfa_store *s = b->store;
	size_t base = s->row_count - 1, total = base + blocks;

	if (total > DFA_ROWS_MAX)
		return error_set(
			e, -E2BIG,
			"%zu states where %d is the limit; the pattern that costs most is `%s`",
			total, DFA_ROWS_MAX, costliest(b));
	if (total > s->row_size) {
		struct ws_row *rows = realloc(s->rows, total * sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		s->rows = rows;
		s->row_size = total;
	}
	memset(&s->rows[s->row_count], 0, (total - s->row_count) * sizeof(*s->rows));
	for (size_t i = 1; i < b->subset_count; i++) {
		struct ws_row *row = &s->rows[base + block[i]];

		if (block[i] == 0)
			continue;
		row->accept = b->subsets[i].accept;
		for (unsigned c = 0; c < b->classes; c++) {
			uint32_t to = block[b->next[i * b->classes + c]];

			row->next[c] = to ? (uint32_t)(base + to) : 0;
		}
	}
	s->row_count = total;
	*ret_start = block[1] ? (uint32_t)(base + block[1]) : 0;
	return 0;
}

/*
 * Renumber the blocks, so that those come last which every byte leads back to themselves. Returns
 * the first of these, or -ENOMEM. Block 0, the dead state, keeps its number.
 */
static int64_t loops_last(const struct build *b, uint32_t *block, size_t blocks)
{
	uint8_t class_of[WS_SYMBOLS];
	_free_ uint32_t *number = calloc(blocks, sizeof(*number));
	_free_ bool *other = calloc(blocks, sizeof(*other)); /* a byte leads elsewhere */
	uint32_t first = 1;

	if (!number || !other)
		return -ENOMEM;
	nfa_symbols(b->nfa, class_of);
	for (size_t i = 1; i < b->subset_count; i++)
		for (unsigned byte = 0; byte < 256 && !other[block[i]]; byte++)
			other[block[i]] = block[b->next[i * b->classes + class_of[byte]]] !=
					  block[i];
	for (size_t i = 1; i < blocks; i++)
		if (other[i])
			number[i] = first++;
	for (size_t i = 1, next = first; i < blocks; i++)
		if (!other[i])
			number[i] = (uint32_t)next++;
	for (size_t i = 0; i < b->subset_count; i++)
		block[i] = number[block[i]];
	return first;
}

int dfa_build(struct dfa_store *s, const struct nfa *n, uint32_t *ret_start, uint32_t *ret_loops,
	      struct error *e)
{
	CLEANUP(build_done) struct build b = { .store = s, .nfa = n, .classes = n->class_count };
	_free_ uint32_t *block = NULL, *accept = NULL;
	size_t base = s->row_count - 1;
	int64_t blocks, loops;
	int r;

	*ret_start = 0;
	*ret_loops = (uint32_t)s->row_count;
	if (n->pattern_count == 0)
		return 0;
	r = construct(&b, e);
	if (r < 0)
		return r;
	block = calloc(b.subset_count, sizeof(*block));
	accept = calloc(b.subset_count, sizeof(*accept));
	if (!block || !accept)
		return -ENOMEM;
	for (size_t i = 0; i < b.subset_count; i++)
		accept[i] = b.subsets[i].accept;
	blocks =
		dfa_fold(block, &(struct dfa_subsets){ b.subset_count, b.classes, b.next, accept });
	if (blocks < 0)
		return (int)blocks;
	loops = loops_last(&b, block, (size_t)blocks);
	if (loops < 0)
		return (int)loops;
	*ret_loops = (uint32_t)(base + (size_t)loops);
	return emit(&b, block, (size_t)blocks, ret_start, e);
}
