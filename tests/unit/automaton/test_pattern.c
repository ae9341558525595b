// SPDX-License-Identifier: GPL-2.0-only
/* test_pattern.c - patterns become the atoms that the automaton is fed, and wrong ones are refused.
 */
#include "automaton/pattern.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

#define STAR ATOM_STAR(SET_NOT_SLASH)
#define ONE  ATOM_ONE(SET_NOT_SLASH)
#define ANY  ATOM_STAR(SET_NOT_NUL)
#define END  0xffff /* of a list of atoms below */

static void test_atoms(void **state)
{
	static const struct {
		enum ws_automaton kind;
		const char *text;
		uint16_t atoms[16];
	} table[] = {
		/* the last component first, each with the '/' that is before it */
		{ WS_DFA_PATH, "/", { WS_SYM_ROOT, END } },
		{ WS_DFA_PATH, "~", { WS_SYM_HOME, END } },
		{ WS_DFA_PATH, "/a/bc", { 'b', 'c', '/', 'a', '/', WS_SYM_ROOT, END } },
		{ WS_DFA_PATH, "~/a", { 'a', '/', WS_SYM_HOME, END } },
		{ WS_DFA_PATH, "/**/a", { 'a', '/', END } },
		{ WS_DFA_PATH, "/a/**", { ATOM_STAR(SET_ALL), '/', 'a', '/', WS_SYM_ROOT, END } },
		{ WS_DFA_PATH, "~/**", { ATOM_STAR(SET_ALL), '/', WS_SYM_HOME, END } },
		{ WS_DFA_PATH, "/**/a/**", { ATOM_STAR(SET_ALL), '/', 'a', '/', END } },
		{ WS_DFA_PATH, "/a*?\\*", { 'a', STAR, ONE, '*', '/', WS_SYM_ROOT, END } },
		{ WS_DFA_PATH, "/\\**", { '*', STAR, '/', WS_SYM_ROOT, END } },
		{ WS_DFA_PATH, "/\xff", { 0xff, '/', WS_SYM_ROOT, END } },
		{ WS_DFA_ARGV, "a", { ATOM_WORD, 'a', END } },
		{ WS_DFA_ARGV, "a/b *", { ATOM_WORD, 'a', '/', 'b', ATOM_WORD, ANY, END } },
		{ WS_DFA_ARGV,
		  "#!a -** b **",
		  { ATOM_SCRIPT, ATOM_WORD, 'a', ATOM_DASHES, ATOM_WORD, 'b', ATOM_WORDS, END } },
		{ WS_DFA_ARGV, "-**", { ATOM_DASHES, END } },
		{ WS_DFA_ARGV, "* *", { ATOM_WORD, ANY, ATOM_WORD, ANY, END } },
		{ WS_DFA_PATH, "/*/*", { STAR, '/', STAR, '/', WS_SYM_ROOT, END } },
		{ WS_DFA_ARGV, "** a", { ATOM_WORDS, ATOM_WORD, 'a', END } },
		{ WS_DFA_ARGV, "a\\ b", { ATOM_WORD, 'a', ' ', 'b', END } },
		{ WS_DFA_NAME, "@a/b?", { '@', 'a', '/', 'b', ATOM_ONE(SET_NOT_NUL), 0, END } },
		{ WS_DFA_NAME, "a\\/b", { 'a', '/', 'b', 0, END } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct error e = { 0 };
		struct pattern p;
		size_t n = 0;

		if (pattern_parse(&p, table[i].kind, table[i].text, &e) < 0)
			fail_msg("`%s`: %s", table[i].text, e.text);
		while (table[i].atoms[n] != END)
			n++;
		if (p.count != n || memcmp(p.atoms, table[i].atoms, n * sizeof(p.atoms[0])) != 0)
			fail_msg("`%s`: other atoms", table[i].text);
		pattern_done(&p);
		assert_null(p.atoms);
	}
}

static void test_kinds_of_atoms(void **state)
{
	(void)state;
	assert_true(ATOM_IS_ONE(ONE) && !ATOM_IS_STAR(ONE) && !ATOM_IS_MARK(ONE));
	assert_true(ATOM_IS_STAR(STAR) && !ATOM_IS_ONE(STAR) && !ATOM_IS_MARK(STAR));
	assert_true(ATOM_IS_MARK(ATOM_WORD) && ATOM_IS_MARK(ATOM_SCRIPT));
	assert_false(ATOM_IS_MARK(WS_SYM_END) || ATOM_IS_ONE(WS_SYM_END) ||
		     ATOM_IS_STAR(WS_SYM_END));
	assert_int_equal(ATOM_SET(ATOM_STAR(SET_NOT_NUL_DASH)), SET_NOT_NUL_DASH);
}

static void test_rooted(void **state)
{
	(void)state;
	assert_true(pattern_is_rooted("/etc/x"));
	assert_true(pattern_is_rooted("~/x"));
	assert_true(pattern_is_rooted("/a/**"));
	assert_true(pattern_is_rooted("/**a"));
	assert_false(pattern_is_rooted("/**/x"));
}

static void test_refused(void **state)
{
	static const struct {
		enum ws_automaton kind;
		const char *text, *why;
	} table[] = {
		{ WS_DFA_PATH, "", "empty" },
		{ WS_DFA_PATH, "etc/passwd", "must begin" },
		{ WS_DFA_PATH, "~ci/x", "followed by '/'" },
		{ WS_DFA_PATH, "/**", "matches everything" },
		{ WS_DFA_PATH, "/**/**", "matches everything" },
		{ WS_DFA_PATH, "/a/**/b", "first or the last" },
		{ WS_DFA_PATH, "~/**/b", "first or the last" },
		{ WS_DFA_PATH, "/**/**/b", "first or the last" },
		{ WS_DFA_PATH, "/a**/b", "stand alone" },
		{ WS_DFA_PATH, "/a//b", "empty component" },
		{ WS_DFA_PATH, "/a/", "ends in '/'" },
		{ WS_DFA_PATH, "~/", "ends in '/'" },
		{ WS_DFA_PATH, "/a/../b", "never matches" },
		{ WS_DFA_PATH, "/a/./b", "never matches" },
		{ WS_DFA_PATH, "/a\\/b", "never matches" },
		{ WS_DFA_PATH, "/a\\", "backslash" },
		{ WS_DFA_ARGV, "a  b", "single spaces" },
		{ WS_DFA_ARGV, " a", "single spaces" },
		{ WS_DFA_ARGV, "a ", "single spaces" },
		{ WS_DFA_ARGV, "**", "matches everything" },
		{ WS_DFA_ARGV, "** **", "matches everything" },
		{ WS_DFA_ARGV, "a b**", "stand alone" },
		{ WS_DFA_ARGV, "#!** a", "name of a program" },
		{ WS_DFA_ARGV, "#!", "single spaces" },
		{ WS_DFA_NAME, "", "empty" },
	};
	struct pattern p;
	char longest[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct error e = { 0 };
		struct pattern p;

		if (pattern_parse(&p, table[i].kind, table[i].text, &e) != -EINVAL)
			fail_msg("`%s` is accepted", table[i].text);
		if (!strstr(e.text, table[i].why))
			fail_msg("`%s`: %s", table[i].text, e.text);
	}
	/* a name of 255 bytes is the longest there is, and a wildcard can stand for none */
	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	longest[257] = '\0';
	assert_int_equal(pattern_parse(&p, WS_DFA_PATH, longest, NULL), -EINVAL);
	longest[100] = '*';
	assert_int_equal(pattern_parse(&p, WS_DFA_PATH, longest, NULL), 0);
	pattern_done(&p);
	longest[100] = '?';
	assert_int_equal(pattern_parse(&p, WS_DFA_PATH, longest, NULL), -EINVAL);
	longest[256] = '\0';
	assert_int_equal(pattern_parse(&p, WS_DFA_PATH, longest, NULL), 0);
	pattern_done(&p);
	longest[255] = '\\';
	longest[256] = 'a';
	longest[257] = '\0';
	assert_int_equal(pattern_parse(&p, WS_DFA_PATH, longest, NULL), 0);
	pattern_done(&p);
	longest[257] = 'a';
	longest[258] = '\0';
	assert_int_equal(pattern_parse(&p, WS_DFA_PATH, longest, NULL), -EINVAL);
	/* a word of an argv can be longer; a package's name has room for WS_NAME_MAX - 1 */
	memset(longest, 'a', sizeof(longest));
	longest[300] = '\0';
	assert_int_equal(pattern_parse(&p, WS_DFA_ARGV, longest, NULL), 0);
	pattern_done(&p);
	longest[WS_NAME_MAX] = '\0';
	assert_int_equal(pattern_parse(&p, WS_DFA_NAME, longest, NULL), -EINVAL);
	longest[WS_NAME_MAX - 1] = '\0';
	assert_int_equal(pattern_parse(&p, WS_DFA_NAME, longest, NULL), 0);
	pattern_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_atoms),
		cmocka_unit_test(test_kinds_of_atoms),
		cmocka_unit_test(test_rooted),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
