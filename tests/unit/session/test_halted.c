// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_halted.c - which process is continued: the one that this verdict can have stopped, and no
 * other.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "session/halted.h"
#include "session/tasks.h"

/* A child that is stopped. */
static pid_t stopped_child(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		for (;;)
			pause();
	}
	kill(pid, SIGSTOP);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	return pid;
}

/* Whether it goes on within so many hundredths of a second. */
static bool goes_on(pid_t pid, int patience)
{
	for (int i = 0; i < patience; i++) {
		int status;

		if (waitpid(pid, &status, WCONTINUED | WNOHANG) == pid)
			return WIFCONTINUED(status);
		usleep(10000);
	}
	return false;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static struct ws_rec_verdict attach_to(uint32_t pid)
{
	return (struct ws_rec_verdict){ .head = { .time = clock_ns(CLOCK_MONOTONIC),
						  .uid = getuid() },
					.op = WS_OP_PTRACE,
					.effect = WS_EFFECT_KILLED_BEFORE,
					.target_pid = pid };
}

static void continues(const struct ws_rec_verdict *v, pid_t pid, bool want)
{
	struct halted h = { 0 };

	halted_add(&h, v);
	halted_continue(&h);
	assert_int_equal(h.count, 0);
	assert_int_equal(goes_on(pid, want ? 500 : 10), want);
}

static void what_the_verdict_has_stopped(void **state)
{
	pid_t pid = stopped_child();
	struct ws_rec_verdict v = attach_to(pid);

	(void)state;
	continues(&v, pid, true);
	kill(pid, SIGSTOP);
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	v.op = WS_OP_SIGNAL;
	v.effect = WS_EFFECT_KILLED_AFTER;
	v.amount = SIGTTOU;
	continues(&v, pid, true);
	end_child(pid);
}

static void what_it_has_not(void **state)
{
	pid_t pid = stopped_child();
	struct ws_rec_verdict v = attach_to(pid);

	(void)state;
	v.effect = WS_EFFECT_REFUSED;
	continues(&v, pid, false);
	v = attach_to(pid);
	v.op = WS_OP_MEMORY;
	continues(&v, pid, false);
	v.op = WS_OP_SIGNAL;
	v.effect = WS_EFFECT_KILLED_AFTER;
	v.amount = SIGTERM;
	continues(&v, pid, false);
	/* of another user, so the attach has failed */
	v = attach_to(pid);
	v.head.uid = getuid() + 4321;
	if (v.head.uid)
		continues(&v, pid, false);
	/* stopped before: by its user, or by his debugger */
	v = attach_to(pid);
	v.head.flags = WS_F_WAS_STOPPED;
	continues(&v, pid, false);
	/* younger than the verdict: another process with this number */
	v = attach_to(pid);
	v.head.time -= 10000000000ULL;
	continues(&v, pid, false);
	end_child(pid);
}

/* kill(2) takes 0 and negative numbers for whole groups, and -1 for all. */
static void numbers_of_many(void **state)
{
	static const uint32_t numbers[] = { 0, (uint32_t)-1, (uint32_t)-2, 0x80000000u };
	pid_t pid = stopped_child();

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct ws_rec_verdict v = attach_to(numbers[i]);
		struct halted h = { 0 };

		halted_add(&h, &v);
		assert_int_equal(h.count, 0);
	}
	assert_false(goes_on(pid, 10));
	end_child(pid);
}

/* Its number may be somebody else's by then. */
static void one_that_is_gone(void **state)
{
	pid_t pid = stopped_child();
	struct ws_rec_verdict v = attach_to(pid);
	struct halted h = { 0 };

	(void)state;
	halted_add(&h, &v);
	halted_add(&h, &v);
	assert_int_equal(h.count, 1);
	end_child(pid);
	halted_continue(&h);
	assert_int_equal(h.count, 0);
	/* no room: the first ones count */
	h.count = HALTED_MAX;
	halted_add(&h, &v);
	assert_int_equal(h.count, HALTED_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_verdict_has_stopped),
		cmocka_unit_test(what_it_has_not),
		cmocka_unit_test(numbers_of_many),
		cmocka_unit_test(one_that_is_gone),
	};

	if (!pid_namespace_is_first()) {
		puts("SKIP: not in the first pid namespace");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
