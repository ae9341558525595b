// SPDX-License-Identifier: GPL-2.0-only
/* test_process_look.c - /proc is read right, whatever a process calls itself. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "events/process_look.h"

/* Start times in /proc have ticks of 10 ms, and the clocks are read one after the other. */
#define PRECISION 30000000ULL

/* Start a child that waits, under this name; returns when it has the name. */
static pid_t start(const char *name)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, name);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_true(pid > 0);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void parent_and_start(void **state)
{
	static const char *const names[] = { "plain", ") R 1", "a b) S 2 3", "((", "a\nb) R 1" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint64_t before = clock_ns(CLOCK_MONOTONIC), started = 0;
		pid_t pid = start(names[i]);
		uint64_t after = clock_ns(CLOCK_MONOTONIC);
		uint32_t parent = 0;
		int r = process_look_proc((uint32_t)pid, &parent, &started);

		end(pid);
		assert_int_equal(r, 0);
		assert_int_equal(parent, getpid());
		assert_in_range(started, before - PRECISION, after + PRECISION);
	}
}

static void no_such_process(void **state)
{
	uint32_t parent = 77;
	uint64_t started = 77;
	pid_t pid = start("gone");

	(void)state;
	end(pid);
	assert_int_equal(process_look_proc((uint32_t)pid, &parent, &started), -ENOENT);
	assert_int_equal(process_look_proc(0x7ffffff0, &parent, &started), -ENOENT);
	assert_int_equal(parent, 77);
	assert_int_equal(started, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parent_and_start),
		cmocka_unit_test(no_such_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
