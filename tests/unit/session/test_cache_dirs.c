// SPDX-License-Identifier: GPL-2.0-only
/* test_caches.c - which missing caches are made: those that the user named, below a home. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "caches.h"
#include "cmocka_all.h"
#include "tree.h"

static char *top;

static int make(void **state)
{
	(void)state;
	top = tree_new();
	clearenv();
	setenv("HOME", tree_path(top, "home"), 1);
	tree_add(top, "home/project/package.json", "");
	tree_add(top, "home/file", "");
	return chdir(tree_path(top, "home/project"));
}

static int clear(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	tree_free(top);
	return 0;
}

static void make_for(const char *const *cache)
{
	struct session_facts f = { .cwd = tree_path(top, "home/project"), .cache = cache };
	struct who self = { .uid = getuid(), .gid = getgid() };
	struct session_places p;

	assert_int_equal(session_places(&p, &f, NULL), 0);
	caches_make(&p, &self);
	session_places_free(&p);
}

static bool there(const char *name)
{
	return access(tree_path(top, name), F_OK) == 0;
}

static void named(void **state)
{
	const char *given[] = { "../given/deep", NULL, NULL };
	char option[256];

	(void)state;
	setenv("XDG_CACHE_HOME", tree_path(top, "home/xdg/cache"), 1);
	setenv("npm_config_cache", ".npm-here", 1);
	tree_add(top, "home/.npmrc", "cache=~/by/npmrc\n");
	given[1] = option;
	snprintf(option, sizeof(option), "%s/home/by/option", top); /* tree_path() has few buffers */
	make_for(given);
	assert_true(there("home/xdg/cache"));
	assert_true(there("home/project/.npm-here"));
	assert_true(there("home/by/npmrc"));
	assert_true(there("home/by/option"));
	assert_false(there("home/given")); /* through ..: it could lead anywhere */
	assert_false(there("home/.cache")); /* nobody named it */
	assert_false(there("home/.npm"));
}

static void not_named(void **state)
{
	(void)state;
	setenv("XDG_CACHE_HOME", tree_path(top, "elsewhere/cache"), 1); /* below no home */
	setenv("YARN_CACHE_FOLDER", tree_path(top, "homely/cache"), 1);
	setenv("npm_config_cache", tree_path(top, "home/file/cache"), 1); /* cannot be made */
	tree_add(top, "home/project/.npmrc", "cache=cache\n"); /* the project is not the user */
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
