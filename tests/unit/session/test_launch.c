// SPDX-License-Identifier: GPL-2.0-only
/* test_launch.c - finding a command as a shell does, and starting it held back. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/exit_status.h"
#include "cmocka_all.h"
#include "session/launch.h"
#include "tree.h"

static int make(void **state)
{
	tree_setup(state);
	tree_add(tree_top, "a/plain", "exit 3\n");
	tree_add(tree_top, "b/prog", "#!/bin/sh\nexit 4\n");
	tree_add(tree_top, "b/broken", "#!/no/such/interpreter\n");
	tree_add(tree_top, "a/prog", "x");
	chmod(tree_path(tree_top, "b/prog"), 0755);
	chmod(tree_path(tree_top, "b/broken"), 0755);
	return 0;
}

static void find(const char *name, int wanted, const char *words)
{
	struct error e = { 0 };

	assert_int_equal(launch_find(name, &e), wanted);
	assert_string_equal(e.text, words);
}

static void finding(void **state)
{
	_free_ char *old = strdup(getenv("PATH")), *path = NULL;

	(void)state;
	assert_true(asprintf(&path, "%s:/nowhere::%s", tree_path(tree_top, "a"),
			     tree_path(tree_top, "b")) > 0);
	setenv("PATH", path, 1);
	find("prog", 0, "");
	find("nothing", STATUS_NOT_FOUND, "nothing: command not found");
	find("", STATUS_NOT_FOUND, ": command not found");
	find("plain", STATUS_NOT_EXEC, "plain: Permission denied");
	find("/no/such", STATUS_NOT_FOUND, "/no/such: No such file or directory");
	find("/etc/passwd/x", STATUS_NOT_FOUND, "/etc/passwd/x: No such file or directory");
	find("/", STATUS_NOT_EXEC, "/: Is a directory");
	find("/dev/null", STATUS_NOT_EXEC, "/dev/null: Permission denied");
	find(tree_path(tree_top, "b/prog"), 0, "");
	unsetenv("PATH");
	find("sh", 0, "");
	setenv("PATH", old, 1);
}

/* Fork program, and start it if so wanted. Returns the wait status and what launch_failed() says.
 */
static int start(const char *program, bool go, int *ret_failed, struct error *e)
{
	char *argv[] = { (char *)program, NULL };
	struct launch_start begin;
	struct run_as who = { 0 };
	struct launch l;
	int status;
	mode_t mask;

	launch_remember(&begin);
	assert_int_equal(launch_fork(&l, argv, &begin, &who, e), 0);
	if (go)
		assert_int_equal(launch_go(&l), 0);
	else
		close(TAKE_FD(l.go));
	assert_int_equal(waitpid(l.pid, &status, 0), l.pid);
	*ret_failed = launch_failed(&l, program, e);
	launch_free(&l);
	mask = umask(begin.umask);
	assert_int_equal(mask, 077);
	return status;
}

static void starting(void **state)
{
	struct error e = { 0 };
	int failed, status;

	(void)state;
	status = start(tree_path(tree_top, "b/prog"), true, &failed, &e);
	assert_int_equal(WEXITSTATUS(status), 4);
	assert_int_equal(failed, 0);
	/* not started: it did not run */
	status = start(tree_path(tree_top, "b/prog"), false, &failed, &e);
	assert_int_equal(WEXITSTATUS(status), STATUS_TROUBLE);
	assert_int_equal(failed, 0);
	status = start(tree_path(tree_top, "b/broken"), true, &failed, &e);
	assert_int_equal(WEXITSTATUS(status), STATUS_NOT_FOUND);
	assert_int_equal(failed, STATUS_NOT_FOUND);
	assert_non_null(strstr(e.text, "broken: No such file"));
	e.text[0] = 0;
	status = start(tree_path(tree_top, "a/plain"), true, &failed, &e);
	assert_int_equal(failed, STATUS_NOT_EXEC);
	assert_non_null(strstr(e.text, "plain: Permission denied"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finding),
		cmocka_unit_test(starting),
	};

	return cmocka_run_group_tests(tests, make, tree_teardown);
}
