// SPDX-License-Identifier: GPL-2.0-only
/* test_job_log.c - which log belongs to a cgroup, and which is not believed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/job_log.h"
#include "tree.h"

/* The name of the log that is opened for this cgroup, or its error. */
static int opens(const char *cgroup, const char *name)
{
	_free_ char *path = NULL;
	_close_ int fd = -1;
	struct error e = { 0 };
	int err = job_log_open(&fd, &path, tree_top, cgroup, &e);

	if (err < 0) {
		assert_int_not_equal(strlen(e.text), 0);
		return err;
	}
	assert_string_equal(strrchr(path, '/') + 1, name);
	return 0;
}

static void found(void **state)
{
	(void)state;
	if (getuid() != 0)
		skip();
	tree_add(tree_top, "wormsign-1-a.jsonl", "");
	assert_int_equal(opens("3:cpu:/x\n0::/wormsign-1-a\n", "wormsign-1-a.jsonl"), 0);
	assert_int_equal(opens("0::/s.slice/wormsign-1-a/sub\n", "wormsign-1-a.jsonl"), 0);
	/* a `wormsign run` around it, and one in it */
	assert_int_equal(
		opens("0::/wormsign-2-b/wormsign-1-a/wormsign-3-c\n", "wormsign-1-a.jsonl"), 0);
	assert_int_equal(opens("0::/wormsign-2-b\n", NULL), -ENOENT);
	assert_int_equal(opens("0::/other-1-a\n", NULL), -ENOENT);
	assert_int_equal(opens("0::/\n", NULL), -ENOENT);
	assert_int_equal(opens("1:name=x:/wormsign-1-a\n", NULL), -ENOENT);
	assert_int_equal(opens("", NULL), -ENOENT);
}

static void its_cgroup(void **state)
{
	static const struct {
		const char *text, *cgroup;
	} cases[] = {
		{ "0::/a/wormsign-1-a\n", "/a/wormsign-1-a" },
		{ "2:cpu:/\n0::/wormsign-1-ab/wormsign-1-a/sub\n", "/wormsign-1-ab/wormsign-1-a" },
		{ "0::/wormsign-1-ab\n", NULL },
		{ "0::/x-wormsign-1-a\n", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_free_ char *got = job_log_cgroup("/l/wormsign-1-a.jsonl", cases[i].text);

		if (cases[i].cgroup)
			assert_string_equal(got, cases[i].cgroup);
		else
			assert_null(got);
	}
}

static void not_believed(void **state)
{
	const char *path;
	(void)state;

	if (getuid() != 0)
		skip();
	tree_add(tree_top, "wormsign-4-d.jsonl", "");
	path = tree_path(tree_top, "wormsign-4-d.jsonl");
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(opens("0::/wormsign-4-d\n", NULL), -EPERM);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(chown(path, 54321, 0), 0);
	assert_int_equal(opens("0::/wormsign-4-d\n", NULL), -EPERM);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(opens("0::/wormsign-4-d\n", NULL), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(opens("0::/wormsign-4-d\n", NULL), -EPERM);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(found, tree_setup, tree_teardown),
		cmocka_unit_test(its_cgroup),
		cmocka_unit_test_setup_teardown(not_believed, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
