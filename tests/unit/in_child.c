// SPDX-License-Identifier: GPL-2.0-only
/* in_child.c - checks in a process of their own. */
#include "in_child.h"

#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"

void in_child(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status))
		fail_msg("the child was killed by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status))
		fail_msg("the check failed in line %d (modulo 255)", WEXITSTATUS(status) - 1);
}
