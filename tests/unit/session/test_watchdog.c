// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_watchdog.c - the watchdog ends the session when the main process dies, and not when it says
 * that all is done. The kernel side and the cgroup are made up here: what is asked of them is
 * written to a pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/tasks.h"
#include "session/watchdog.h"

#define SESSION 7

static int asked[2];  /* a pipe: one letter a call */
static int rounds;    /* of killing, so far */
static int listed;    /* rounds after which the kernel's list of tasks is empty */
static int populated; /* ... and the cgroup */

static void ask(char letter)
{
	(void)!write(asked[1], &letter, 1);
}

int loader_session_condemn(struct loader *l, uint64_t id)
{
	ask(!l && id == SESSION ? 'c' : '?');
	return 0;
}

int loader_session_end(struct loader *l, uint64_t id)
{
	ask(!l && id == SESSION ? 'e' : '?');
	return 0;
}

int cgroup_kill(const struct cgroup *c)
{
	(void)c;
	ask('k');
	return 0;
}

int tasks_kill(struct loader *l, uint64_t session, bool all)
{
	ask(!l && session == SESSION && all ? 't' : '?');
	return ++rounds < listed ? 1 : 0;
}

int cgroup_wait_empty(const struct cgroup *c, int ms)
{
	(void)c;
	(void)ms;
	return rounds < populated;
}

int cgroup_remove(const struct cgroup *c)
{
	(void)c;
	ask('r');
	return 0;
}

int capabilities_reduce(bool foreign)
{
	ask(foreign ? 'F' : 'f');
	return 0;
}

static int make(void **state)
{
	(void)state;
	rounds = 0;
	listed = populated = 1;
	return pipe2(asked, O_CLOEXEC);
}

static int clear(void **state)
{
	(void)state;
	close(asked[0]);
	return 0;
}

/* All that was asked; the watchdog has ended. */
static const char *everything(void)
{
	static char text[64];
	size_t n = 0;
	ssize_t r;

	close(asked[1]);
	while ((r = read(asked[0], text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)r;
	text[n] = 0;
	return text;
}

static void done(void **state)
{
	struct cgroup c = { .foreign = true };
	struct error e = { 0 };
	struct watchdog w;

	(void)state;
	assert_int_equal(watchdog_start(&w, NULL, SESSION, &c, &e), 0);
	assert_int_equal(waitpid(w.pid, NULL, WNOHANG), 0); /* it waits */
	watchdog_end(&w);
	assert_int_equal(w.pid, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* it is reaped */
	assert_string_equal(everything(), "F");
	watchdog_end(&w); /* does nothing the second time */
}

/* What the watchdog of a process that dies does then. */
static const char *after_death(void)
{
	struct cgroup c = { 0 };
	pid_t pid = fork();

	if (pid == 0) {
		struct error e = { 0 };
		struct watchdog w;

		_exit(watchdog_start(&w, NULL, SESSION, &c, &e) < 0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return everything();
}

static void main_process_dies(void **state)
{
	(void)state;
	listed = 3;
	populated = 4;
	assert_string_equal(after_death(), "fcktktktkter");
}

/* A process that was moved out of the cgroup is in the kernel's list alone. */
static void moved_out_of_the_cgroup(void **state)
{
	(void)state;
	listed = 3;
	assert_string_equal(after_death(), "fcktktkter");
}

/* Signals that can be blocked do not end it, it has a session of its own, and its descriptor
 * becomes readable when it dies. */
static void signals(void **state)
{
	static const int caught[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGUSR1 };
	struct pollfd died = { .events = POLLIN };
	struct cgroup c = { 0 };
	struct error e = { 0 };
	struct watchdog w;
	char ready;

	(void)state;
	assert_int_equal(watchdog_start(&w, NULL, SESSION, &c, &e), 0);
	assert_int_equal(read(asked[0], &ready, 1), 1); /* 'f': its signals are blocked now */
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++)
		kill(w.pid, caught[i]);
	died.fd = w.pidfd;
	assert_int_equal(poll(&died, 1, 50), 0);
	assert_int_equal(getsid(w.pid), w.pid);
	kill(w.pid, SIGKILL);
	assert_int_equal(poll(&died, 1, 10000), 1);
	watchdog_end(&w);
	assert_string_equal(everything(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(done, make, clear),
		cmocka_unit_test_setup_teardown(main_process_dies, make, clear),
		cmocka_unit_test_setup_teardown(moved_out_of_the_cgroup, make, clear),
		cmocka_unit_test_setup_teardown(signals, make, clear),
	};

	signal(SIGPIPE, SIG_IGN); /* as launch_remember() does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
