// SPDX-License-Identifier: GPL-2.0-only
/* test_dfa.c - the automata say what the patterns mean: against a slow matcher that shares nothing
 * with them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/compile.h"
#include "automaton/dfa.h"
#include "automaton/pattern.h"
#include "slow_match.h"

#define RULES 24

static uint64_t seed;
static size_t matches; /* a comparison of two matchers that never match would pass */

static unsigned roll(unsigned n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(seed >> 33) % n;
}

/* One pattern a rule: rule i matches when bit i is set. */
struct fixture {
	char pattern[RULES][96];
	char *at[RULES];
	struct rule rules[RULES];
	struct ruleset set;
	struct tables *tables;
};

static void fixture_build(struct fixture *f, enum ws_automaton kind, void (*make)(char *pattern))
{
	struct error e = { 0 };

	memset(f, 0, sizeof(*f));
	for (int i = 0; i < RULES; i++) {
		struct rule *r = &f->rules[i];
		struct pattern p;

		do
			make(f->pattern[i]);
		while (pattern_parse(&p, kind, f->pattern[i], NULL) < 0);
		pattern_done(&p);
		f->at[i] = f->pattern[i];
		r->id = r->file = f->pattern[i];
		r->action = WS_KILL;
		r->ops = 1u << WS_OP_READ;
		r->actors = 1u << WS_ACTOR_PACKAGE;
		*(kind == WS_DFA_PATH	? &r->path
		  : kind == WS_DFA_ARGV ? &r->argv
					: &r->package) = (struct strings){ &f->at[i], 1 };
	}
	f->set = (struct ruleset){ .rules = f->rules, .count = RULES };
	if (compile(&f->tables, &f->set, NULL, &e) < 0)
		fail_msg("%s", e.text);
}

static void compare(const struct fixture *f, const struct ws_set *got, int i, bool want,
		    const char *subject)
{
	matches += want;
	if ((got->match.w[0] >> i & 1) != want)
		fail_msg("pattern `%s`, subject `%s`: automaton says %d", f->pattern[i], subject,
			 !want);
}

static void add_glob(char *to)
{
	static const char *const bits[] = {
		"a", "b", "a", "b", "ab", "*", "?", "\\*", ".", "-", "c"
	};
	int n = 1 + (int)roll(3);

	while (n--)
		strcat(to, bits[roll(11)]);
}

/* ---- paths ---- */

static void make_path_pattern(char *p)
{
	static const char *const heads[] = { "", "", "~", "~", "/**" };
	int n = (int)roll(4);

	strcpy(p, heads[roll(5)]);
	while (n--) {
		strcat(p, "/");
		add_glob(p);
	}
	if (roll(4) == 0)
		strcat(p, "/**");
	if (roll(20) == 0)
		strcpy(p, roll(2) ? "/" : "~");
}

static void test_paths(void **state)
{
	static const char *const bits[] = { "a", "b",  "ab",   "*",  ".", "-",
					    "c", "\n", "\xff", "aa", "\\" };
	struct fixture f;

	(void)state;
	for (seed = 1; seed < 120; seed++) {
		uint64_t round = seed;

		fixture_build(&f, WS_DFA_PATH, make_path_pattern);
		for (int k = 0; k < 300; k++) {
			char path[128] = "";
			unsigned depth = roll(5), homes[2] = { roll(5), roll(4) };
			size_t lengths[2], known = 0, home_count = roll(3);
			struct ws_set got = { 0 };

			for (unsigned d = 0; d <= depth; d++) {
				for (size_t h = 0; h < home_count; h++)
					if (homes[h] == d)
						lengths[known++] = strlen(path);
				if (d == depth)
					break;
				strcat(path, "/");
				for (unsigned n = 1 + roll(2); n; n--)
					strcat(path, bits[roll(11)]);
			}
			tables_match_path(f.tables, path[0] ? path : "/", homes, home_count, &got);
			for (int i = 0; i < RULES; i++)
				compare(&f, &got, i,
					slow_path(f.pattern[i], path[0] ? path : "/", lengths,
						  known),
					path);
		}
		tables_free(f.tables);
		seed = round;
	}
	assert_true(matches > 2000);
	matches = 0;
}

/* ---- argv ---- */

static void make_argv_pattern(char *p)
{
	static const char *const words[] = { "a",  "b", "ab", "-x", "-y",  "*",
					     "a*", "?", "-*", "sh", "a/b", "*b*" };
	static const char *const first[] = { "sh", "env", "node*", "a", "b", "*", "a*" };
	int n = (int)roll(4);

	strcpy(p, roll(3) == 0 ? "#!" : "");
	strcat(p, first[roll(7)]);
	while (n--) {
		strcat(p, " ");
		strcat(p, roll(4) == 0 ? (roll(2) ? "**" : "-**") : words[roll(12)]);
	}
	if (roll(4) == 0)
		strcat(p, " **");
	if (roll(12) == 0) {
		char copy[96];

		if (p[0] != '#') {
			strcpy(copy, p);
			strcpy(p, "** ");
			strcat(p, copy);
		}
	}
}

static void test_argv(void **state)
{
	static const char *const words[] = { "a",    "b",	"ab",  "-x",   "-y",   "sh",
					     "/x/a", "env",	"",    "b/a",  "node", "node18",
					     "/a/b", "/bin/sh", "a/b", "-x/a", "x/env" };
	struct fixture f;

	(void)state;
	for (seed = 1; seed < 120; seed++) {
		uint64_t round = seed;

		fixture_build(&f, WS_DFA_ARGV, make_argv_pattern);
		for (int k = 0; k < 400; k++) {
			char joined[256], shown[256] = "";
			char *argv[8];
			size_t n = 1 + roll(6), len = 0;
			struct ws_set got = { 0 };

			for (size_t i = 0; i < n; i++) {
				const char *word = words[roll(17)];

				argv[i] = joined + len;
				strcpy(argv[i], word);
				len += strlen(word) + 1;
				strcat(shown, word);
				strcat(shown, "|");
			}
			tables_match_argv(f.tables, joined, len, &got);
			for (int i = 0; i < RULES; i++)
				compare(&f, &got, i, slow_argv(f.pattern[i], argv, n), shown);
		}
		tables_free(f.tables);
		seed = round;
	}
	assert_true(matches > 2000);
	matches = 0;
}

/* ---- names ---- */

static void make_name_pattern(char *p)
{
	*p = '\0';
	if (roll(3) == 0)
		strcat(p, "@a/");
	add_glob(p);
	add_glob(p);
}

static void test_names(void **state)
{
	static const char *const bits[] = { "a", "b", "ab", "*", ".", "-", "c", "/", "@a/" };
	struct fixture f;

	(void)state;
	for (seed = 1; seed < 120; seed++) {
		uint64_t round = seed;

		fixture_build(&f, WS_DFA_NAME, make_name_pattern);
		for (int k = 0; k < 300; k++) {
			char name[64] = "";
			struct ws_set got = { 0 };

			for (unsigned n = roll(5); n; n--)
				strcat(name, bits[roll(9)]);
			tables_match_name(f.tables, name, &got);
			for (int i = 0; i < RULES; i++)
				compare(&f, &got, i,
					slow_glob(f.pattern[i], strlen(f.pattern[i]), name,
						  strlen(name), -1),
					name);
		}
		tables_free(f.tables);
		seed = round;
	}
	assert_true(matches > 2000);
	matches = 0;
}

/* ---- what the shared array promises ---- */

static void test_dead_state(void **state)
{
	struct fixture f;

	(void)state;
	seed = 7;
	fixture_build(&f, WS_DFA_PATH, make_path_pattern);
	assert_int_equal(f.tables->rows[0].accept, 0);
	for (int c = 0; c < WS_CLASSES; c++)
		assert_int_equal(f.tables->rows[0].next[c], 0);
	for (size_t i = 0; i < f.tables->row_count; i++) {
		assert_true(f.tables->rows[i].accept < f.tables->set_count);
		for (int c = 0; c < WS_CLASSES; c++)
			assert_true(f.tables->rows[i].next[c] < f.tables->row_count);
	}
	for (int a = 0; a < WS_DFA_MAX; a++)
		for (int s = 0; s < WS_SYMBOLS; s++)
			assert_true(f.tables->policy.class_of[a][s] < WS_CLASSES);
	/* the slash between two components is a symbol of its own; the byte, in a memfd's name, is
	 * no such thing */
	assert_int_not_equal(f.tables->policy.class_of[WS_DFA_PATH][WS_SYM_END],
			     f.tables->policy.class_of[WS_DFA_PATH]['/']);
	assert_int_equal(f.tables->policy.class_of[WS_DFA_PATH]['/'],
			 f.tables->policy.class_of[WS_DFA_PATH][1]);
	/* no package pattern: nothing to walk */
	assert_int_equal(f.tables->policy.start[WS_DFA_NAME], 0);
	tables_free(f.tables);
}

/* An argv the kernel cut within a word still matches a pattern whose rest is open. */
static void test_cut_argv(void **state)
{
	static struct rule rule = {
		.id = "x", .file = "x", .action = WS_KILL, .ops = 1u << WS_OP_EXEC, .actors = 16
	};
	static char *patterns[] = { "#!npm publish **" };
	static const char argv[] = "node\0/usr/bin/npm\0publish\0--long=aaaaaaaaaaaaaaaaaaa";
	struct ruleset set = { .rules = &rule, .count = 1 };
	struct tables *t = NULL;
	struct ws_set got = { 0 };

	(void)state;
	rule.argv = (struct strings){ patterns, 1 };
	assert_int_equal(compile(&t, &set, NULL, NULL), 0);
	tables_match_argv(t, argv, sizeof(argv) - 1, &got);
	assert_int_equal(got.match.w[0], 1);
	tables_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),	 cmocka_unit_test(test_argv),
		cmocka_unit_test(test_names),	 cmocka_unit_test(test_dead_state),
		cmocka_unit_test(test_cut_argv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
