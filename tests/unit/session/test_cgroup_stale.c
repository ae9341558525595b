// SPDX-License-Identifier: GPL-2.0-only
/* test_cgroup_stale.c - what lives in the cgroup of a session whose makers are dead is ended
 * (root); one that somebody still has is left. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/cgroup.h"
#include "session/cgroup_stale.h"

struct made {
	pid_t sleeper;
	char path[400];
};

/* In a child, which dies with its copies of all descriptors; something that it has put in lives. */
static bool make_stale(struct made *ret)
{
	int ends[2];
	pid_t maker;

	assert_int_equal(pipe(ends), 0);
	maker = fork();
	if (maker == 0) {
		struct made made = { 0 };
		struct cgroup *c = NULL;
		struct error e = { 0 };

		if (geteuid() == 0 && cgroup_create(&c, 0, 0, &e) == 0) {
			made.sleeper = fork();
			if (made.sleeper == 0) {
				close_range(3, ~0U, 0);
				for (;;)
					pause();
			}
			cgroup_enter(c, made.sleeper);
			snprintf(made.path, sizeof(made.path), "%s", c->path);
		}
		_exit(write(ends[1], &made, sizeof(made)) != sizeof(made));
	}
	assert_int_equal(waitpid(maker, NULL, 0), maker);
	assert_int_equal(read(ends[0], ret, sizeof(*ret)), sizeof(*ret));
	close(ends[0]);
	close(ends[1]);
	return ret->sleeper > 0;
}

static void stale_is_ended(void **state)
{
	struct made made;

	(void)state;
	if (!make_stale(&made))
		skip();
	assert_int_equal(access(made.path, F_OK), 0);
	assert_true(cgroup_stale_end() >= 1);
	assert_int_equal(access(made.path, F_OK), -1); /* so it was empty */
}

static void others_stay(void **state)
{
	CLEANUP(cgroup_freep) struct cgroup *c = NULL;
	CLEANUP(cgroup_freep) struct cgroup *seen = NULL;
	CLEANUP(cgroup_freep) struct cgroup *mine = NULL;
	struct error e = { 0 };
	struct made made;
	pid_t pid;

	(void)state;
	if (geteuid() != 0 || cgroup_create(&c, 0, 0, &e) < 0)
		skip();
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	assert_int_equal(cgroup_enter(c, pid), 0);
	cgroup_stale_end();
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_int_equal(cgroup_populated(c), 1);
	/* one whose maker is dead, but not all who have it from him */
	assert_true(make_stale(&made));
	assert_int_equal(cgroup_open(&seen, made.path, &e), 0);
	assert_int_equal(flock(seen->kill, LOCK_SH), 0);
	cgroup_stale_end();
	assert_int_equal(cgroup_populated(seen), 1);
	assert_int_equal(flock(seen->kill, LOCK_UN), 0);
	assert_int_equal(cgroup_open_of(&mine, pid, &e), 0);
	assert_string_equal(mine->path, c->path);
	cgroup_kill(mine);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(cgroup_wait_empty(c, 5000), 0);
	assert_int_equal(cgroup_remove(c), 0);
	cgroup_stale_end();
	assert_int_equal(access(made.path, F_OK), -1);
}

/* Without the right to kill all at once: one by one, and nothing that is no session's. */
static void opened(void **state)
{
	struct cgroup *c = NULL;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(cgroup_open_of(&c, getpid(), &e), -ENOENT);
	assert_int_equal(cgroup_open(&c, "/no/such", &e), -ENOENT);
	assert_null(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stale_is_ended),
		cmocka_unit_test(others_stay),
		cmocka_unit_test(opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
