// SPDX-License-Identifier: GPL-2.0-only
/* test_workspace.c - where the root of a workspace is found, and where there is none. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/workspace.h"
#include "tree.h"

static void is_root_of(const char *dir, const char *wanted)
{
	_free_ char *got = workspace_root(tree_path(tree_top, dir));

	if (wanted)
		assert_string_equal(got, tree_path(tree_top, wanted));
	else
		assert_null(got);
}

static void found(void **state)
{
	(void)state;
	tree_add(tree_top, "npm/package.json", "{\"workspaces\": [\"packages/*\"]}");
	tree_add(tree_top, "npm/packages/a/", NULL);
	tree_add(tree_top, "yarn/package.json", "{\"workspaces\": {\"packages\": []}}");
	tree_add(tree_top, "yarn/x/y/z/", NULL);
	tree_add(tree_top, "pnpm/pnpm-workspace.yaml", "packages: []\n");
	tree_add(tree_top, "pnpm/apps/web/package.json", "{\"name\": \"web\"}");
	is_root_of("npm/packages/a", "npm");
	is_root_of("yarn/x/y/z", "yarn");
	is_root_of("pnpm/apps/web", "pnpm");
}

static void nearest(void **state)
{
	(void)state;
	tree_add(tree_top, "outer/pnpm-workspace.yaml", "");
	tree_add(tree_top, "outer/inner/package.json", "{\"workspaces\": []}");
	tree_add(tree_top, "outer/inner/a/", NULL);
	is_root_of("outer/inner/a", "outer/inner");
	is_root_of("outer/inner", "outer"); /* a root itself is no part of itself */
}

static void none(void **state)
{
	(void)state;
	tree_add(tree_top, "plain/package.json", "{\"name\": \"workspaces\"}");
	tree_add(tree_top, "plain/a/", NULL);
	tree_add(tree_top, "broken/package.json", "{\"workspaces\": [");
	tree_add(tree_top, "broken/a/", NULL);
	tree_add(tree_top, "fifo/a/", NULL);
	assert_int_equal(mkfifo(tree_path(tree_top, "fifo/package.json"), 0600), 0);
	is_root_of("plain/a", NULL);
	is_root_of("broken/a", NULL);
	is_root_of("fifo/a", NULL);
	assert_null(workspace_root("/"));
	assert_null(workspace_root(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(found, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(nearest, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(none, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
