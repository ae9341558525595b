// SPDX-License-Identifier: GPL-2.0-only
/* test_expand.c - the files a pattern names, and no others. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "cmocka_all.h"
#include "expand.h"
#include "tree.h"

static char *top;
static char seen[65536];

static int make(void **state)
{
	(void)state;
	top = tree_new();
	tree_add(top, "home/.aws/credentials", "x");
	tree_add(top, "home/.aws/config", "x");
	tree_add(top, "home/.aws/sso/cache/a.json", "x");
	tree_add(top, "home/.aws/sso/cache/b.txt", "x");
	tree_add(top, "home/.ssh/id_rsa", "x");
	tree_add(top, "home/.ssh/keys/deep/id", "x");
	tree_add(top, "home/odd*name", "x");
	tree_add(top, "home/oddXname", "x");
	tree_add(top, "other/.aws/credentials", "x");
	tree_add(top, "elsewhere/token", "x");
	tree_add(top, "elsewhere/dir/inside", "x");
	tree_link(top, "home/.netrc", "../elsewhere/token");
	tree_link(top, "home/.ssh/linked", "../../elsewhere/token");
	tree_link(top, "home/.ssh/dirlink", "../../elsewhere/dir");
	tree_link(top, "home/.ssh/loop", ".");
	tree_link(top, "home/.null", "/dev/null");
	tree_link(top, "home/.dangling", "nowhere");
	tree_link(top, "home/.linkdir", "../elsewhere");
	mkfifo(tree_path(top, "home/.fifo"), 0600);
	return 0;
}

static int clear(void **state)
{
	(void)state;
	tree_free(top);
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
	assert_true(strncmp(name, top, strlen(top)) == 0);
	strcat(strcat(seen, name + strlen(top)), " ");
	return 0;
}

static struct expand look(const char *pattern, size_t most)
{
	const char *homes[] = { tree_path(top, "home"), tree_path(top, "other"),
				tree_path(top, "missing") };
	struct expand x = { .homes = homes, .home_count = 3, .most = most };

	seen[0] = 0;
	assert_int_equal(expand(&x, pattern, collect, NULL), 0);
	return x;
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
	is(tree_path(top, "elsewhere/token"), "/elsewhere/token ");
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
				     "/elsewhere/token " },
	      3);
	is("~/.aws/credentials/**", "");
}

static void limits(void **state)
{
	struct expand x;

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
	const char *homes[] = { tree_path(top, "home"), tree_path(top, "other") };
	struct expand x = { .homes = homes, .home_count = 2, .most = 100 };

	(void)state;
	assert_int_equal(expand(&x, "~/.aws/*", give_up, NULL), -EIO);
	assert_int_equal(expand(&x, "~/.ssh/**", give_up, NULL), -EIO);
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
		assert_int_equal(expand_match(cases[i].glob, strlen(cases[i].glob), cases[i].name),
				 cases[i].wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),    cmocka_unit_test(globs),  cmocka_unit_test(links),
		cmocka_unit_test(subtrees), cmocka_unit_test(limits), cmocka_unit_test(errors),
		cmocka_unit_test(matching),
	};

	return cmocka_run_group_tests(tests, make, clear);
}
