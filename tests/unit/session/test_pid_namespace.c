// SPDX-License-Identifier: GPL-2.0-only
/* test_pid_namespace.c - in a pid namespace of one's own, pids are not global. */
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "session/pid_namespace.h"

static void here(void **state)
{
	char link[64] = "";

	(void)state;
	assert_true(readlink("/proc/self/ns/pid", link, sizeof(link) - 1) > 0);
	assert_int_equal(pid_namespace_is_first(), strcmp(link, "pid:[4026531836]") == 0);
}

/* Which namespace /proc/self/ns/pid names is that of the caller, whatever /proc is mounted. */
static void in_another(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		if (unshare(CLONE_NEWPID) < 0)
			_exit(77);
		pid = fork();
		if (pid == 0)
			/* /proc is still the outer one, where this process has another pid */
			_exit(pid_namespace_is_first());
		waitpid(pid, &status, 0);
		_exit(WEXITSTATUS(status));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(here),
		cmocka_unit_test(in_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
