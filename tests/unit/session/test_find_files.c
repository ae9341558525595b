// SPDX-License-Identifier: GPL-2.0-only
/* test_find_files.c - the files a pattern names, and no others. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/find_files.h"
#include "tree.h"

static char seen[65536];

static int make(void **state)
{
	tree_setup(state);
	tree_add(tree_top, "home/.aws/credentials", "x");
	tree_add(tree_top, "home/.aws/config", "x");
	tree_add(tree_top, "home/.aws/sso/cache/a.json", "x");
	tree_add(tree_top, "home/.aws/sso/cache/b.txt", "x");
	tree_add(tree_top, "home/.ssh/id_rsa", "x");
	tree_add(tree_top, "home/.ssh/keys/deep/id", "x");
	tree_add(tree_top, "home/.ssh/.x", "x"); /* neither . nor .. */
	tree_add(tree_top, "home/.ssh/..x", "x");
	tree_add(tree_top, "home/odd*name", "x");
	tree_add(tree_top, "home/oddXname", "x");
	tree_add(tree_top, "other/.aws/credentials", "x");
	tree_add(tree_top, "elsewhere/token", "x");
	tree_add(tree_top, "elsewhere/dir/inside", "x");
	tree_link(tree_top, "home/.netrc", "../elsewhere/token");
	tree_link(tree_top, "home/.ssh/linked", "../../elsewhere/token");
	tree_link(tree_top, "home/.ssh/dirlink", "../../elsewhere/dir");
	tree_link(tree_top, "home/.ssh/loop", ".");
	tree_link(tree_top, "home/.null", "/dev/null");
	tree_link(tree_top, "home/.dangling", "nowhere");
	tree_link(tree_top, "home/.linkdir", "../elsewhere");
	mkfifo(tree_path(tree_top, "home/.fifo"), 0600);
	return 0;
}

/* Collect names, without the top. */
static int collect(void *arg, int fd)
{
	char link[64], name[PATH_MAX];
	ssize_t n;

	(void)arg;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name) - 1);
	assert_true(n > 0);
	name[n] = 0;
	assert_true(strncmp(name, tree_top, strlen(tree_top)) == 0);
	strcat(strcat(seen, name + strlen(tree_top)), " ");
	return 0;
}

static struct find_files look(const char *pattern, size_t most)
{
	const char *homes[] = { tree_path(tree_top, "home"), tree_path(tree_top, "other"),
				tree_path(tree_top, "missing") };
	struct find_files x = { .homes = homes, .home_count = 3, .most = most };

	struct find_files listed = x;
	char before[sizeof(seen)];

	seen[0] = 0;
	assert_int_equal(find_files(&x, pattern, collect, NULL), 0);
	strcpy(before, seen);
	/* the same, with what lies in the homes listed before */
	seen[0] = 0;
	assert_int_equal(find_files_list_homes(&listed), 0);
	assert_int_equal(find_files(&listed, pattern, collect, NULL), 0);
	find_files_done(&listed);
	assert_null(listed.names);
	assert_string_equal(seen, before);
	return x;
}

/* A home with many names: none is ruled out. */
static void large(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4200; i++) {
		char name[32];

		snprintf(name, sizeof(name), "home/%u", i);
		tree_add(tree_top, name, "");
	}
	look("~/.aws/config", 1000);
	assert_string_equal(seen, "/home/.aws/config ");
}

static void is(const char *pattern, const char *wanted)
{
	look(pattern, 1000);
	assert_string_equal(seen, wanted);
}

/* Directories are listed in any order. */
static void holds(const char *pattern, const char *const *wanted, size_t count)
{
	size_t words = 0;

	look(pattern, 1000);
	for (const char *c = seen; *c; c++)
		words += *c == ' ';
	assert_int_equal(words, count);
	for (size_t i = 0; i < count; i++)
		assert_non_null(strstr(seen, wanted[i]));
}

static void plain(void **state)
{
	(void)state;
	is("~/.aws/credentials", "/home/.aws/credentials /other/.aws/credentials ");
	is("~/.aws/nothing", "");
	is("~/.aws", ""); /* a directory is no file */
	is(tree_path(tree_top, "elsewhere/token"), "/elsewhere/token ");
	is("/no/such/thing", "");
}

static void globs(void **state)
{
	(void)state;
	is("~/.aws/c?nfig", "/home/.aws/config ");
	is("~/.aws/sso/*/*.json", "/home/.aws/sso/cache/a.json ");
	is("~/.a*/cred*", "/home/.aws/credentials /other/.aws/credentials ");
	is("~/odd\\*name", "/home/odd*name ");
	holds("~/odd*name", (const char *const[]){ "/home/odd*name ", "/home/oddXname " }, 2);
	is("~/.ss*/*_rsa", "/home/.ssh/id_rsa ");
}

/* The kernel sees what a link leads to, and that only if it is a file. */
static void links(void **state)
{
	(void)state;
	is("~/.netrc", "/elsewhere/token ");
	is("~/.linkdir/token", "/elsewhere/token ");
	is("~/.null", "");
	is("~/.dangling", "");
	is("~/.fifo", "");
}

static void subtrees(void **state)
{
	(void)state;
	holds("~/.ssh/**",
	      (const char *const[]){ "/home/.ssh/id_rsa ", "/home/.ssh/keys/deep/id ",
				     "/elsewhere/token ", "/home/.ssh/.x ", "/home/.ssh/..x " },
	      5);
	is("~/.aws/credentials/**", "");
}

static void limits(void **state)
{
	struct find_files x;

	(void)state;
	x = look("~/.ssh/**", 2);
	assert_int_equal(x.cut, 1);
	x = look("~/.ssh/**", 1000);
	assert_int_equal(x.cut, 0);
	x = look("~/**", 1000);
	assert_int_equal(x.skipped, 1);
	x = look("/**/id_rsa", 1000);
	assert_int_equal(x.skipped, 1);
	x = look("/proc/*/environ", 1000);
	assert_int_equal(x.skipped, 1);
	assert_string_equal(seen, "");
}

static int give_up(void *arg, int fd)
{
	(void)arg;
	(void)fd;
	return -EIO;
}

static void errors(void **state)
{
	const char *homes[] = { tree_path(tree_top, "home"), tree_path(tree_top, "other") };
	struct find_files x = { .homes = homes, .home_count = 2, .most = 100 };

	(void)state;
	assert_int_equal(find_files(&x, "~/.aws/*", give_up, NULL), -EIO);
	assert_int_equal(find_files(&x, "~/.ssh/**", give_up, NULL), -EIO);
}

static void matching(void **state)
{
	static const struct {
		const char *glob, *name;
		bool wanted;
	} cases[] = {
		{ "", "", true },	   { "", "a", false },
		{ "*", "", true },	   { "*", "abc", true },
		{ "a*", "abc", true },	   { "a*c", "abc", true },
		{ "a*c", "acb", false },   { "?", "", false },
		{ "?", "a", true },	   { "?", "ab", false },
		{ "*a*b*", "xaxb", true }, { "*a*b*", "xbxa", false },
		{ "\\*", "*", true },	   { "\\*", "a", false },
		{ "\\?", "?", true },	   { "\\\\", "\\", true },
		{ "a\\", "a\\", true },	   { "[a]", "a", false },
		{ "[a]", "[a]", true },	   { "*.json", "a.json.json", true },
		{ "**", "x", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(
			find_files_match(cases[i].glob, strlen(cases[i].glob), cases[i].name),
			cases[i].wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),    cmocka_unit_test(globs),  cmocka_unit_test(links),
		cmocka_unit_test(subtrees), cmocka_unit_test(limits), cmocka_unit_test(errors),
		cmocka_unit_test(matching), cmocka_unit_test(large), /* the last: it leaves them */
	};

	return cmocka_run_group_tests(tests, make, tree_teardown);
}
