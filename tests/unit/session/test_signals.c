// SPDX-License-Identifier: GPL-2.0-only
/* test_signals.c - which signals come out of the descriptor, which stay pending, and which would
 * have ended the program. */
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "in_child.h"
#include "session/signals.h"

static int take_each(void)
{
	static const int wanted[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD };
	struct signalfd_siginfo info;
	struct error e = { 0 };
	uint64_t seen = 0;
	sigset_t pending;
	int fd = -1;

	CHECK(signals_take(&fd, &e) == 0);
	CHECK(read(fd, &info, sizeof(info)) < 0); /* does not block */
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		kill(getpid(), wanted[i]);
	while (read(fd, &info, sizeof(info)) == sizeof(info))
		seen |= UINT64_C(1) << info.ssi_signo;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		CHECK(seen >> wanted[i] & 1);
	/* these would stop this process; they are not delivered, and do not come out either */
	kill(getpid(), SIGTSTP);
	kill(getpid(), SIGTTIN);
	kill(getpid(), SIGTTOU);
	CHECK(read(fd, &info, sizeof(info)) < 0);
	CHECK(sigpending(&pending) == 0);
	CHECK(sigismember(&pending, SIGTSTP) && sigismember(&pending, SIGTTIN) &&
	      sigismember(&pending, SIGTTOU));
	return 0;
}

static int find_fatal(void)
{
	struct error e = { 0 };
	int fd = -1;

	signal(SIGHUP, SIG_IGN); /* as under nohup */
	CHECK(signals_take(&fd, &e) == 0);
	CHECK(signals_fatal_pending() == 0);
	kill(getpid(), SIGCHLD);
	kill(getpid(), SIGTSTP);
	kill(getpid(), SIGHUP);
	CHECK(signals_fatal_pending() == 0);
	kill(getpid(), SIGTERM);
	CHECK(signals_fatal_pending() == SIGTERM);
	CHECK(signals_fatal_pending() == SIGTERM); /* it is not taken */
	return 0;
}

static void taken(void **state)
{
	(void)state;
	in_child(take_each);
}

static void fatal(void **state)
{
	(void)state;
	in_child(find_fatal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken),
		cmocka_unit_test(fatal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
