// SPDX-License-Identifier: GPL-2.0-only
/* test_run_log.c - where a session's log goes: root's directory if there can be one, else the
 * caller's temporary one. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "cmd/run_log.h"
#include "cmocka_all.h"
#include "tree.h"

static int make(void **state)
{
	tree_setup(state);
	setenv("TMPDIR", tree_path(tree_top, "tmp"), 1);
	return 0;
}

/* The path that is chosen for dir lies in `wanted`, and is one that nobody has. */
static void goes_to(const char *dir, bool drop, const char *wanted, bool wanted_roots)
{
	const struct run_as as = { .drop = drop };
	_free_ char *one = NULL, *two = NULL, *pattern = NULL;
	bool roots = !wanted_roots;
	regex_t re;

	one = run_log_path(tree_path(tree_top, dir), &as, &roots);
	assert_int_equal(roots, wanted_roots);
	two = run_log_path(tree_path(tree_top, dir), &as, &roots);
	assert_string_not_equal(one, two);
	assert_true(asprintf(&pattern, "^%s/wormsign-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\\.jsonl$",
			     tree_path(tree_top, wanted)) > 0);
	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&re, one, 0, NULL, 0))
		fail_msg("%s", one);
	regfree(&re);
}

static mode_t mode_of(const char *dir)
{
	struct stat st;

	assert_int_equal(stat(tree_path(tree_top, dir), &st), 0);
	return st.st_mode & 07777;
}

static void roots_directory(void **state)
{
	(void)state;
	goes_to("log", false, "log", true);
	assert_int_equal(mode_of("log"), 0700); /* for nobody else */
	/* who runs it by sudo reaches his log by its name, and lists no other */
	goes_to("log", true, "log", true);
	assert_int_equal(mode_of("log"), 0711);
	/* what the operator has allowed stays */
	assert_int_equal(chmod(tree_path(tree_top, "log"), 0750), 0);
	goes_to("log", true, "log", true);
	assert_int_equal(mode_of("log"), 0750);
}

static void no_directory(void **state)
{
	(void)state;
	goes_to("missing/log", false, "tmp", false);
	tree_add(tree_top, "file", "");
	assert_int_equal(chmod(tree_path(tree_top, "file"), 0700), 0);
	goes_to("file", false, "tmp", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(roots_directory, make, tree_teardown),
		cmocka_unit_test_setup_teardown(no_directory, make, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
