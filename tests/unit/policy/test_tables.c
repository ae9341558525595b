// SPDX-License-Identifier: GPL-2.0-only
/* test_tables.c - compiled tables asked as the kernel asks them: walks of paths, homes, argv,
 * names, the longest prefix of an address, ports. */
#include "policy/tables.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/compile.h"
#include "tree.h"

static char *paths[] = { "~/.x", "/etc/p", "/**/deep", "/srv/**", "/" };
static char *argv[] = { "gh auth" }, *packages[] = { "@a/*" };

/* Rule i has paths[i]; the last two, argv and packages. */
#define RULES (ARRAY_SIZE(paths) + 2)

static struct rule rules[RULES];
static struct tables *tables;

static int load_from(const char *cache)
{
	static const struct ruleset set = { .rules = rules, .count = RULES };

	for (size_t i = 0; i < RULES; i++) {
		rules[i].id = rules[i].file = "r";
		rules[i].ops = 1u << WS_OP_READ;
		rules[i].actors = 1u << WS_ACTOR_PACKAGE;
		if (i < ARRAY_SIZE(paths))
			rules[i].path = (struct strings){ &paths[i], 1 };
	}
	rules[RULES - 2].argv = (struct strings){ argv, 1 };
	rules[RULES - 1].package = (struct strings){ packages, 1 };
	return compile(&tables, &set, cache, NULL);
}

static int load(void **state)
{
	(void)state;
	return load_from(NULL);
}

static char *top;

/* As the agent: built, kept in a file, at rest; look-ups read the file again. */
static int load_at_rest(void **state)
{
	(void)state;
	top = tree_new();
	if (load_from(tree_path(top, "cache")) < 0)
		return -1;
	assert_non_null(tables->store.file);
	tables_rest(tables);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	tables_free(tables);
	tables_free(NULL);
	if (top)
		tree_free(top);
	return 0;
}

static uint64_t at(const char *path, const unsigned *homes, size_t count)
{
	struct ws_set s = { 0 };

	tables_match_path(tables, path, homes, count, &s);
	return s.match.w[0];
}

static void test_paths(void **state)
{
	static const struct {
		const char *path;
		uint64_t rules;
	} table[] = {
		{ "/etc/p", 1 << 1 },
		{ "/etc/p/", 1 << 1 },
		{ "//etc//p", 1 << 1 },
		{ "/etc/px", 0 },
		{ "/x/etc/p", 0 },
		{ "/etc", 0 },
		{ "/deep", 1 << 2 },
		{ "/a/b/deep", 1 << 2 },
		{ "/deep/a", 0 },
		{ "/srv/a", 1 << 3 },
		{ "/srv/a/b", 1 << 3 },
		{ "/srv", 0 },
		{ "/srv/deep", 1 << 3 | 1 << 2 },
		{ "/", 1 << 4 },
		{ "/home/ci/.x", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (at(table[i].path, NULL, 0) != table[i].rules)
			fail_msg("%s: %#lx", table[i].path,
				 (unsigned long)at(table[i].path, NULL, 0));
}

static void test_homes(void **state)
{
	const unsigned root = 0, one = 1, two = 2, both[] = { 1, 2 };

	(void)state;
	assert_int_equal(at("/home/ci/.x", &two, 1), 1);
	assert_int_equal(at("/home/ci/.x", &one, 1), 0);
	assert_int_equal(at("/root/.x", &one, 1), 1);
	assert_int_equal(at("/.x", &root, 1), 1);
	assert_int_equal(at("/home/ci/.x", both, 2), 1);
	assert_int_equal(at("/home/ci/.x", both, 1), 0); /* only the first of the list */
	assert_int_equal(at("/home/ci/.x/y", &two, 1), 0);
	assert_int_equal(at("//home/ci//.x", &two, 1), 1);
}

/* What was there stays there. */
static void test_adds(void **state)
{
	struct ws_set s = { .match.w[1] = 5, .manager = 2 };

	(void)state;
	tables_match_path(tables, "/etc/p", NULL, 0, &s);
	assert_int_equal(s.match.w[0], 1 << 1);
	assert_int_equal(s.match.w[1], 5);
	assert_int_equal(s.manager, 2);
}

static void test_argv_and_names(void **state)
{
	struct ws_set s = { 0 };

	(void)state;
	tables_match_argv(tables, "gh\0auth", 8, &s);
	assert_int_equal(s.match.w[0], 1 << (RULES - 2));
	s = (struct ws_set){ 0 };
	tables_match_argv(tables, "gh\0auth", 7, &s); /* without the last NUL */
	assert_int_equal(s.match.w[0], 0);
	tables_match_argv(tables, "node\0/usr/bin/npm\0ci", 21, &s);
	assert_int_not_equal(s.manager, 0);
	s = (struct ws_set){ 0 };
	tables_match_name(tables, "@a/b", &s);
	assert_int_equal(s.match.w[0], 1 << (RULES - 1));
	s = (struct ws_set){ 0 };
	tables_match_name(tables, "@ab", &s);
	tables_match_name(tables, "", &s);
	assert_int_equal(s.match.w[0], 0);
}

static uint64_t of_address(const struct tables *t, const char *text)
{
	struct ws_mask m = { .w[3] = 1 };
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	uint8_t bytes[16];

	assert_int_equal(inet_pton(family, text, bytes), 1);
	tables_match_address(t, family, bytes, &m);
	assert_int_equal(m.w[3], 1);
	return m.w[0];
}

/* Like the kernel's trie: the longest prefix, wherever it stands, and that one alone. */
static void test_addresses(void **state)
{
	static struct table_lpm4 four[] = {
		{ { 16, { 10, 1 } }, { { 2 } } },
		{ { 0, { 0 } }, { { 1 } } },
		{ { 8, { 10 } }, { { 4 } } },
	};
	static struct table_lpm6 six[] = {
		{ { 8, { 0xfd } }, { { 8 } } },
		{ { 128, { 0xfd, [15] = 1 } }, { { 16 } } },
	};
	const struct tables t = { .lpm4 = four, .lpm4_count = 3, .lpm6 = six, .lpm6_count = 2 };
	const struct tables none = { 0 };

	(void)state;
	assert_int_equal(of_address(&t, "10.1.2.3"), 2);
	assert_int_equal(of_address(&t, "10.2.2.3"), 4);
	assert_int_equal(of_address(&t, "11.0.0.0"), 1);
	assert_int_equal(of_address(&t, "fd00::1"), 16);
	assert_int_equal(of_address(&t, "fd00::2"), 8);
	assert_int_equal(of_address(&t, "fe00::1"), 0);
	assert_int_equal(of_address(&none, "1.2.3.4"), 0);
	six[0].key = (struct ws_lpm6){ 0 };
	assert_int_equal(of_address(&t, "fe00::1"), 8);
}

static void test_ports(void **state)
{
	static struct table_port ports[] = { { 22, { { 1 } } }, { 443, { { 2 } } } };
	const struct tables t = { .ports = ports, .port_count = 2 };
	struct ws_mask m = { { 4 } };

	(void)state;
	tables_match_port(&t, 80, &m);
	assert_int_equal(m.w[0], 4);
	tables_match_port(&t, 443, &m);
	assert_int_equal(m.w[0], 4 | 2);
	tables_match_port(&t, 65536 + 22, &m);
	assert_int_equal(m.w[0], 4 | 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),	  cmocka_unit_test(test_homes),
		cmocka_unit_test(test_adds),	  cmocka_unit_test(test_argv_and_names),
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_ports),
	};

	const struct CMUnitTest again[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_argv_and_names),
	};

	return cmocka_run_group_tests_name("built", tests, load, unload) ||
	       cmocka_run_group_tests_name("at rest", again, load_at_rest, unload);
}
