// SPDX-License-Identifier: GPL-2.0-only
/* test_rule_dirs.c - where rules are looked for: beside a binary in its build tree, else where they
 * are installed. */
#include "policy/rule_dirs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "tree.h"

/* The site's directory is there or not, as on any machine. */
static size_t site(void)
{
	return access(RULE_DIRS_SITE, F_OK) == 0;
}

static void test_build_tree(void **state)
{
	static const char *const extra[] = { "/one", "two", NULL };
	CLEANUP(rule_dirs_done) struct rule_dirs d = { 0 };
	char here[PATH_MAX], want[2 * PATH_MAX];
	struct error e = { 0 };

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	strcat(here, "/rules"); /* tests run at the top of the tree */
	if (rule_dirs_find(&d, extra, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(d.list.count, 3 + site());
	assert_string_equal(d.list.at[0], here);
	if (site())
		assert_string_equal(d.list.at[1], RULE_DIRS_SITE);
	assert_string_equal(d.list.at[1 + site()], "/one");
	assert_string_equal(d.list.at[2 + site()], "two");
	snprintf(want, sizeof(want), "%s%s%s, /one, two", here, site() ? ", " : "",
		 site() ? RULE_DIRS_SITE : "");
	assert_string_equal(d.text, want);
}

static void test_nothing_extra(void **state)
{
	CLEANUP(rule_dirs_done) struct rule_dirs d = { 0 };

	(void)state;
	assert_int_equal(rule_dirs_find(&d, NULL, NULL), 0);
	assert_int_equal(d.list.count, 1 + site());
	rule_dirs_done(&d);
	assert_null(d.text);
	assert_int_equal(d.list.count, 0);
}

/* What this program prints when a copy of it is asked: the first directory, or the error. */
static int print_first(void)
{
	CLEANUP(rule_dirs_done) struct rule_dirs d = { 0 };
	struct error e = { 0 };
	int err = rule_dirs_find(&d, NULL, &e);

	printf("%d %s\n", err, err ? e.text : d.list.at[0]);
	return 0;
}

static void ask_copy(const char *copy, char *ret, size_t room)
{
	_free_ char *command = NULL;
	char self[PATH_MAX] = "";
	FILE *out;

	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_true(asprintf(&command, "cp '%s' '%s' && '%s' --first", self, copy, copy) > 0);
	out = popen(command, "r");
	assert_non_null(out);
	assert_non_null(fgets(ret, room, out));
	assert_int_equal(pclose(out), 0);
}

static void test_elsewhere(void **state)
{
	char *top = tree_new();
	char got[PATH_MAX + 64], want[PATH_MAX + 64];

	(void)state;
	ask_copy(tree_path(top, "copy"), got, sizeof(got));
	if (access(WORMSIGN_RULES_DIR, F_OK) == 0)
		snprintf(want, sizeof(want), "0 %s\n", WORMSIGN_RULES_DIR);
	else
		snprintf(want, sizeof(want), "%d the shipped rules are missing: there is no %s\n",
			 -ENOENT, WORMSIGN_RULES_DIR);
	assert_string_equal(got, want);

	/* a build tree within a build tree: the inner one counts, if it has rules */
	tree_add(top, ".output/x/.output/san/", "");
	tree_add(top, ".output/x/rules/", "");
	tree_add(top, "rules/", "");
	ask_copy(tree_path(top, ".output/x/.output/san/copy"), got, sizeof(got));
	snprintf(want, sizeof(want), "0 %s/.output/x/rules\n", top);
	assert_string_equal(got, want);
	tree_free(top);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build_tree),
		cmocka_unit_test(test_nothing_extra),
		cmocka_unit_test(test_elsewhere),
	};

	if (argc == 2 && strcmp(argv[1], "--first") == 0)
		return print_first();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
