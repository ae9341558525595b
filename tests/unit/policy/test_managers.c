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
static struct ws_set set_of(const struct tables *t, const char *words)
{
	_free_ char *argv = strdup(words);
	struct ws_set s = { 0 };
	size_t len = strlen(words) + 1;

	for (char *p = argv; *p; p++)
		if (*p == '|')
			*p = '\0';
	tables_match_argv(t, argv, len, &s);
	return s;
}

/* The tables of one rule: what managers are matched by is the same with all rules. */
static struct tables *compiled(void)
{
	static struct rule rule = {
		.id = "a", .file = "a", .ops = 1u << WS_OP_READ, .actors = 1u << WS_ACTOR_PACKAGE
	};
	const struct ruleset set = { .rules = &rule, .count = 1 };
	struct tables *t = NULL;

	assert_int_equal(compile(&t, &set, NULL, NULL), 0);
	return t;
}

static unsigned manager_of(const struct tables *t, const char *words)
{
	return set_of(t, words).manager;
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
		{ "/usr/bin/python3|/usr/bin/pip|wheel|x", "pip" },
		{ "/v/bin/python3.12|-I|/v/bin/pip3.12|install|x", "pip" },
		{ "python3|-I|-m|pip|install|x", "pip" },
		{ "/v/bin/python3|/v/lib/site-packages/pip/__pip-runner__.py|install", "pip" },
		{ "cargo|build", "cargo" },
		{ "/usr/bin/ruby|/usr/bin/gem|install|x", "gem" },
		{ "ruby3.1|/usr/bin/bundle|--verbose|install", "gem" },
		{ "ruby|/usr/bin/bundle|exec|rails", NULL },
		{ "/home/ci/.rustup/toolchains/stable/bin/cargo|+nightly|test", "cargo" },
		{ "python3|-m|pipes", NULL },
		{ "python3|setup.py|install|pip", NULL },
		{ "/v/bin/pip-audit|x", NULL },
		{ "cargo-audit|audit", NULL },
		{ "rustc|--crate-name|cargo", NULL },
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
	CLEANUP(tables_freep) struct tables *t = compiled();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		unsigned got = manager_of(t, table[i].argv);
		const char *name = got ? managers[got - 1].name : NULL;

		if (!name != !table[i].name || (name && strcmp(name, table[i].name) != 0))
			fail_msg("%s: %s", table[i].argv, name ?: "none");
	}
}

/* Which main processes may run scripts of packages in a shell of their own. */
static void test_shells(void **state)
{
	static const struct {
		const char *argv;
		bool shell;
	} table[] = {
		{ "node|/p/.yarn/releases/yarn-4.18.1.cjs", true },
		{ "/usr/bin/node|/usr/bin/yarn|--immutable", true },
		{ "node|/usr/bin/yarn|install|--immutable", true },
		{ "node|/usr/bin/yarn|--cwd|sub|add|left-pad", true },
		{ "node|/t/xfs-1/yarn|pack|--install-if-needed", true },
		{ "node|/usr/bin/corepack|yarn", true },
		{ "node|/usr/bin/corepack|yarn@4.18.1|--cwd|x|install", true },
		{ "node|/usr/bin/yarn|run|deploy", false },
		{ "node|/usr/bin/corepack|yarn|run|deploy", false },
		{ "node|/usr/bin/yarn|build", false },
		{ "node|/usr/bin/npm|install", false },
		{ "node|/usr/bin/pnpm|install", false },
	};
	CLEANUP(tables_freep) struct tables *t = compiled();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ws_set s = set_of(t, table[i].argv);
		bool shell = s.manager && s.shell >> (s.manager - 1) & 1;

		if (shell != table[i].shell)
			fail_msg("%s: %d", table[i].argv, shell);
	}
}

/* Which argv are a package's code, as a child of the manager. */
static void test_builds(void **state)
{
	static const struct {
		const char *argv, *name;
		bool sets_up;
	} table[] = {
		{ "/v/bin/python3|/v/pip/_vendor/pyproject_hooks/_in_process/_in_process.py|build",
		  "pip poetry", false },
		{ "python3.9|/v/pep517/in_process/_in_process.py|build_wheel|/tmp/x", "pip poetry",
		  false },
		{ "/v/bin/python3|-c|\nexec(compile(x|egg_info", "pip", false },
		{ "/v/bin/python3|-u|-c|x|bdist_wheel", "pip", false },
		{ "/v/bin/python3|-c|\nexec(compile(x|develop|--no-deps", "pip", true },
		{ "/v/bin/python3|-u|-c|x|install|--record|/tmp/x", "pip", true },
		{ "/v/bin/python3|-c|x|bdist_wheel|-d|install", "pip", false },
		{ "/v/bin/python3|-c|import sys\n\nif sys.path[0] == ''", "pip uv", false },
		{ "/v/bin/python3|-I|-B|-c|import sys; sys.path = []", "pip", false },
		{ "/w/target/debug/build/ring-0a/build-script-build", "cargo", false },
		{ "/w/target/release/build/x-0a/build-script-main", "cargo", false },
		{ "/w/build/x/0a/out/build_script_build-0a", "cargo", false },
		{ "/v/bin/python3|/v/pip/__pip-runner__.py|install|setuptools", NULL, false },
		{ "git|clone|x", NULL, false },
		{ "/h/.rustup/toolchains/stable/bin/rustc|--crate-name|build_script_build", NULL,
		  false },
		{ "/w/target/debug/deps/app-0a", NULL, false },
	};
	CLEANUP(tables_freep) struct tables *t = compiled();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct ws_set set = set_of(t, table[i].argv);
		uint32_t got = set.builds, want = 0;

		for (size_t k = 0; k < manager_count; k++)
			if (table[i].name && strstr(table[i].name, managers[k].name))
				want |= 1u << k;
		if (got != want)
			fail_msg("%s: %x, not %x", table[i].argv, got, want);
		assert_int_equal(set.sets_up, table[i].sets_up ? want : 0);
	}
	for (size_t k = 0; k < manager_count; k++) {
		const struct ws_builder *b = &t->policy.builders[k];

		assert_int_equal(b->builds, managers[k].build != NULL);
		if (strcmp(managers[k].name, "cargo") != 0)
			continue;
		assert_int_equal(b->name.length, strlen("CARGO_PKG_NAME="));
		assert_memory_equal(b->name.bytes, "CARGO_PKG_NAME=", b->name.length);
		assert_memory_equal(b->output.mask, "\377\377\377\377\377\377\0", 7);
		assert_string_equal(b->event, "build.rs");
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
		const struct build *b = managers[i].build;
		size_t n = 0;

		assert_non_null(managers[i].ecosystem);
		assert_true(i < WS_MANAGERS_MAX);
		if (b) {
			const char *const texts[] = { b->name, b->version, b->mark, b->holder,
						      b->output };

			for (size_t k = 0; k < ARRAY_SIZE(texts); k++)
				assert_true(!texts[k] || strlen(texts[k]) < BUILD_TEXT);
			assert_true(strlen(b->event) < WS_EVENT_MAX);
			assert_true(!b->argv != !b->holder);
		}
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
		cmocka_unit_test(test_managers),  cmocka_unit_test(test_shells),
		cmocka_unit_test(test_builds),	  cmocka_unit_test(test_table),
		cmocka_unit_test(test_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
