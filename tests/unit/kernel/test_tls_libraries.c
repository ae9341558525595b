// SPDX-License-Identifier: GPL-2.0-only
/* test_tls_libraries.c - which files are found to be watched. Instead of the loader, which would
 * attach to them, a list of what it is asked for. */
#include "kernel/tls_libraries.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "tree.h"

static char asked[8][PATH_MAX];
static size_t asked_count;

int loader_watch_tls(struct loader *l, const char *file)
{
	assert_null(l);
	assert_true(asked_count < 8);
	snprintf(asked[asked_count++], PATH_MAX, "%s", file);
	return 2;
}

static bool was_asked(const char *file)
{
	for (size_t i = 0; i < asked_count; i++)
		if (strcmp(asked[i], file) == 0)
			return true;
	return false;
}

static char *top;

static int setup(void **state)
{
	(void)state;
	top = tree_new();
	asked_count = 0;
	unsetenv("LD_LIBRARY_PATH");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tree_free(top);
	return 0;
}

static void program(const char *name)
{
	tree_add(top, name, "");
	assert_int_equal(chmod(tree_path(top, name), 0755), 0);
}

static void nodes_in_path(void **state)
{
	char path[4 * PATH_MAX];
	size_t libraries;
	int found = tls_libraries_watch(NULL, NULL);

	(void)state;
	libraries = asked_count; /* those of this machine */
	assert_int_equal(found, 2 * libraries);

	/* the first that can be executed, by its real name; relative directories are not looked at
	 */
	program("real/node20");
	program("later/node");
	program("here/node");
	tree_add(top, "plain/node", "");
	tree_add(top, "first/", "");
	tree_link(top, "first/node", "../real/node20");
	snprintf(path, sizeof(path), "here::.:%s/none:%s/plain:%s/first:%s/later", top, top, top,
		 top);
	asked_count = 0;
	assert_int_equal(tls_libraries_watch(NULL, path), 2 * (libraries + 1));
	assert_string_equal(asked[0], tree_path(top, "real/node20"));
	assert_int_equal(asked_count, libraries + 1);

	/* without any */
	asked_count = 0;
	snprintf(path, sizeof(path), "%s/none", top);
	assert_int_equal(tls_libraries_watch(NULL, path), 2 * libraries);
	asked_count = 0;
	assert_int_equal(tls_libraries_watch(NULL, ""), 2 * libraries);
}

static void library_path_comes_first(void **state)
{
	(void)state;
	tree_add(top, "lib/libssl.so.3", "");
	tree_add(top, "lib/libgnutls.so.30.1", "");
	tree_link(top, "lib/libgnutls.so.30", "libgnutls.so.30.1");
	tree_add(top, "lib/libother.so", "");
	assert_int_equal(setenv("LD_LIBRARY_PATH", tree_path(top, "lib"), 1), 0);
	tls_libraries_watch(NULL, NULL);
	assert_true(was_asked(tree_path(top, "lib/libssl.so.3")));
	assert_true(was_asked(tree_path(top, "lib/libgnutls.so.30.1")));
	assert_false(was_asked(tree_path(top, "lib/libother.so")));
	assert_true(asked_count <= 3); /* one of each, not also the system's */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nodes_in_path, setup, teardown),
		cmocka_unit_test_setup_teardown(library_path_comes_first, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
