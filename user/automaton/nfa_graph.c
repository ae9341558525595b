// SPDX-License-Identifier: GPL-2.0-only
/* nfa.c - see nfa.h. */
#include "nfa.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "nfa_build.h"

static int grow(void *array, size_t *size, size_t count, size_t item)
{
	void **at = array;
	size_t more = *size ? *size * 2 : 64;
	void *p;

	if (count < *size)
		return 0;
	p = realloc(*at, more * item);
	if (!p)
		return -ENOMEM;
	*at = p;
	*size = more;
	return 0;
}

int nfa_node_new(struct nfa *n, uint32_t *ret)
{
	int r = grow(&n->nodes, &n->node_size, n->node_count, sizeof(*n->nodes));

	if (r < 0)
		return r;
	n->nodes[n->node_count] = (struct nfa_node){
		.edges = NFA_NONE,
		.free_edges = NFA_NONE,
		.pattern = n->pattern_count ? (uint32_t)n->pattern_count - 1 : 0,
	};
	*ret = (uint32_t)n->node_count++;
	return 0;
}

int nfa_edge_new(struct nfa *n, uint32_t from, unsigned label, uint32_t to)
{
	int r = grow(&n->edges, &n->edge_size, n->edge_count, sizeof(*n->edges));

	if (r < 0)
		return r;
	n->edges[n->edge_count] = (struct nfa_edge){ (uint16_t)label, to, n->nodes[from].edges };
	n->nodes[from].edges = (uint32_t)n->edge_count++;
	return 0;
}

int nfa_free_edge_new(struct nfa *n, uint32_t from, uint32_t to)
{
	int r = grow(&n->edges, &n->edge_size, n->edge_count, sizeof(*n->edges));

	if (r < 0)
		return r;
	n->edges[n->edge_count] = (struct nfa_edge){ 0, to, n->nodes[from].free_edges };
	n->nodes[from].free_edges = (uint32_t)n->edge_count++;
	return 0;
}

static uint64_t hash64(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

/* Place of key in the table, which holds it or is free there. */
static struct nfa_child *child_slot(struct nfa_child *table, size_t size, uint64_t key)
{
	size_t i = hash64(key) & (size - 1);

	while (table[i].key && table[i].key != key)
		i = (i + 1) & (size - 1);
	return &table[i];
}

static int child_room(struct nfa *n)
{
	size_t size = n->child_size ? n->child_size * 2 : 1024;
	struct nfa_child *table;

	if (n->child_count * 2 < n->child_size)
		return 0;
	table = calloc(size, sizeof(*table));
	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < n->child_size; i++)
		if (n->children[i].key)
			*child_slot(table, size, n->children[i].key) = n->children[i];
	free(n->children);
	n->children = table;
	n->child_size = size;
	return 0;
}

/* The child of from under (kind, what); made when it is new, and then *ret_new is true. */
int nfa_child_of(struct nfa *n, uint32_t from, uint64_t kind, unsigned what, uint32_t *ret,
		 bool *ret_new)
{
	uint64_t key = kind << 48 | (uint64_t)what << 32 | from;
	struct nfa_child *c;
	int r = child_room(n);

	if (r < 0)
		return r;
	c = child_slot(n->children, n->child_size, key);
	*ret_new = !c->key;
	if (!c->key) {
		uint32_t to;

		r = nfa_node_new(n, &to);
		if (r < 0)
			return r;
		c->key = key;
		c->to = to;
		n->child_count++;
	}
	*ret = c->to;
	return 0;
}

/* Give a symbol that a pattern names a class of its own. */
static int name_symbol(struct nfa *n, unsigned symbol, struct error *e)
{
	if (n->class_of[symbol])
		return 0;
	if (n->class_count == WS_CLASSES)
		return error_set(e, -E2BIG,
				 "the patterns together name more than %d different bytes, this "
				 "one adds 0x%02x",
				 WS_CLASSES - 1, symbol);
	n->class_of[symbol] = (uint8_t)n->class_count++;
	return 0;
}

int nfa_step(struct nfa *n, uint32_t *at, unsigned atom, struct error *e)
{
	uint32_t to;
	bool is_new;
	int r = nfa_child_of(n, *at, KEY_STEP, atom, &to, &is_new);

	if (r < 0)
		return r;
	if (is_new) {
		if (ATOM_IS_STAR(atom)) {
			r = nfa_free_edge_new(n, *at, to);
			if (r == 0)
				r = nfa_edge_new(n, to, NFA_SET(ATOM_SET(atom)), to);
		} else if (ATOM_IS_ONE(atom)) {
			r = nfa_edge_new(n, *at, NFA_SET(ATOM_SET(atom)), to);
		} else {
			r = name_symbol(n, atom, e);
			if (r == 0)
				r = nfa_edge_new(n, *at, atom, to);
		}
		if (r < 0)
			return r;
	}
	*at = to;
	return 0;
}

int nfa_steps(struct nfa *n, uint32_t *at, const uint16_t *atoms, size_t count, bool file,
	      struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		unsigned atom = atoms[i];
		int r;

		if (file && (ATOM_IS_STAR(atom) || ATOM_IS_ONE(atom)))
			atom = (atom & 0xf000u) | SET_NOT_NUL_SLASH;
		r = nfa_step(n, at, atom, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static void set_or(struct ws_set *to, const struct ws_set *from)
{
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		to->match.w[i] |= from->match.w[i];
		to->except.w[i] |= from->except.w[i];
		to->exe_match.w[i] |= from->exe_match.w[i];
		to->exe_except.w[i] |= from->exe_except.w[i];
	}
	if (!to->manager)
		to->manager = from->manager;
}

bool nfa_says(const struct ws_set *a, const struct ws_set *b)
{
	for (int i = 0; i < WS_MASK_WORDS; i++)
		if ((b->match.w[i] & ~a->match.w[i]) | (b->except.w[i] & ~a->except.w[i]) |
		    (b->exe_match.w[i] & ~a->exe_match.w[i]) |
		    (b->exe_except.w[i] & ~a->exe_except.w[i]))
			return false;
	return a->manager || !b->manager;
}

static int accept_at(struct nfa *n, uint32_t node, const struct ws_set *accept)
{
	if (!n->nodes[node].accept) {
		int r = grow(&n->accepts, &n->accept_size, n->accept_count, sizeof(*n->accepts));

		if (r < 0)
			return r;
		n->accepts[n->accept_count++] = (struct ws_set){ 0 };
		n->nodes[node].accept = (uint32_t)n->accept_count;
	}
	set_or(&n->accepts[n->nodes[node].accept - 1], accept);
	return 0;
}

/*
 * From a node at which only `**` is left of a pattern: whatever follows, it has matched. Patterns
 * with one accept share one node for that, or every set of words seen so far would be a state of
 * its own.
 */
static int finish(struct nfa *n, uint32_t from, const struct ws_set *accept)
{
	uint32_t sink;
	int r;

	for (size_t i = 0; i < n->sink_count; i++)
		if (memcmp(&n->accepts[n->nodes[n->sinks[i]].accept - 1], accept,
			   sizeof(*accept)) == 0)
			return nfa_free_edge_new(n, from, n->sinks[i]);
	if ((r = grow(&n->sinks, &n->sink_size, n->sink_count, sizeof(*n->sinks))) < 0 ||
	    (r = nfa_node_new(n, &sink)) < 0 || (r = accept_at(n, sink, accept)) < 0 ||
	    (r = nfa_edge_new(n, sink, NFA_SET(SET_ALL), sink)) < 0)
		return r;
	n->sinks[n->sink_count++] = sink;
	return nfa_free_edge_new(n, from, sink);
}

int nfa_add(struct nfa *n, const char *text, const struct ws_set *accept, struct error *e)
{
	struct pattern p;
	uint32_t at = 0, tail = NFA_NONE;
	bool open_end = false;
	int r = grow(&n->patterns, &n->pattern_size, n->pattern_count, sizeof(*n->patterns));

	if (r < 0)
		return r;
	r = pattern_parse(&p, n->kind, text, e);
	if (r < 0)
		return r;
	n->patterns[n->pattern_count++] = text;
	if (n->kind == WS_DFA_ARGV && p.atoms[p.count - 1] == ATOM_WORDS) {
		open_end = true;
		p.count--;
	}

	if (n->kind == WS_DFA_ARGV)
		r = nfa_step_argv(n, &at, &tail, &p, e);
	else
		r = nfa_steps(n, &at, p.atoms, p.count, false, e);
	pattern_done(&p);
	if (r == 0)
		r = open_end ? finish(n, at, accept) : accept_at(n, at, accept);
	/* An argv that was cut ends within a word; if only "any more options" is left of the
	 * pattern, it has matched. */
	if (r == 0 && tail != NFA_NONE)
		r = accept_at(n, tail, accept);
	return r;
}

int nfa_futures(struct ws_set **ret, const struct nfa *n)
{
	struct ws_set *f = calloc(n->node_count, sizeof(*f));
	bool changed = true;

	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < n->node_count; i++)
		if (n->nodes[i].accept)
			f[i] = n->accepts[n->nodes[i].accept - 1];
	/* Nodes are made front to back, so from the back a few rounds do. */
	while (changed) {
		changed = false;
		for (size_t i = n->node_count; i--;) {
			const uint32_t lists[] = { n->nodes[i].edges, n->nodes[i].free_edges };

			for (int l = 0; l < 2; l++)
				for (uint32_t k = lists[l]; k != NFA_NONE; k = n->edges[k].next) {
					const struct ws_set *to = &f[n->edges[k].to];

					if (nfa_says(&f[i], to))
						continue;
					set_or(&f[i], to);
					changed = true;
				}
		}
	}
	*ret = f;
	return 0;
}

uint64_t nfa_classes(const struct nfa *n, unsigned label)
{
	uint64_t all = n->class_count == 64 ? ~0ULL : (1ULL << n->class_count) - 1;

	if (label < WS_SYMBOLS)
		return 1ULL << n->class_of[label];
	/* The marks of the walk are no bytes: no wildcard takes them. */
	if (n->kind == WS_DFA_PATH)
		all &= ~(1ULL << n->class_of[WS_SYM_HOME] | 1ULL << n->class_of[WS_SYM_ROOT]);
	if (label == NFA_SET(SET_NOT_SLASH) || label == NFA_SET(SET_NOT_NUL_SLASH))
		all &= ~(1ULL << n->class_of['/']);
	if (label == NFA_SET(SET_NOT_NUL) || label == NFA_SET(SET_NOT_NUL_SLASH) ||
	    label == NFA_SET(SET_NOT_NUL_DASH))
		all &= ~(1ULL << n->class_of[0]);
	if (label == NFA_SET(SET_NOT_NUL_DASH))
		all &= ~(1ULL << n->class_of['-']);
	return all;
}

void nfa_symbols(const struct nfa *n, uint8_t ret[WS_SYMBOLS])
{
	memcpy(ret, n->class_of, sizeof(n->class_of));
	if (n->kind != WS_DFA_PATH)
		return;
	ret[WS_SYM_END] = n->class_of['/'];
	ret['/'] = n->class_of[1]; /* a byte like any other that no pattern names */
}

int nfa_init(struct nfa *n, enum ws_automaton kind)
{
	static const struct {
		enum ws_automaton kind;
		unsigned symbol;
	} structure[] = {
		/* what has a meaning of its own even when no pattern names it */
		{ WS_DFA_PATH, '/' }, { WS_DFA_PATH, WS_SYM_HOME }, { WS_DFA_PATH, WS_SYM_ROOT },
		{ WS_DFA_ARGV, 0 },   { WS_DFA_ARGV, '/' },	    { WS_DFA_ARGV, '-' },
		{ WS_DFA_NAME, 0 },
	};
	uint32_t start;
	int r;

	*n = (struct nfa){ .kind = kind, .class_count = 1 };
	for (size_t i = 0; i < sizeof(structure) / sizeof(structure[0]); i++)
		if (structure[i].kind == kind &&
		    (r = name_symbol(n, structure[i].symbol, NULL)) < 0)
			return r;
	r = nfa_node_new(n, &start);
	if (r < 0)
		nfa_done(n);
	return r;
}

void nfa_done(struct nfa *n)
{
	free(n->nodes);
	free(n->edges);
	free(n->accepts);
	free(n->patterns);
	free(n->children);
	free(n->sinks);
	*n = (struct nfa){ 0 };
}
