// SPDX-License-Identifier: GPL-2.0-only
/* test_nfa.c - patterns in one automaton: what each node accepts, now and later, and which symbols
 * an edge stands for. */
#include "automaton/nfa.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "automaton/pattern.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "nfa_run.h"

static void add(struct nfa *n, const char *pattern, unsigned rule)
{
	struct ws_set accept = { .match.w[0] = 1ULL << rule };
	struct error e = { 0 };

	if (nfa_add(n, pattern, &accept, &e) < 0)
		fail_msg("`%s`: %s", pattern, e.text);
}

static uint64_t rules_of_name(const struct nfa *n, const char *name)
{
	return nfa_run(n, name, strlen(name) + 1).match.w[0];
}

static void many_patterns(void **state)
{
	CLEANUP(nfa_done) struct nfa n;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_NAME), 0);
	add(&n, "ab", 0);
	add(&n, "a*", 1);
	add(&n, "ab", 2); /* the same as the first */
	add(&n, "?b", 3);
	assert_int_equal(rules_of_name(&n, "ab"), 0xf);
	assert_int_equal(rules_of_name(&n, "a"), 1 << 1);
	assert_int_equal(rules_of_name(&n, "abc"), 1 << 1);
	assert_int_equal(rules_of_name(&n, "xb"), 1 << 3);
	assert_int_equal(rules_of_name(&n, ""), 0);
	assert_int_equal(n.pattern_count, 4);
	assert_string_equal(n.patterns[3], "?b");
	assert_int_equal(nfa_run(&n, "ab", 2).match.w[0], 0); /* the NUL is part of the pattern */
}

static void wrong_ones_are_refused(void **state)
{
	struct ws_set accept = { .match.w[0] = 1 };
	CLEANUP(nfa_done) struct nfa n;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_PATH), 0);
	assert_int_equal(nfa_add(&n, "no/path", &accept, &e), -EINVAL);
	assert_non_null(strstr(e.text, "must begin"));
	assert_int_equal(n.pattern_count, 0);
}

/* `x **` ends in a sink; patterns with the same accept set share it. */
static void sinks(void **state)
{
	CLEANUP(nfa_done) struct nfa n;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	add(&n, "a", 0);
	assert_int_equal(n.sink_count, 0);
	add(&n, "b **", 1);
	add(&n, "c **", 1);
	assert_int_equal(n.sink_count, 1);
	add(&n, "d **", 2);
	assert_int_equal(n.sink_count, 2);
	add(&n, "e **", 2);
	assert_int_equal(n.sink_count, 2);
	assert_int_equal(nfa_run(&n, "b", 2).match.w[0], 1 << 1);
	assert_int_equal(nfa_run(&n, "c\0x\0y", 6).match.w[0], 1 << 1);
	assert_int_equal(nfa_run(&n, "c\0x\0y", 5).match.w[0], 1 << 1); /* cut within a word */
	assert_int_equal(nfa_run(&n, "d\0\0", 3).match.w[0], 1 << 2);
	assert_int_equal(nfa_run(&n, "d", 1).match.w[0], 0);
}

/* Options that were cut off at the end of an argv are options still. */
static void cut_within_options(void **state)
{
	CLEANUP(nfa_done) struct nfa n;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	add(&n, "a -**", 0);
	assert_int_equal(nfa_run(&n, "a\0-x", 4).match.w[0], 1);
	assert_int_equal(nfa_run(&n, "a\0-x", 5).match.w[0], 1);
	assert_int_equal(nfa_run(&n, "a\0x", 3).match.w[0], 0);
	assert_int_equal(nfa_run(&n, "a\0-x\0y", 7).match.w[0], 0);
}

static void futures(void **state)
{
	CLEANUP(nfa_done) struct nfa n;
	_free_ struct ws_set *f = NULL;
	struct nfa_run r;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	add(&n, "ab **", 0);
	add(&n, "ac x", 1);
	add(&n, "d", 2);
	assert_int_equal(nfa_futures(&f, &n), 0);
	assert_int_equal(f[0].match.w[0], 7);
	nfa_run_start(&r, &n);
	nfa_run_feed(&r, 'a');
	for (size_t i = 0; i < n.node_count; i++) /* the words' bases can still become a `d` */
		if (r.in[i] && n.nodes[i].edges != NFA_NONE && !(f[i].match.w[0] & 4))
			assert_int_equal(f[i].match.w[0], 3);
	assert_int_equal(f[n.sinks[0]].match.w[0], 1);
}

static void classes(void **state)
{
	CLEANUP(nfa_done) struct nfa n;
	uint64_t all, slash, nul, dash;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	add(&n, "ab", 0);
	all = nfa_classes(&n, NFA_SET(SET_ALL));
	slash = nfa_classes(&n, '/');
	nul = nfa_classes(&n, 0);
	dash = nfa_classes(&n, '-');
	assert_int_equal(all, (1ULL << n.class_count) - 1);
	assert_int_equal(__builtin_popcountll(slash | nul | dash), 3);
	assert_int_equal(nfa_classes(&n, NFA_SET(SET_NOT_SLASH)), all & ~slash);
	assert_int_equal(nfa_classes(&n, NFA_SET(SET_NOT_NUL)), all & ~nul);
	assert_int_equal(nfa_classes(&n, NFA_SET(SET_NOT_NUL_SLASH)), all & ~nul & ~slash);
	assert_int_equal(nfa_classes(&n, NFA_SET(SET_NOT_NUL_DASH)), all & ~nul & ~dash);
	assert_int_equal(nfa_classes(&n, 'x'), 1); /* named by no pattern */
}

/* In paths, no wildcard stands for a mark of the walk, and a '/' in a name is not the end of one.
 */
static void marks_of_the_walk(void **state)
{
	CLEANUP(nfa_done) struct nfa n;
	uint8_t symbols[WS_SYMBOLS];

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_PATH), 0);
	add(&n, "/a", 0);
	assert_int_equal(nfa_classes(&n, NFA_SET(SET_ALL)) &
				 (nfa_classes(&n, WS_SYM_HOME) | nfa_classes(&n, WS_SYM_ROOT)),
			 0);
	nfa_symbols(&n, symbols);
	assert_int_equal(symbols[WS_SYM_END], n.class_of['/']);
	assert_int_equal(symbols['/'], 0);
	assert_int_equal(symbols['a'], n.class_of['a']);
	assert_int_equal(symbols[WS_SYM_ROOT], n.class_of[WS_SYM_ROOT]);
	nfa_done(&n);

	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	nfa_symbols(&n, symbols);
	assert_memory_equal(symbols, n.class_of, sizeof(symbols));
	assert_int_not_equal(symbols['/'], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_patterns),
		cmocka_unit_test(wrong_ones_are_refused),
		cmocka_unit_test(sinks),
		cmocka_unit_test(cut_within_options),
		cmocka_unit_test(futures),
		cmocka_unit_test(classes),
		cmocka_unit_test(marks_of_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
