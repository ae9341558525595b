// SPDX-License-Identifier: GPL-2.0-only
/* test_cgroup.c - a session's cgroup in the real hierarchy (root): where it may be made, its life
 * and its end. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/cgroup.h"
#include "session/cgroup_find.h"
#include "base/cleanup.h"
#include "cmocka_all.h"

static int count(void *arg, pid_t pid)
{
	++*(int *)arg;
	return pid <= 0;
}

/* With a real hierarchy, as root. */
static void life(void **state)
{
	CLEANUP(cgroup_freep) struct cgroup *c = NULL;
	struct error e = { 0 };
	int status, n = 0;
	pid_t pid;

	(void)state;
	if (geteuid() != 0 || cgroup_create(&c, 0, 0, &e) < 0)
		skip();
	assert_int_equal(cgroup_populated(c), 0);
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	assert_int_equal(cgroup_enter(c, pid), 0);
	assert_int_equal(cgroup_populated(c), 1);
	assert_int_equal(cgroup_processes(c, count, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(cgroup_wait_empty(c, 10), 1);
	assert_int_equal(cgroup_kill(c), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(cgroup_wait_empty(c, 5000), 0);
	assert_int_equal(cgroup_remove(c), 0);
	assert_int_equal(cgroup_populated(c), 0);
	assert_int_equal(cgroup_remove(c), 0);
}

/* Kernels before 5.14 have no cgroup.kill. */
static void kill_one_by_one(void **state)
{
	CLEANUP(cgroup_freep) struct cgroup *c = NULL;
	struct error e = { 0 };
	pid_t pid;

	(void)state;
	if (geteuid() != 0 || cgroup_create(&c, 0, 0, &e) < 0)
		skip();
	if (c->kill >= 0)
		close(TAKE_FD(c->kill));
	for (int i = 0; i < 3; i++) {
		pid = fork();
		if (pid == 0)
			for (;;)
				pause();
		assert_int_equal(cgroup_enter(c, pid), 0);
	}
	assert_int_equal(cgroup_kill(c), 0);
	for (int i = 0; i < 3; i++)
		assert_true(waitpid(-1, NULL, 0) > 0);
	assert_int_equal(cgroup_wait_empty(c, 5000), 0);
	assert_int_equal(cgroup_remove(c), 0);
}

/* A process that is about to end holds it a moment longer. */
static void remove_waits(void **state)
{
	CLEANUP(cgroup_freep) struct cgroup *c = NULL;
	struct error e = { 0 };
	pid_t pid;

	(void)state;
	if (geteuid() != 0 || cgroup_create(&c, 0, 0, &e) < 0)
		skip();
	pid = fork();
	if (pid == 0) {
		usleep(100000);
		_exit(0);
	}
	assert_int_equal(cgroup_enter(c, pid), 0);
	assert_int_equal(cgroup_remove(c), 0);
	assert_int_equal(access(c->path, F_OK), -1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* A cgroup of this test's own, which this process is in: TOP/unit-PID. */
static struct cgroup_found found;
static char *unit;

static void put(const char *dir, const char *file, const char *text)
{
	_free_ char *path = NULL;
	FILE *f;

	assert_true(asprintf(&path, "%s/%s", dir, file) > 0);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int enter_unit(void **state)
{
	struct error e = { 0 };

	(void)state;
	unit = NULL;
	if (geteuid() != 0 || cgroup_find(&found, 0, &e) < 0)
		return 0; /* the test skips itself */
	if (asprintf(&unit, "%s/unit-%d", found.dir, getpid()) < 0)
		return -1;
	if (mkdir(unit, 0755) < 0) {
		free(TAKE_PTR(unit));
		return 0;
	}
	put(unit, "cgroup.procs", "0");
	return 0;
}

static int leave_unit(void **state)
{
	(void)state;
	if (unit) {
		put(found.dir, "cgroup.procs", "0");
		assert_int_equal(rmdir(unit), 0);
		free(TAKE_PTR(unit));
	}
	cgroup_found_free(&found);
	return 0;
}

static void remove_created(struct cgroup *c)
{
	assert_int_equal(cgroup_remove(c), 0);
	cgroup_free(c);
}

/* Below the own cgroup; not where the user of the command may write to cgroup.procs. */
static void not_below_one_of_the_user(void **state)
{
	_free_ char *procs = NULL, *wanted = NULL;
	struct error e = { 0 };
	struct cgroup *c;

	(void)state;
	if (!unit)
		skip();
	assert_int_equal(cgroup_create(&c, 0, 54321, &e), 0);
	assert_false(c->above);
	assert_true(asprintf(&wanted, "%s/%s", unit, c->name) > 0);
	assert_string_equal(c->path, wanted);
	remove_created(c);

	assert_true(asprintf(&procs, "%s/cgroup.procs", unit) > 0);
	assert_int_equal(chown(procs, 54321, 0), 0);
	assert_int_equal(cgroup_create(&c, 0, 54321, &e), 0);
	assert_true(c->above);
	assert_non_null(strstr(c->why, "its user may move processes there"));
	assert_non_null(strstr(c->why, unit));
	assert_null(strstr(c->path, unit));
	assert_int_equal(access(c->path, F_OK), 0);
	remove_created(c);
	/* to another user, and to root, that one means nothing */
	assert_int_equal(cgroup_create(&c, 0, 54322, &e), 0);
	assert_false(c->above);
	remove_created(c);
	assert_int_equal(cgroup_create(&c, 0, 0, &e), 0);
	assert_false(c->above);
	remove_created(c);
}

/* Below an outer session's own, or not at all: its hooks hold only there. */
static void never_above_an_outer_session(void **state)
{
	_free_ char *outer = NULL, *procs = NULL;
	struct cgroup *c = NULL;
	struct error e = { 0 };

	(void)state;
	if (!unit)
		skip();
	assert_true(asprintf(&outer, "%s/wormsign-outer", unit) > 0);
	assert_true(asprintf(&procs, "%s/cgroup.procs", outer) > 0);
	assert_int_equal(mkdir(outer, 0755), 0);
	put(outer, "cgroup.procs", "0");
	assert_int_equal(chown(procs, 54321, 0), 0);
	assert_int_equal(cgroup_create(&c, 0, 54321, &e), -EXDEV);
	assert_non_null(strstr(e.text, "no cgroup can be made for the session"));
	assert_non_null(strstr(e.text, outer));
	put(unit, "cgroup.procs", "0");
	assert_int_equal(rmdir(outer), 0);
}

/* A process can enter no new cgroup below a threaded one. */
static void not_below_a_threaded_one(void **state)
{
	_free_ char *threaded = NULL;
	struct error e = { 0 };
	struct cgroup *c;

	(void)state;
	if (!unit)
		skip();
	assert_true(asprintf(&threaded, "%s/threaded", unit) > 0);
	assert_int_equal(mkdir(threaded, 0755), 0);
	put(threaded, "cgroup.type", "threaded");
	put(threaded, "cgroup.procs", "0");
	assert_int_equal(cgroup_create(&c, 0, 0, &e), 0);
	assert_true(c->above);
	assert_null(strstr(c->path, unit)); /* which is of type "domain threaded" now */
	assert_int_equal(cgroup_enter(c, getpid()), 0);
	put(unit, "cgroup.procs", "0");
	remove_created(c);
	assert_int_equal(rmdir(threaded), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life),
		cmocka_unit_test(kill_one_by_one),
		cmocka_unit_test(remove_waits),
		cmocka_unit_test_setup_teardown(not_below_one_of_the_user, enter_unit, leave_unit),
		cmocka_unit_test_setup_teardown(never_above_an_outer_session, enter_unit,
						leave_unit),
		cmocka_unit_test_setup_teardown(not_below_a_threaded_one, enter_unit, leave_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
