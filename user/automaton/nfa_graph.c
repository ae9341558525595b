// SPDX-License-Identifier: GPL-2.0-only
/* nfa_graph.c - see nfa_graph.h. */
#include "automaton/nfa_graph.h"

#include <errno.h>
#include <stdlib.h>

#include "automaton/grow.h"
#include "automaton/pattern.h"
#include "base/cleanup.h"

int nfa_node_new(struct nfa *n, uint32_t *ret)
{
	int r = grow(&n->nodes, &n->node_size, n->node_count, sizeof(*n->nodes));

	if (r < 0)
		return r;
	n->nodes[n->node_count] = (struct nfa_node){
		.edges = NFA_NONE,
		.epsilons = NFA_NONE,
		.pattern = n->pattern_count ? (uint32_t)n->pattern_count - 1 : 0,
	};
	*ret = (uint32_t)n->node_count++;
	return 0;
}

/* Put an edge at the front of a node's list, which begins with the edge *first. */
static int add_edge(struct nfa *n, uint32_t *first, unsigned label, uint32_t to)
{
	int r = grow(&n->edges, &n->edge_size, n->edge_count, sizeof(*n->edges));

	if (r < 0)
		return r;
	n->edges[n->edge_count] = (struct nfa_edge){ (uint16_t)label, to, *first };
	*first = (uint32_t)n->edge_count++;
	return 0;
}

int nfa_edge_new(struct nfa *n, uint32_t from, unsigned label, uint32_t to)
{
	return add_edge(n, &n->nodes[from].edges, label, to);
}

int nfa_epsilon_new(struct nfa *n, uint32_t from, uint32_t to)
{
	return add_edge(n, &n->nodes[from].epsilons, 0, to);
}

/* ---- children ---- */

static uint64_t hash64(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

/* The slot that holds key, or the free one where it belongs. */
static struct nfa_child *child_slot(struct nfa_child *table, size_t size, uint64_t key)
{
	size_t i = hash64(key) & (size - 1);

	while (table[i].key && table[i].key != key)
		i = (i + 1) & (size - 1);
	return &table[i];
}

/* Keep the table at most half full, so that searches are short and end. */
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

int nfa_child_of(struct nfa *n, uint32_t from, enum nfa_step_kind kind, unsigned atom,
		 uint32_t *ret, bool *ret_new)
{
	/* an atom has 16 bits; kinds begin with 1, so that no key is 0 */
	uint64_t key = (uint64_t)kind << 48 | (uint64_t)atom << 32 | from;
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

/* ---- steps ---- */

/* Give a symbol that a pattern names a class of its own. */
static int name_symbol(struct nfa *n, unsigned symbol, struct error *e)
{
	if (n->class_of[symbol])
		return 0;
	if (n->class_count == WS_CLASSES)
		return error_set(e, -E2BIG,
				 "the patterns together name more than %d different bytes; this "
				 "one adds 0x%02x",
				 WS_CLASSES - 1, symbol);
	n->class_of[symbol] = (uint8_t)n->class_count++;
	return 0;
}

int nfa_step(struct nfa *n, uint32_t *at, unsigned atom, struct error *e)
{
	uint32_t to;
	bool is_new;
	int r = nfa_child_of(n, *at, NFA_STEP_ATOM, atom, &to, &is_new);

	if (r < 0)
		return r;
	if (is_new) {
		if (ATOM_IS_STAR(atom)) {
			r = nfa_epsilon_new(n, *at, to);
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

		if (file && ATOM_IS_STAR(atom))
			atom = ATOM_STAR(SET_NOT_NUL_SLASH);
		else if (file && ATOM_IS_ONE(atom))
			atom = ATOM_ONE(SET_NOT_NUL_SLASH);
		r = nfa_step(n, at, atom, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- life ---- */

int nfa_init(struct nfa *n, enum ws_automaton kind)
{
	/* Symbols with a meaning of their own, even when no pattern names them. */
	static const struct {
		enum ws_automaton kind;
		unsigned symbol;
	} structure[] = {
		{ WS_DFA_PATH, '/' }, { WS_DFA_PATH, WS_SYM_HOME }, { WS_DFA_PATH, WS_SYM_ROOT },
		{ WS_DFA_ARGV, 0 },   { WS_DFA_ARGV, '/' },	    { WS_DFA_ARGV, '-' },
		{ WS_DFA_NAME, 0 },
	};
	uint32_t start;
	int r = 0;

	*n = (struct nfa){ .kind = kind, .class_count = 1 };
	for (size_t i = 0; i < ARRAY_SIZE(structure) && r == 0; i++)
		if (structure[i].kind == kind)
			r = name_symbol(n, structure[i].symbol, NULL);
	return r < 0 ? r : nfa_node_new(n, &start);
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
