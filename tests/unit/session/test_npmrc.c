// SPDX-License-Identifier: GPL-2.0-only
/* test_npmrc.c - the cache that an npmrc sets, as npm reads it, and files that are no text. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/npmrc.h"
#include "tree.h"

static void settings(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "", NULL },
		{ "cache=/c\n", "/c" },
		{ "registry=x\n  cache =  /c d \n", "/c d" },
		{ "cache=\"/c\"\r\n", "/c" },
		{ "cache='/c'", "/c" },
		{ "cache=/a\ncache=/b\n", "/b" },
		{ ";cache=/a\n#cache=/b\n", NULL },
		{ "cache=\n", NULL },
		{ "cache\n", NULL },
		{ "cache-min=3\n", NULL },
		{ "[section]\ncache=/c\n", NULL },
		{ "cache=${CACHE_BASE}/x\n", "/base/x" },
		{ "cache=${NOT_SET}/x\n", "${NOT_SET}/x" },
		{ "cache=${CACHE_BASE\n", "${CACHE_BASE" },
		{ "//r/:_authToken=abc\ncache=/c\n", "/c" },
	};

	(void)state;
	setenv("CACHE_BASE", "/base", 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_free_ char *got = npmrc_cache(cases[i].text);

		if (cases[i].wanted)
			assert_string_equal(got, cases[i].wanted);
		else
			assert_null(got);
	}
}

/* Never wait for, or read without end, what a path from the environment leads to. */
static void files(void **state)
{
	_free_ char *huge = malloc((1 << 18) + 2), *got = NULL;

	(void)state;
	tree_add(tree_top, "npmrc", "cache=/c\n");
	got = npmrc_file_cache(tree_path(tree_top, "npmrc"));
	assert_string_equal(got, "/c");
	assert_null(npmrc_file_cache(tree_path(tree_top, "missing")));
	assert_null(npmrc_file_cache(tree_top));
	assert_null(npmrc_file_cache("/dev/zero"));
	assert_int_equal(mkfifo(tree_path(tree_top, "fifo"), 0600), 0);
	assert_null(npmrc_file_cache(tree_path(tree_top, "fifo")));
	/* the last size that is read, and the first that is not */
	memset(huge, '#', (1 << 18) + 1);
	memcpy(huge, "cache=/c\n", 9);
	huge[1 << 18] = 0;
	tree_add(tree_top, "large", huge);
	free(got);
	got = npmrc_file_cache(tree_path(tree_top, "large"));
	assert_string_equal(got, "/c");
	huge[1 << 18] = '#';
	huge[(1 << 18) + 1] = 0;
	tree_add(tree_top, "huge", huge);
	assert_null(npmrc_file_cache(tree_path(tree_top, "huge")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings),
		cmocka_unit_test_setup_teardown(files, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
