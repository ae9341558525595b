// SPDX-License-Identifier: GPL-2.0-only
/* test_trusted.c - what others could change is found: the file, a directory above, one below. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/trusted.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "tree.h"

static int path_of(const char *name, struct error *e)
{
	*e = (struct error){ 0 };
	return trusted_path(tree_path(tree_top, name), e);
}

static int tree_of(const char *name, struct error *e)
{
	*e = (struct error){ 0 };
	return trusted_tree(tree_path(tree_top, name), e);
}

static void mode(const char *name, mode_t to)
{
	assert_int_equal(chmod(tree_path(tree_top, name), to), 0);
}

static void paths(void **state)
{
	struct error e;

	(void)state;
	if (geteuid() != 0)
		skip(); /* nothing that this user makes is root's */
	tree_add(tree_top, "a/b/file", "x");
	tree_link(tree_top, "link", "a/b/file");
	assert_int_equal(path_of("a/b/file", &e), 0);
	assert_int_equal(path_of("link", &e), 0);
	assert_int_equal(path_of("a/none", &e), -ENOENT);
	mode("a/b/file", 0664);
	assert_int_equal(path_of("a/b/file", &e), -EPERM);
	assert_int_equal(path_of("link", &e), -EPERM);
	assert_non_null(strstr(e.text, "/a/b/file can be written"));
	mode("a/b/file", 0646);
	assert_int_equal(path_of("a/b/file", &e), -EPERM);
	mode("a/b/file", 0644);
	mode("a", 0777);
	assert_int_equal(path_of("a/b/file", &e), -EPERM);
	assert_non_null(strstr(e.text, "/a can be written"));
	mode("a", 01777); /* as /tmp, below which this test runs */
	assert_int_equal(path_of("a/b/file", &e), 0);
	assert_int_equal(path_of("a", &e), -EPERM); /* itself, not above */
	mode("a", 0755);
	assert_int_equal(chown(tree_path(tree_top, "a/b"), 54321, 0), 0);
	assert_int_equal(path_of("a/b/file", &e), -EPERM);
	assert_non_null(strstr(e.text, "/a/b belongs to user 54321"));
	assert_int_equal(trusted_path("/", &e), 0);
}

static void trees(void **state)
{
	struct error e;

	(void)state;
	if (geteuid() != 0)
		skip();
	tree_add(tree_top, "rules/family/one.json", "{}");
	tree_add(tree_top, "rules/family/two.json", "{}");
	assert_int_equal(tree_of("rules", &e), 0);
	assert_int_equal(tree_of("none", &e), -ENOENT);
	mode("rules/family/two.json", 0666);
	assert_int_equal(tree_of("rules", &e), -EPERM);
	assert_non_null(strstr(e.text, "two.json"));
	mode("rules/family/two.json", 0644);
	mode("rules/family", 01777); /* sticky or not: others could add a rule */
	assert_int_equal(tree_of("rules", &e), -EPERM);
	mode("rules/family", 0755);
	assert_int_equal(chown(tree_path(tree_top, "rules/family/one.json"), 54321, 0), 0);
	assert_int_equal(tree_of("rules", &e), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(paths, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(trees, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
