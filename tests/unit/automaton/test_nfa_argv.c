// SPDX-License-Identifier: GPL-2.0-only
/* test_nfa_argv.c - which argv each kind of word in a pattern stands for. */
#include "automaton/nfa_argv.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "nfa_run.h"

/* argv with '|' behind each word, which becomes the NUL. */
static bool matches(const struct nfa *n, const char *words)
{
	char argv[256];
	size_t len = strlen(words);

	assert_true(len < sizeof(argv));
	for (size_t i = 0; i < len; i++)
		argv[i] = words[i] == '|' ? '\0' : words[i];
	return nfa_run(n, argv, len).match.w[0];
}

static void test_words(void **state)
{
	static const struct {
		const char *pattern, *yes[8], *no[10];
	} table[] = {
		{ "gh",
		  { "gh|", "/usr/bin/gh|", "./gh|", "a/b/gh|" },
		  { "ghx|", "gh", "gh|x|", "-x/gh|", "bin/ghx|", "gh/x|", "|gh|", "sh|gh|" } },
		{ "a/b", { "a/b|" }, { "x/a/b|", "/a/b|", "b|" } },
		{ "g*", { "g|", "gh|", "/bin/gh|" }, { "g/h|", "/bin/g/h|", "h|" } },
		{ "g?", { "gh|", "/bin/gh|" }, { "g|", "g/|", "ghi|" } },
		/* behind the first, a word is no file */
		{ "a b", { "a|b|", "/a|b|" }, { "a|/b|", "a|x/b|", "a|b", "a||b|", "ab|" } },
		{ "a b*", { "a|b|", "a|b/c|" }, { "a|c|", "a|b|c|" } },
		{ "a ?", { "a|b|", "a|/|" }, { "a||", "a|bc|" } },
		{ "a ** b",
		  { "a|b|", "a|x|b|", "a||b|", "a|-x|y|b|", "a|b|b|" },
		  { "a|", "a|x|", "a|b", "b|", "a|b|x|" } },
		{ "a -** b",
		  { "a|b|", "a|-x|b|", "a|-|--y=/z|b|" },
		  { "a|x|b|", "a||b|", "a|-x|", "a|-b", "a|b|-x|" } },
		{ "** a", { "a|", "x|a|", "x|y|a|", "|a|" }, { "xa|", "a|x|", "" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ws_set accept = { .match.w[0] = 1 };
		CLEANUP(nfa_done) struct nfa n;

		assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
		assert_int_equal(nfa_add(&n, table[i].pattern, &accept, NULL), 0);
		for (size_t k = 0; k < 8 && table[i].yes[k]; k++)
			if (!matches(&n, table[i].yes[k]))
				fail_msg("`%s` does not match %s", table[i].pattern,
					 table[i].yes[k]);
		for (size_t k = 0; k < 10 && table[i].no[k]; k++)
			if (matches(&n, table[i].no[k]))
				fail_msg("`%s` matches %s", table[i].pattern, table[i].no[k]);
	}
}

static void test_scripts(void **state)
{
	static const char *const interpreters[] = { "sh",     "bash",	    "dash",    "zsh",
						    "ksh",    "ash",	    "fish",    "node",
						    "node18", "nodejs",	    "python3", "perl5.36",
						    "ruby",   "/usr/bin/sh" };
	static const char *const no[] = {
		"sh|x|gh|a|",	 "sh|-x|y|gh|a|",   "-sh|gh|a|", "env|gh|",
		"env|a|b|gh|a|", "shx|gh|a|",	    "gh|",	 "sh|gh|",
		"cat|gh|a|",	 "env|-i|sh|gh|a|", "sh|gh/|a|"
	};
	struct ws_set accept = { .match.w[0] = 1 };
	CLEANUP(nfa_done) struct nfa n;
	char argv[128];

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	assert_int_equal(nfa_add(&n, "#!gh a", &accept, NULL), 0);
	assert_true(matches(&n, "gh|a|"));
	assert_true(matches(&n, "/usr/bin/gh|a|"));
	for (size_t i = 0; i < ARRAY_SIZE(interpreters); i++) {
		snprintf(argv, sizeof(argv), "%s|/x/gh|a|", interpreters[i]);
		if (!matches(&n, argv))
			fail_msg("%s does not match", argv);
		snprintf(argv, sizeof(argv), "%s|-u|--y=z|gh|a|", interpreters[i]);
		if (!matches(&n, argv))
			fail_msg("%s does not match", argv);
	}
	assert_true(matches(&n, "/usr/bin/env|node|/x/gh|a|"));
	assert_true(matches(&n, "env|anything|-v|gh|a|"));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		if (matches(&n, no[i]))
			fail_msg("%s matches", no[i]);
}

/* `gh a` must not mean what only `#!gh b` does, although both pass by the word gh. */
static void test_a_script_is_not_a_plain_word(void **state)
{
	CLEANUP(nfa_done) struct nfa n;
	struct ws_set plain = { .match.w[0] = 1 }, script = { .match.w[0] = 2 };

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	assert_int_equal(nfa_add(&n, "gh a", &plain, NULL), 0);
	assert_int_equal(nfa_add(&n, "#!gh b", &script, NULL), 0);
	assert_true(matches(&n, "gh|a|") && matches(&n, "gh|b|") && matches(&n, "sh|gh|b|"));
	assert_false(matches(&n, "sh|gh|a|"));
}

/* Where the pattern ends in options, also an argv that was cut within one matches. */
static void test_tail(void **state)
{
	CLEANUP(nfa_done) struct nfa n;
	CLEANUP(pattern_done) struct pattern p = { 0 };
	uint32_t at = 0, tail;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	assert_int_equal(pattern_parse(&p, WS_DFA_ARGV, "a -**", NULL), 0);
	assert_int_equal(nfa_step_argv(&n, &at, &tail, &p, NULL), 0);
	assert_int_not_equal(tail, NFA_NONE);
	assert_int_not_equal(tail, at);
	pattern_done(&p);
	assert_int_equal(pattern_parse(&p, WS_DFA_ARGV, "a -** b", NULL), 0);
	at = 0;
	assert_int_equal(nfa_step_argv(&n, &at, &tail, &p, NULL), 0);
	assert_int_equal(tail, NFA_NONE);
}

/* Patterns that are alike at their beginning share its nodes, both readings of a file included. */
static void test_shared(void **state)
{
	struct ws_set accept = { .match.w[0] = 1 };
	CLEANUP(nfa_done) struct nfa n;
	size_t nodes;

	(void)state;
	assert_int_equal(nfa_init(&n, WS_DFA_ARGV), 0);
	assert_int_equal(nfa_add(&n, "#!gh -** auth x", &accept, NULL), 0);
	nodes = n.node_count;
	assert_int_equal(nfa_add(&n, "#!gh -** auth x", &accept, NULL), 0);
	assert_int_equal(n.node_count, nodes);
	assert_int_equal(nfa_add(&n, "#!gh -** auth y", &accept, NULL), 0);
	assert_int_equal(n.node_count, nodes + 2); /* y, and the NUL */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_a_script_is_not_a_plain_word),
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
