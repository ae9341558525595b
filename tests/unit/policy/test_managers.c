// SPDX-License-Identifier: GPL-2.0-only
/* test_managers.c - which argv make a process a package manager, and which do not. */
#include "policy/managers.h"

#include <stdlib.h>
#include <string.h>

#include "automaton/pattern.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/compile.h"

/* argv as the kernel holds it, words separated by | here */
static unsigned manager_of(const struct tables *t, const char *words)
{
	_free_ char *argv = strdup(words);
	struct ws_set s = { 0 };
	size_t len = strlen(words) + 1;

	for (char *p = argv; *p; p++)
		if (*p == '|')
			*p = '\0';
	tables_match_argv(t, argv, len, &s);
	return s.manager;
}

static void test_managers(void **state)
{
	/* What strace showed of the managers themselves, and what must not be taken for one. */
	static const struct {
		const char *argv, *name;
	} table[] = {
		{ "/usr/bin/env|node|/usr/bin/npm|install", "npm" },
		{ "node|/usr/bin/npm|install", "npm" },
		{ "node|/usr/bin/npm|ci|--no-audit", "npm" },
		{ "/usr/bin/node|/usr/lib/node_modules/npm/bin/npm-cli.js|rebuild", "npm" },
		{ "node|--max-old-space-size=4096|--no-warnings|/usr/bin/npm|i", "npm" },
		{ "node|-r|/p/hook.js|/usr/lib/node_modules/npm/bin/npm-cli.js|ci", "npm" },
		{ "node|--no-warnings|--require|x.js|--title=x|/usr/bin/npm|ci", "npm" },
		{ "node|/usr/bin/npx|cowsay", "npm" },
		{ "nodejs|/usr/share/nodejs/npm/bin/npm-cli.js|i", "npm" },
		{ "node|/usr/bin/npm", "npm" },
		{ "node|/p/node_modules/.bin/pnpm|install", "pnpm" },
		{ "node|/x/pnpm.cjs|i", "pnpm" },
		{ "node|/x/pnpm.mjs|i", "pnpm" },
		{ "pnpm|install", "pnpm" },
		{ "/home/ci/.local/share/pnpm/pnpm|install", "pnpm" },
		{ "node|/usr/bin/corepack|pnpm@10|install", "pnpm" },
		{ "node|/usr/bin/yarn|install|--offline", "yarn" },
		{ "node|/usr/share/yarn/bin/yarn.js|add|x", "yarn" },
		{ "/usr/bin/node|/p/.yarn/releases/yarn-4.18.1.cjs|install", "yarn" },
		{ "node|/usr/bin/yarnpkg", "yarn" },
		{ "bun|install", "bun" },
		{ "/p/node_modules/.bin/bun|add|--dev|x", "bun" },
		{ "bun|--cwd=/x|i", "bun" },
		{ "bunx|cowsay", "bun" },
		{ "node|build.js|npm|install", NULL },
		{ "node|/p/npm/index.js", NULL },
		{ "node|./npm.js", NULL },
		{ "node|--require|/usr/bin/npm-x", NULL },
		{ "sh|-c|npm install", NULL },
		{ "git|clone|https://x/npm", NULL },
		{ "bun|server.ts", NULL },
		{ "bun|server.ts|install", NULL },
		{ "node|/p/node_modules/yarn-deduplicate/cli.js", NULL },
		{ "echo|npm", NULL },
		{ "npmx|install", NULL },
	};
	static struct rule rule = {
		.id = "a", .file = "a", .ops = 1u << WS_OP_READ, .actors = 1u << WS_ACTOR_PACKAGE
	};
	const struct ruleset set = { .rules = &rule, .count = 1 };
	CLEANUP(tables_freep) struct tables *t = NULL;

	(void)state;
	assert_int_equal(compile(&t, &set, NULL, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		unsigned got = manager_of(t, table[i].argv);
		const char *name = got ? managers[got - 1].name : NULL;

		if (!name != !table[i].name || (name && strcmp(name, table[i].name) != 0))
			fail_msg("%s: %s", table[i].argv, name ?: "none");
	}
}

static void test_table(void **state)
{
	(void)state;
	assert_true(manager_count > 0);
	/* the kernel side knows their variables */
	assert_string_equal(managers[WS_MANAGER_NPM - 1].name, "npm");
	assert_string_equal(managers[WS_MANAGER_PNPM - 1].name, "pnpm");
	for (size_t i = 0; i < manager_count; i++) {
		size_t n = 0;

		assert_non_null(managers[i].ecosystem);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(managers[i].name, managers[k].name);
		for (; managers[i].argv[n]; n++) {
			struct error e = { 0 };
			struct pattern p;

			if (pattern_parse(&p, WS_DFA_ARGV, managers[i].argv[n], &e) < 0)
				fail_msg("%s: `%s`: %s", managers[i].name, managers[i].argv[n],
					 e.text);
			/* what follows the name of a manager is its own business */
			assert_int_equal(p.atoms[p.count - 1], ATOM_WORDS);
			pattern_done(&p);
		}
		assert_true(n > 0);
	}
}

/* Words end with |. */
static void test_directory(void **state)
{
	static const struct {
		unsigned manager;
		const char *argv, *directory;
	} table[] = {
		{ 0, "node|/usr/bin/npm|-C|/x|ci|", "/x" },
		{ 0, "npm|ci|--prefix|x|", "x" },
		{ 0, "npm|ci|--prefix=x|", "x" },
		{ 0, "npm|-C|x|--prefix=y|", "y" },
		{ 0, "npm|--prefix|-g|ci|", "-g" },
		{ 0, "npm|ci|", NULL },
		{ 0, "npm|ci|-C|", NULL },
		{ 0, "npm|ci|--prefix=|", NULL },
		{ 0, "npm|ci|--prefixes=x|-Cx|", NULL },
		{ 0, "npm|exec|x|--|--prefix|y|", NULL },
		{ 0, "npm|-C|x|exec|t|--|--prefix|y|", "x" },
		{ 0, "npm|i|-g|--prefix|x|", NULL },
		{ 0, "npm|i|--prefix|x|--location=global|", NULL },
		{ 0, "npm|i|-C|cut", NULL },
		{ 1, "pnpm|--dir=x|i|", "x" },
		{ 1, "pnpm|-C|x|i|", "x" },
		{ 2, "yarn|--cwd|x|", "x" },
		{ 2, "yarn|-C|x|", NULL },
		{ 3, "bun|--cwd=x|i|", "x" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		_free_ char *argv = strdup(table[i].argv);
		size_t len = strlen(argv);
		const char *got;

		for (char *p = argv; *p; p++)
			if (*p == '|')
				*p = 0;
		got = manager_directory(&managers[table[i].manager], argv, len);
		if (!got != !table[i].directory || (got && strcmp(got, table[i].directory) != 0))
			fail_msg("%s: %s", table[i].argv, got ?: "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_managers),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
