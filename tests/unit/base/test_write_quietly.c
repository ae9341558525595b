// SPDX-License-Identifier: GPL-2.0-only
/* test_write_quietly.c - errors instead of signals, and only our own signals are taken away. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "base/write_quietly.h"

/* Nothing here changes what the signals do: by default both would end this test. */
static void a_reader_that_has_gone(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(write_quietly(fds[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(fds[1]);
}

static void a_limit_on_files(void **state)
{
	char path[] = "/tmp/test_write_quietly.XXXXXX";
	struct rlimit limit, old;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 2;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(write_quietly(fd, "abc", 3), 2);
	assert_int_equal(write_quietly(fd, "c", 1), -1);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	close(fd);
}

/* A signal that somebody else sent before stays. */
static void anothers_signal(void **state)
{
	sigset_t set, pending;
	int fds[2], sig;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGPIPE);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(write_quietly(fds[1], "x", 1), -1);
	sigpending(&pending);
	assert_true(sigismember(&pending, SIGPIPE));
	sigwait(&set, &sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	close(fds[1]);
}

static void an_ordinary_write(void **state)
{
	char got[4] = "";
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write_quietly(fds[1], "abc", 3), 3);
	assert_int_equal(read(fds[0], got, sizeof(got)), 3);
	assert_string_equal(got, "abc");
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_that_has_gone),
		cmocka_unit_test(a_limit_on_files),
		cmocka_unit_test(anothers_signal),
		cmocka_unit_test(an_ordinary_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
