// SPDX-License-Identifier: GPL-2.0-only
/* test_script_files.c - which files a command line names, and in which manifests one is looked for.
 */
#include "session/script_files.h"

#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "tree.h"

static bool has(const struct strings *s, const char *name)
{
	const char *path = tree_path(tree_top, name);

	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->at[i], path) == 0)
			return true;
	return false;
}

static void test_words(void **state)
{
	static const struct {
		const char *command, *file; /* NULL: none */
	} cases[] = {
		{ "node tools/gen.js", "tools/gen.js" },
		{ "node ./tools/gen", "tools/gen.js" },
		{ "node ././tools/gen", "tools/gen.js" },
		{ "node tools", "tools/index.js" },
		{ "echo ok&&sh scripts/x.sh>log", "scripts/x.sh" },
		{ "sh -c 'scripts/x.sh'", "scripts/x.sh" },
		{ "mocha -r./scripts/setup.mjs", "scripts/setup.mjs" },
		{ "X=1 mocha --require=./scripts/setup", "scripts/setup.mjs" },
		{ "cross-env NODE_OPTIONS=\"--import ./scripts/setup.mjs\" vitest",
		  "scripts/setup.mjs" },
		{ "tsx src/seed", "src/seed.ts" },
		{ "node node_modules/a/x.js", NULL },
		{ "node /tools/gen.js", NULL },
		{ "node ~/tools/gen.js $npm_node", NULL },
		{ "tsc -p nowhere.json --tools", NULL },
		{ "ls src", NULL },
		{ "", NULL },
	};

	(void)state;
	tree_add(tree_top, "tools/gen.js", "");
	tree_add(tree_top, "tools/index.js", "");
	tree_add(tree_top, "scripts/x.sh", "");
	tree_add(tree_top, "scripts/setup.mjs", "");
	tree_add(tree_top, "src/seed.ts", "");
	tree_add(tree_top, "node_modules/a/x.js", "");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strings_done) struct strings s = { 0 };

		assert_int_equal(script_files_of_command(&s, tree_top, cases[i].command), 0);
		if (s.count != (cases[i].file != NULL) ||
		    (cases[i].file && !has(&s, cases[i].file)))
			fail_msg("%s: %zu files, %s", cases[i].command, s.count,
				 s.count ? s.at[0] : "-");
	}
}

static void test_workspaces(void **state)
{
	static const char nested[] = "{\"workspaces\":{\"packages\":[\"packages/**\",7]},"
				     "\"scripts\":{\"x\":\"sh root.sh\"}}";
	static const char *const manifests[] = {
		"{\"workspaces\":[\"packages/*\"],\"scripts\":{\"x\":\"sh root.sh\"}}",
		nested,
		"{\"scripts\":{\"x\":\"sh root.sh\",\"y\":7}}",
	};

	(void)state;
	tree_add(tree_top, "root.sh", "");
	tree_add(tree_top, "packages/a/package.json", "{\"scripts\":{\"b\":\"node b\"}}");
	tree_add(tree_top, "packages/a/b.js", "");
	tree_add(tree_top, "other/package.json", "{\"scripts\":{\"b\":\"node b\"}}");
	tree_add(tree_top, "other/b.js", "");
	for (size_t i = 0; i < ARRAY_SIZE(manifests); i++) {
		CLEANUP(strings_done) struct strings s = { 0 };

		tree_add(tree_top, "package.json", manifests[i]);
		if (i == 2)
			tree_add(
				tree_top, "pnpm-workspace.yaml",
				"packages:\n  - '!other'\n  - \"packages/*\" # all\n  -\n- ../x\n");
		assert_int_equal(script_files_of_project(&s, tree_top), 0);
		assert_true(has(&s, "root.sh"));
		assert_true(has(&s, "packages/a/b.js"));
		assert_int_equal(s.count, 2);
	}
}

static void test_odd(void **state)
{
	static const char *const manifests[] = { "", "[]", "{\"scripts\":[\"sh root.sh\"]}",
						 "{\"scripts\":{\"x\":\"sh root.sh\"" };
	CLEANUP(strings_done) struct strings s = { 0 };

	(void)state;
	tree_add(tree_top, "root.sh", "");
	assert_int_equal(script_files_of_project(&s, tree_top), 0);
	for (size_t i = 0; i < ARRAY_SIZE(manifests); i++) {
		tree_add(tree_top, "package.json", manifests[i]);
		assert_int_equal(script_files_of_project(&s, tree_top), 0);
	}
	assert_int_equal(s.count, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)
	const struct CMUnitTest tests[] = { TEST(test_words), TEST(test_workspaces),
					    TEST(test_odd) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
