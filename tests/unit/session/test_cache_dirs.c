// SPDX-License-Identifier: GPL-2.0-only
/* test_cache_dirs.c - which missing caches are made: those that the user named, below a home. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "session/cache_dirs.h"
#include "cmocka_all.h"
#include "tree.h"

static int make(void **state)
{
	tree_setup(state);
	clearenv();
	setenv("HOME", tree_path(tree_top, "home"), 1);
	tree_add(tree_top, "home/project/package.json", "");
	tree_add(tree_top, "home/file", "");
	return chdir(tree_path(tree_top, "home/project"));
}

static int clear(void **state)
{
	assert_int_equal(chdir("/"), 0);
	return tree_teardown(state);
}

static void make_for(const char *const *cache)
{
	struct places_sources f = { .cwd = tree_path(tree_top, "home/project"), .cache = cache };
	struct run_as self = { .uid = getuid(), .gid = getgid() };
	struct places p;

	assert_int_equal(places_find(&p, &f, NULL), 0);
	cache_dirs_make(&p, &self);
	places_free(&p);
}

static bool there(const char *name)
{
	return access(tree_path(tree_top, name), F_OK) == 0;
}

static void named(void **state)
{
	const char *given[] = { "../given/deep", NULL, NULL };
	char option[256];

	(void)state;
	setenv("XDG_CACHE_HOME", tree_path(tree_top, "home/xdg/cache"), 1);
	setenv("npm_config_cache", ".npm-here", 1);
	tree_add(tree_top, "home/.npmrc", "cache=~/by/npmrc\n");
	given[1] = option;
	snprintf(option, sizeof(option), "%s/home/by/option",
		 tree_top); /* tree_path() has few buffers */
	make_for(given);
	assert_true(there("home/xdg/cache"));
	assert_true(there("home/project/.npm-here"));
	assert_true(there("home/by/npmrc"));
	assert_true(there("home/by/option"));
	assert_false(there("home/given"));  /* through ..: it could lead anywhere */
	assert_false(there("home/.cache")); /* not named by the user */
	assert_false(there("home/.npm"));
}

static void not_named(void **state)
{
	(void)state;
	setenv("XDG_CACHE_HOME", tree_path(tree_top, "elsewhere/cache"), 1); /* below no home */
	setenv("YARN_CACHE_FOLDER", tree_path(tree_top, "homely/cache"), 1);
	setenv("npm_config_cache", tree_path(tree_top, "home/file/cache"), 1); /* cannot be made */
	tree_add(tree_top, "home/project/.npmrc",
		 "cache=cache\n"); /* the project is not the user */
	make_for(NULL);
	assert_false(there("elsewhere"));
	assert_false(there("homely"));
	assert_false(there("home/file/cache"));
	assert_false(there("home/project/cache"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(named, make, clear),
		cmocka_unit_test_setup_teardown(not_named, make, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
