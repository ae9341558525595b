// SPDX-License-Identifier: GPL-2.0-only
/* test_callers_path.c - whose PATH sudo was called with, where there is a sudo. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "session/callers_path.h"

/* In a child: this program again, as `name`, with this PATH; its own child then asks. */
static int ask(const char *name, const char *path)
{
	char *argv[] = { "test_callers_path", (char *)name, NULL };
	char *env[] = { "A=1", (char *)path, NULL };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execve("/proc/self/exe", argv, path ? env : (char *[]){ "A=1", NULL });
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* The child of `name`: 0 if the PATH is /one:/two, else errno, 98: another. */
static int answer(const char *name)
{
	int status;
	pid_t pid;

	prctl(PR_SET_NAME, name);
	pid = fork();
	if (pid == 0) {
		char *path = NULL;
		int r = callers_path(getpid(), &path);

		_exit(r < 0 ? -r : strcmp(path, "/one:/two") ? 98 : 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void asked(void **state)
{
	(void)state;
	assert_int_equal(ask("sudo", "PATH=/one:/two"), 0);
	assert_int_equal(ask("sudo", "PATH=/three"), 98);
	assert_int_equal(ask("sudo", NULL), ENOENT);
	assert_int_equal(ask("sudoers", "PATH=/one:/two"), ENOENT);
	assert_int_equal(ask("bash", "PATH=/one:/two"), ENOENT);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked),
	};

	if (argc > 1)
		return answer(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
