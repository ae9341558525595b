// SPDX-License-Identifier: GPL-2.0-only
/* test_nfa_graph.c - nodes and edges, and that patterns which take the same steps share them. */
#include "automaton/nfa_graph.h"

#include <errno.h>
#include <string.h>

#include "automaton/pattern.h"
#include "base/cleanup.h"
#include "cmocka_all.h"

static void only_edge(const struct nfa *n, uint32_t from, unsigned label, uint32_t to)
{
	uint32_t k = n->nodes[from].edges;

	assert_int_not_equal(k, NFA_NONE);
	assert_int_equal(n->edges[k].label, label);
	assert_int_equal(n->edges[k].to, to);
	assert_int_equal(n->edges[k].next, NFA_NONE);
}

static void starts_with_what_has_a_meaning(void **state)
{
	static const struct {
		enum ws_automaton kind;
		unsigned symbols[4], count;
	} table[] = {
		{ WS_DFA_PATH, { '/', WS_SYM_HOME, WS_SYM_ROOT }, 3 },
		{ WS_DFA_ARGV, { 0, '/', '-' }, 3 },
		{ WS_DFA_NAME, { 0 }, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		CLEANUP(nfa_done) struct nfa n;
		uint64_t seen = 1; /* class 0 is for all others */

		assert_int_equal(nfa_init(&n, table[i].kind), 0);
		assert_int_equal(n.kind, table[i].kind);
		assert_int_equal(n.node_count, 1);
		assert_int_equal(n.nodes[0].edges, NFA_NONE);
		assert_int_equal(n.nodes[0].epsilons, NFA_NONE);
		assert_int_equal(n.nodes[0].accept, 0);
		assert_int_equal(n.class_count, table[i].count + 1);
		assert_int_equal(n.class_of['x'], 0);
		for (unsigned k = 0; k < table[i].count; k++) {
			uint64_t bit = 1ULL << n.class_of[table[i].symbols[k]];

			assert_false(seen & bit);
			seen |= bit;
		}
	}
}

static void edges_in_two_lists(void **state)
{
	CLEANUP(nfa_done) struct nfa n;
	uint32_t a, b;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_NAME), 0);
	assert_int_equal(nfa_node_new(&n, &a), 0);
	assert_int_equal(nfa_node_new(&n, &b), 0);
	assert_int_equal(a, 1);
	assert_int_equal(b, 2);
	assert_int_equal(nfa_edge_new(&n, 0, 'a', a), 0);
	assert_int_equal(nfa_epsilon_new(&n, 0, b), 0);
	assert_int_equal(nfa_edge_new(&n, a, 'x', a), 0);
	assert_int_equal(nfa_edge_new(&n, a, 'y', b), 0);
	only_edge(&n, 0, 'a', a);
	assert_int_equal(n.edges[n.nodes[0].epsilons].to, b);
	assert_int_equal(n.edges[n.nodes[0].epsilons].next, NFA_NONE);
	assert_int_equal(n.nodes[a].epsilons, NFA_NONE);
	/* the newest comes first, and leads to the one before */
	assert_int_equal(n.edges[n.nodes[a].edges].label, 'y');
	assert_int_equal(n.edges[n.edges[n.nodes[a].edges].next].label, 'x');
}

static void children_differ_by_all_of_their_key(void **state)
{
	CLEANUP(nfa_done) struct nfa n;
	uint32_t first, other;
	bool is_new;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	assert_int_equal(nfa_child_of(&n, 0, NFA_STEP_ATOM, 'a', &first, &is_new), 0);
	assert_true(is_new);
	assert_int_equal(nfa_child_of(&n, 0, NFA_STEP_ATOM, 'a', &other, &is_new), 0);
	assert_false(is_new);
	assert_int_equal(other, first);
	assert_int_equal(nfa_child_of(&n, 0, NFA_STEP_ATOM, 'b', &other, &is_new), 0);
	assert_true(is_new && other != first);
	assert_int_equal(nfa_child_of(&n, 0, NFA_STEP_WORD, 'a', &other, &is_new), 0);
	assert_true(is_new && other != first);
	assert_int_equal(nfa_child_of(&n, first, NFA_STEP_ATOM, 'a', &other, &is_new), 0);
	assert_true(is_new && other != first);
	assert_int_equal(n.edge_count, 0);
}

static void children_are_found_among_many(void **state)
{
	enum { MANY = 5000 };
	CLEANUP(nfa_done) struct nfa n;
	uint32_t to[MANY], again;
	bool is_new;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(nfa_child_of(&n, 0, NFA_STEP_ATOM, i, &to[i], &is_new), 0);
		assert_true(is_new);
	}
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(nfa_child_of(&n, 0, NFA_STEP_ATOM, i, &again, &is_new), 0);
		assert_false(is_new);
		assert_int_equal(again, to[i]);
	}
}

static void a_step_for_each_kind_of_atom(void **state)
{
	CLEANUP(nfa_done) struct nfa n;
	uint32_t at = 0;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	assert_int_equal(nfa_step(&n, &at, 'a', NULL), 0);
	only_edge(&n, 0, 'a', at);
	assert_int_not_equal(n.class_of['a'], 0);
	assert_int_equal(n.class_of['b'], 0);

	at = 0;
	n.nodes[0].edges = NFA_NONE;
	assert_int_equal(nfa_step(&n, &at, ATOM_ONE(SET_NOT_NUL), NULL), 0);
	only_edge(&n, 0, NFA_SET(SET_NOT_NUL), at);
	assert_int_equal(n.nodes[0].epsilons, NFA_NONE);

	at = 0;
	n.nodes[0].edges = NFA_NONE;
	assert_int_equal(nfa_step(&n, &at, ATOM_STAR(SET_NOT_NUL), NULL), 0);
	assert_int_equal(n.nodes[0].edges, NFA_NONE);
	assert_int_equal(n.edges[n.nodes[0].epsilons].to, at);
	only_edge(&n, at, NFA_SET(SET_NOT_NUL), at);
}

static void same_steps_same_nodes(void **state)
{
	static const uint16_t one[] = { 'a', ATOM_STAR(SET_NOT_NUL), 'b' },
			      two[] = { 'a', ATOM_STAR(SET_NOT_NUL), 'c' };
	CLEANUP(nfa_done) struct nfa n;
	uint32_t first = 0, again = 0, other = 0;
	size_t nodes, edges;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	assert_int_equal(nfa_steps(&n, &first, one, 3, false, NULL), 0);
	nodes = n.node_count;
	edges = n.edge_count;
	assert_int_equal(nfa_steps(&n, &again, one, 3, false, NULL), 0);
	assert_int_equal(again, first);
	assert_int_equal(n.node_count, nodes);
	assert_int_equal(n.edge_count, edges);
	assert_int_equal(nfa_steps(&n, &other, two, 3, false, NULL), 0);
	assert_int_equal(n.node_count, nodes + 1);
	assert_int_not_equal(other, first);
}

static void wildcards_of_a_file_take_no_slash(void **state)
{
	static const uint16_t wild[] = { ATOM_ONE(SET_NOT_NUL) },
			      star[] = { ATOM_STAR(SET_NOT_NUL) };
	static const uint16_t plain[] = { 'a' };
	CLEANUP(nfa_done) struct nfa n;
	uint32_t at = 0, to;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	assert_int_equal(nfa_steps(&n, &at, wild, 1, true, NULL), 0);
	only_edge(&n, 0, NFA_SET(SET_NOT_NUL_SLASH), at);
	to = at;
	assert_int_equal(nfa_steps(&n, &to, star, 1, true, NULL), 0);
	assert_int_equal(n.edges[n.nodes[at].epsilons].to, to);
	only_edge(&n, to, NFA_SET(SET_NOT_NUL_SLASH), to);
	at = 0;
	n.nodes[0].edges = NFA_NONE;
	assert_int_equal(nfa_steps(&n, &at, plain, 1, true, NULL), 0);
	only_edge(&n, 0, 'a', at);
}

/* For the message that names the pattern which costs most. */
static void nodes_know_their_first_pattern(void **state)
{
	CLEANUP(nfa_done) struct nfa n;
	uint32_t first, second;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_NAME), 0);
	n.pattern_count = 1;
	assert_int_equal(nfa_node_new(&n, &first), 0);
	n.pattern_count = 2;
	assert_int_equal(nfa_node_new(&n, &second), 0);
	assert_int_equal(n.nodes[first].pattern, 0);
	assert_int_equal(n.nodes[second].pattern, 1);
}

static void too_many_classes(void **state)
{
	CLEANUP(nfa_done) struct nfa n;
	struct error e = { 0 };
	uint32_t at = 0;
	unsigned named = 0;
	int r = 0;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_NAME), 0);
	for (unsigned c = 1; c < 256 && r == 0; c++, named += r == 0)
		r = nfa_step(&n, &at, c, &e);
	assert_int_equal(r, -E2BIG);
	assert_int_equal(named, WS_CLASSES - 2); /* class 0, and the NUL's */
	assert_int_equal(n.class_count, WS_CLASSES);
	assert_non_null(strstr(e.text, "0x3e"));
	/* a symbol that has a class already is no problem */
	assert_int_equal(nfa_step(&n, &at, 1, &e), 0);
	assert_int_equal(n.class_count, WS_CLASSES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_with_what_has_a_meaning),
		cmocka_unit_test(edges_in_two_lists),
		cmocka_unit_test(children_differ_by_all_of_their_key),
		cmocka_unit_test(children_are_found_among_many),
		cmocka_unit_test(a_step_for_each_kind_of_atom),
		cmocka_unit_test(same_steps_same_nodes),
		cmocka_unit_test(wildcards_of_a_file_take_no_slash),
		cmocka_unit_test(nodes_know_their_first_pattern),
		cmocka_unit_test(too_many_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
