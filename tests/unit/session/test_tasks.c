// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_tasks.c - a session's processes are held by descriptors that refer to no other process. The
 * kernel's list is made up here; the processes are real.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/tasks.h"

#define SESSION 7

static struct loader_task kernels[64];
static size_t kernels_count;
static int listings;	      /* how often the list was asked for */
static void (*between)(void); /* called before the second listing */
static int kernels_error;

int loader_tasks(struct loader *l, uint64_t session,
		 int (*each)(void *arg, const struct loader_task *t), void *arg)
{
	assert_null(l);
	if (++listings == 2 && between)
		between();
	if (kernels_error)
		return kernels_error;
	for (size_t i = kernels_count; i-- > 0;) { /* in no order of pids */
		int r = kernels[i].session == session ? each(arg, &kernels[i]) : 0;

		if (r)
			return r;
	}
	return 0;
}

static int make(void **state)
{
	(void)state;
	kernels_count = 0;
	listings = 0;
	between = NULL;
	kernels_error = 0;
	return 0;
}

static int clear(void **state)
{
	(void)state;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	for (size_t i = 0; i < kernels_count; i++)
		kill((pid_t)kernels[i].pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return 0;
}

/* A process that waits, listed as the session's. */
static pid_t add(bool condemned)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	kernels[kernels_count++] = (struct loader_task){ .pid = (uint32_t)pid,
							 .started = 1000 + (uint64_t)pid,
							 .session = SESSION,
							 .condemned = condemned };
	return pid;
}

static bool has(const struct task_list *l, pid_t pid)
{
	for (size_t i = 0; i < l->count; i++)
		if ((pid_t)l->at[i].task.pid == pid) {
			assert_int_equal(l->at[i].task.session, SESSION);
			assert_true(l->at[i].pidfd >= 0);
			return true;
		}
	return false;
}

static bool dead(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGKILL;
}

static bool alive(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == 0;
}

static void listed(void **state)
{
	CLEANUP(tasks_free) struct task_list list = { 0 };
	pid_t pids[40];

	(void)state;
	if (!pid_namespace_is_first())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = add(i % 2);
	add(false);
	kernels[ARRAY_SIZE(pids)].session++; /* another's */
	assert_int_equal(tasks_list(NULL, SESSION, false, &list), 0);
	assert_int_equal(list.count, ARRAY_SIZE(pids));
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		assert_true(has(&list, pids[i]));
	tasks_free(&list);
	assert_int_equal(tasks_list(NULL, SESSION, true, &list), 0);
	assert_int_equal(list.count, ARRAY_SIZE(pids) / 2);
	assert_true(has(&list, pids[1]));
	assert_false(has(&list, pids[0]));
}

static void reuse(void)
{
	kernels[0].started++; /* the pid is another process's now */
}

/* What was opened may be another process by then: its start differs in the second listing. */
static void a_pid_given_away(void **state)
{
	CLEANUP(tasks_free) struct task_list list = { 0 };
	pid_t other, same;

	(void)state;
	if (!pid_namespace_is_first())
		skip();
	other = add(false);
	same = add(false);
	between = reuse;
	assert_int_equal(tasks_list(NULL, SESSION, false, &list), 0);
	assert_int_equal(list.count, 1);
	assert_true(has(&list, same));
	assert_false(has(&list, other));
}

static void vanish(void)
{
	kernels[0] = kernels[1];
	kernels_count = 1;
}

static void one_that_ends_meanwhile(void **state)
{
	CLEANUP(tasks_free) struct task_list list = { 0 };
	pid_t gone, same;

	(void)state;
	if (!pid_namespace_is_first())
		skip();
	gone = add(false);
	same = add(false);
	between = vanish;
	assert_int_equal(tasks_list(NULL, SESSION, false, &list), 0);
	assert_int_equal(list.count, 1);
	assert_true(has(&list, same));
	kill(gone, SIGKILL);
}

/* The kernel lists a zombie until it is reaped; it has ended all the same. */
static void zombies(void **state)
{
	CLEANUP(tasks_free) struct task_list list = { 0 };
	siginfo_t info;
	pid_t pid;

	(void)state;
	pid = add(false);
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(tasks_list(NULL, SESSION, false, &list), 0);
	assert_int_equal(list.count, 0);
}

static void killed(void **state)
{
	pid_t condemned, ending, other;

	(void)state;
	if (!pid_namespace_is_first())
		skip();
	condemned = add(true);
	ending = add(true);
	kernels[kernels_count - 1].ending = true;
	other = add(false);
	assert_int_equal(tasks_kill(NULL, SESSION, false), 2);
	assert_true(dead(condemned));
	assert_true(alive(ending));
	assert_true(alive(other));
	assert_int_equal(tasks_kill(NULL, SESSION, true), 2);
	assert_true(dead(ending));
	assert_true(dead(other));
}

static void no_list(void **state)
{
	struct task_list list;

	(void)state;
	if (!pid_namespace_is_first())
		skip();
	add(true);
	kernels_error = -EIO;
	assert_int_equal(tasks_list(NULL, SESSION, false, &list), -EIO);
	assert_int_equal(list.count, 0);
	assert_int_equal(tasks_kill(NULL, SESSION, true), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(listed, make, clear),
		cmocka_unit_test_setup_teardown(a_pid_given_away, make, clear),
		cmocka_unit_test_setup_teardown(one_that_ends_meanwhile, make, clear),
		cmocka_unit_test_setup_teardown(zombies, make, clear),
		cmocka_unit_test_setup_teardown(killed, make, clear),
		cmocka_unit_test_setup_teardown(no_list, make, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
