// SPDX-License-Identifier: GPL-2.0-only
/* test_git_dir.c - the git directories of worktrees, submodules and separate ones; what only looks
 * like one. */
#include "session/git_dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "tree.h"

static void is_of(const char *dir, const char *wanted)
{
	_free_ char *got = git_dir_outside(tree_path(tree_top, dir));

	if (wanted && got)
		assert_string_equal(got, tree_path(tree_top, wanted));
	else if (wanted || got)
		fail_msg("%s: %s, not %s", dir, got ?: "none", wanted ?: "none");
}

static void tree_is(const char *dir, const char *wanted)
{
	_free_ char *got = git_work_tree(tree_path(tree_top, dir));

	if (wanted && got)
		assert_string_equal(got, tree_path(tree_top, wanted));
	else if (wanted || got)
		fail_msg("%s: %s, not %s", dir, got ?: "none", wanted ?: "none");
}

static void add_git_dir(const char *dir)
{
	char name[256];

	snprintf(name, sizeof(name), "%s/HEAD", dir);
	tree_add(tree_top, name, "ref: refs/heads/main\n");
	snprintf(name, sizeof(name), "%s/objects/", dir);
	tree_add(tree_top, name, NULL);
	snprintf(name, sizeof(name), "%s/refs/", dir);
	tree_add(tree_top, name, NULL);
}

/* "PREFIX TOP/path" in a file. */
static void name_it(const char *file, const char *prefix, const char *path)
{
	char text[512];

	snprintf(text, sizeof(text), "%s%s\n", prefix, tree_path(tree_top, path));
	tree_add(tree_top, file, text);
}

static void worktree(void **state)
{
	(void)state;
	add_git_dir("main/.git");
	tree_add(tree_top, "app/src/deep/", NULL);
	name_it("app/.git", "gitdir: ", "main/.git/worktrees/app");
	tree_add(tree_top, "main/.git/worktrees/app/commondir", "../..\n");
	name_it("main/.git/worktrees/app/gitdir", "", "app/.git");
	is_of("app", "main/.git");
	is_of("app/src/deep", "main/.git"); /* a member of a monorepo */
	is_of("main", NULL);		    /* it lies in the work tree */
	tree_is("app", "app");
	tree_is("app/src/deep", "app");
	tree_add(tree_top, "main/a/b/", NULL);
	tree_is("main/a/b", "main");
	tree_add(tree_top, "plain/.git/x/", NULL); /* not a git directory */
	tree_add(tree_top, "plain/a/", NULL);
	tree_is("plain/a", NULL);
	tree_add(tree_top, "plain/a/.git", "gitdir: /nowhere\n");
	tree_is("plain/a", NULL);
}

static void others(void **state)
{
	(void)state;
	add_git_dir("super/.git");
	add_git_dir("super/.git/modules/lib");
	tree_add(tree_top, "super/lib/.git", "gitdir: ../.git/modules/lib\n");
	is_of("super/lib", "super/.git/modules/lib");
	add_git_dir("elsewhere/app.git");
	tree_add(tree_top, "separate/", NULL);
	name_it("separate/.git", "gitdir: ", "elsewhere/app.git");
	is_of("separate", "elsewhere/app.git");
}

/* A .git that names the user's own directories does not make them the project. */
static void none(void **state)
{
	(void)state;
	tree_add(tree_top, "home/.ssh/id_rsa", "key");
	tree_add(tree_top, "a/", NULL);
	name_it("a/.git", "gitdir: ", "home/.ssh");
	is_of("a", NULL);
	/* a worktree that names another's repository, which does not know it */
	add_git_dir("victim/.git");
	tree_add(tree_top, "b/own/", NULL);
	name_it("b/.git", "gitdir: ", "b/own");
	name_it("b/own/commondir", "", "victim/.git");
	name_it("b/own/gitdir", "", "b/.git");
	is_of("b", NULL);
	/* ... or whose own directory belongs to another worktree */
	name_it("victim/.git/worktrees/w/gitdir", "", "w/.git");
	tree_add(tree_top, "victim/.git/worktrees/w/commondir", "../..");
	tree_add(tree_top, "c/", NULL);
	name_it("c/.git", "gitdir: ", "victim/.git/worktrees/w");
	is_of("c", NULL);
	tree_add(tree_top, "d/.git", "gitdir: \n");
	is_of("d", NULL);
	tree_add(tree_top, "e/.git", "gitdir: /nonexistent\n");
	is_of("e", NULL);
	tree_add(tree_top, "f/", NULL);
	assert_int_equal(mkfifo(tree_path(tree_top, "f/.git"), 0600), 0);
	is_of("f", NULL);
	assert_null(git_dir_outside("/"));
	assert_null(git_dir_outside(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(worktree, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(others, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(none, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
