// SPDX-License-Identifier: GPL-2.0-only
/* test_job_left.c - what is below the session's first process is the job, the rest of its cgroup
 * was left; by a cgroup of the test's own. */
#include "session/job_left.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "cmocka_all.h"
#include "in_child.h"
#include "session/cgroup_find.h"

static char dir[4096], name[4096];

static int join(void)
{
	_fclose_ FILE *f = NULL;
	char path[4200];

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	f = fopen(path, "we");
	return f && fprintf(f, "%d\n", getpid()) > 0 ? 0 : -errno;
}

/* Start a process whose parent has ended; its pid, from a pipe. */
static pid_t leave(const char *comm)
{
	int pipes[2];
	pid_t pid = 0, child;

	if (pipe(pipes) < 0)
		return -1;
	child = fork();
	if (child == 0) {
		setsid();
		if (fork())
			_exit(0);
		prctl(PR_SET_NAME, comm);
		pid = getpid();
		if (write(pipes[1], &pid, sizeof(pid)) < 0)
			_exit(1);
		close(pipes[0]);
		close(pipes[1]);
		for (;;)
			pause();
	}
	waitpid(child, NULL, 0);
	if (read(pipes[0], &pid, sizeof(pid)) != sizeof(pid))
		pid = -1;
	close(pipes[0]);
	close(pipes[1]);
	return pid;
}

/* A session: a first process, below it the one that looks, and one that works on. */
static int session(void)
{
	struct job_left_list l = { 0 };
	pid_t one, two, worker, looks;
	int status = 0;

	CHECK(join() == 0);
	worker = fork();
	if (worker == 0)
		for (;;)
			pause();
	looks = fork();
	if (looks) {
		waitpid(looks, &status, 0);
		CHECK(kill(worker, 0) == 0); /* it is the job's, still */
		kill(worker, SIGKILL);
		waitpid(worker, NULL, 0);
		return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
	}
	one = leave("one");
	two = leave("a) R 1 (b\n\033");
	if (one < 0 || two < 0 || job_left_find(&l, name) < 0 || l.count != 2)
		_exit(10 + (int)l.count);
	for (size_t i = 0; i < 2; i++)
		if ((l.at[i].pid != one || strcmp(l.at[i].name, "one") != 0) &&
		    (l.at[i].pid != two || strcmp(l.at[i].name, "a) R 1 (b\n\033") != 0))
			_exit(2);
	job_left_free(&l);
	if (job_left_end(name) != 0)
		_exit(3);
	if (job_left_find(&l, name) < 0 || l.count != 0)
		_exit(4);
	job_left_free(&l);
	if (job_left_find(&l, "/no/such") < 0 || l.count != 0)
		_exit(5);
	_exit(0);
}

static void left(void **state)
{
	CLEANUP(cgroup_found_free) struct cgroup_found found = { 0 };
	struct error e = { 0 };

	(void)state;
	if (getuid() != 0 || cgroup_find(&found, 0, &e) < 0)
		skip();
	snprintf(dir, sizeof(dir), "%s/test-left-%d", found.dir, getpid());
	snprintf(name, sizeof(name), "%s/test-left-%d",
		 strcmp(found.own, "/") == 0 ? "" : found.own, getpid());
	if (mkdir(dir, 0755) < 0)
		skip();
	in_child(session);
	for (int i = 0; i < 100 && rmdir(dir) < 0; i++)
		usleep(10000);
	assert_int_equal(access(dir, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(left) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
