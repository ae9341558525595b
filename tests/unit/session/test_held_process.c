// SPDX-License-Identifier: GPL-2.0-only
/* test_held_process.c - real processes that stop themselves, or run on. */
#include "session/held_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

/* A child that stops itself after so long, then exits with 3. */
static pid_t stopping(unsigned ms, int *ret_pidfd)
{
	pid_t pid = fork();

	if (pid == 0) {
		/* a name that looks like another line */
		prctl(PR_SET_NAME, "a\nState:\tT");
		usleep(ms * 1000);
		raise(SIGSTOP);
		_exit(3);
	}
	assert_true(pid > 0);
	*ret_pidfd = syscall(SYS_pidfd_open, pid, 0);
	assert_true(*ret_pidfd >= 0);
	return pid;
}

static void ends_with_3(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

static void stands(void **state)
{
	_close_ int pidfd = -1;
	pid_t pid = stopping(200, &pidfd);

	(void)state;
	assert_false(held_process_stands(pid));
	held_process_wait(pid, 1);
	assert_false(held_process_stands(pid));
	held_process_wait(pid, 10000);
	assert_true(held_process_stands(pid));
	held_process_continue(pid, pidfd);
	ends_with_3(pid);
	assert_false(held_process_stands(pid));
}

/* Who was killed while it was held stands no more, before and after its parent looks. */
static void killed_stands_no_more(void **state)
{
	_close_ int pidfd = -1;
	pid_t pid = stopping(0, &pidfd);
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	(void)state;
	held_process_wait(pid, 10000);
	assert_true(held_process_still_stands(pid));
	kill(pid, SIGKILL);
	assert_int_equal(poll(&end, 1, 10000), 1);
	assert_false(held_process_still_stands(pid));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(held_process_still_stands(pid));
}

/* It does not take away a stop that is on its way. */
static void leaves_what_runs(void **state)
{
	_close_ int pidfd = -1;
	pid_t pid = stopping(100, &pidfd);
	int status;

	(void)state;
	held_process_continue(pid, pidfd);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	kill(pid, SIGCONT);
	ends_with_3(pid);
}

/* Ctrl-Z while it was held. */
static void leaves_what_a_terminal_stops(void **state)
{
	_close_ int pidfd = -1;
	pid_t pid = stopping(0, &pidfd);
	int status;

	(void)state;
	held_process_wait(pid, 10000);
	kill(pid, SIGTSTP);
	held_process_continue(pid, pidfd);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_true(held_process_stands(pid));
	kill(pid, SIGCONT);
	ends_with_3(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stands),
		cmocka_unit_test(killed_stands_no_more),
		cmocka_unit_test(leaves_what_runs),
		cmocka_unit_test(leaves_what_a_terminal_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
