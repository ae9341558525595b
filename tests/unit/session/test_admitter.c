// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_admitter.c - the admitter empties what is secret in a stopped process and lets it run; a
 * process whose environment it cannot empty is killed. The kernel side is made up here: the table
 * of held processes has one entry, in shared memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "kernel/admission.h"
#include "session/admitter.h"

static struct {
	uint32_t pid; /* 0: nothing is held */
	struct ws_held held;
	int refuse; /* releasing fails with this errno */
} * table;	    /* shared with the admitter */

static int silent[2]; /* a pipe that says nothing: the list is walked all the same */

int admission_open(struct admission **ret, struct loader *l)
{
	(void)ret;
	(void)l;
	return 0;
}

void admission_close(struct admission *a)
{
	(void)a;
}

int admission_poll_fd(const struct admission *a)
{
	(void)a;
	return silent[0];
}

void admission_leave_poll(struct admission *a)
{
	(void)a;
}

int admission_list(struct admission *a,
		   void (*each)(void *arg, uint32_t pid, const struct ws_held *h), void *arg)
{
	uint32_t pid = __atomic_load_n(&table->pid, __ATOMIC_SEQ_CST);

	(void)a;
	if (pid)
		each(arg, pid, &table->held);
	return pid ? 1 : 0;
}

int admission_let_go(struct admission *a, uint32_t pid)
{
	(void)a;
	assert_int_equal(pid, table->pid);
	__atomic_store_n(&table->pid, 0, __ATOMIC_SEQ_CST);
	return -table->refuse;
}

int admission_package_of(const struct admission *a, int pidfd, struct admission_package *ret)
{
	(void)a;
	(void)pidfd;
	(void)ret;
	return 0;
}

int admission_task_of(const struct admission *a, int pidfd, struct ws_task_fields *ret)
{
	(void)a;
	(void)pidfd;
	(void)ret;
	return 0;
}

bool admission_judges_ahead(const struct loader *l)
{
	(void)l;
	return false;
}

void admission_judge_ahead(const struct admission *a, struct ws_ahead *ask)
{
	(void)a;
	(void)ask;
}

static int set_up(void **state)
{
	(void)state;
	table = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	return table == MAP_FAILED || pipe(silent) < 0 ? -1 : 0;
}

/* Start a program that stops itself first, as if it had been held: a shell, whose environment is
 * read from /proc. out: where it writes to. */
static pid_t held_process(int out)
{
	char *const argv[] = { "sh", "-c",
			       "kill -STOP $$; tr '\\0' '\\n' </proc/$$/environ; exit 3", NULL };
	char *const environment[] = { "A=1", "MY_TOKEN=0123456789abcdef", "PATH=/usr/bin:/bin",
				      "B_PASSWORD=s3cretvalue", NULL };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		dup2(out, STDOUT_FILENO);
		execve("/bin/sh", argv, environment);
		_exit(127);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	return pid;
}

/* Where the environment of pid lies: fields 50 and 51 of /proc/PID/stat. */
static void find_environment(pid_t pid, struct ws_held *h)
{
	_fclose_ FILE *f = NULL;
	char path[32], line[2048], *at;
	unsigned long long from = 0, to = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	at = strrchr(line, ')') + 2; /* field 3 */
	for (int field = 3; field < 50; field++)
		at = strchr(at, ' ') + 1;
	assert_int_equal(sscanf(at, "%llu %llu", &from, &to), 2);
	h->env_start = from;
	h->env_end = to;
}

static void hold(pid_t pid, uint64_t scope)
{
	table->held = (struct ws_held){ .scope = scope };
	find_environment(pid, &table->held);
	__atomic_store_n(&table->pid, (uint32_t)pid, __ATOMIC_SEQ_CST);
}

static void next_report(struct admitter *a, struct admitted *ret)
{
	struct pollfd p = { .fd = a->socket, .events = POLLIN };

	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(admitted_read(a->socket, ret), 0);
}

static void empties_and_continues(void **state)
{
	struct admitter a = { .pidfd = -1, .socket = -1 };
	struct error e = { 0 };
	struct admitted r;
	char text[1024];
	int out[2], status;
	ssize_t n;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(out), 0);
	pid = held_process(out[1]);
	close(out[1]);
	hold(pid, 7);
	assert_int_equal(admitter_start(&a, NULL, &(struct admitter_options){ 0 }, &e), 0);
	next_report(&a, &r);
	assert_int_equal(r.scope, 7);
	assert_int_equal(r.failed, 0);
	assert_int_equal(r.len, sizeof("MY_TOKEN\0B_PASSWORD"));
	assert_memory_equal(r.names, "MY_TOKEN\0B_PASSWORD", r.len);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	n = read(out[0], text, sizeof(text) - 1);
	close(out[0]);
	assert_true(n > 0);
	text[n] = '\0';
	assert_non_null(strstr(text, "A=1\nMY_TOKEN=\n"));
	assert_non_null(strstr(text, "PATH=/usr/bin:/bin\nB_PASSWORD=\n"));
	assert_null(strstr(text, "0123456789abcdef"));
	assert_null(strstr(text, "s3cretvalue"));
	assert_int_equal(admitted_read(a.socket, &r), -EAGAIN);
	admitter_end(&a);
	assert_int_equal(a.pid, 0);
}

/* One that is on its way to its stop has another session's stop ahead of it, perhaps. */
static void waits_until_it_stands(void **state)
{
	struct admitter a = { .pidfd = -1, .socket = -1 };
	struct error e = { 0 };
	struct admitted r;
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		usleep(300000);
		raise(SIGSTOP);
		_exit(3);
	}
	hold(pid, 1);
	assert_int_equal(admitter_start(&a, NULL, &(struct admitter_options){ 0 }, &e), 0);
	usleep(100000);
	assert_int_equal(__atomic_load_n(&table->pid, __ATOMIC_SEQ_CST), pid);
	assert_int_equal(admitted_read(a.socket, &r), -EAGAIN);
	assert_int_equal(waitpid(pid, &status, 0), pid); /* it stops, and is continued */
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	assert_int_equal(table->pid, 0);
	admitter_end(&a);
}

static void kept_names_stay(void **state)
{
	static const char *const keep[] = { "MY_TOKEN", NULL };
	struct admitter a = { .pidfd = -1, .socket = -1 };
	struct error e = { 0 };
	struct admitted r;
	int status;
	pid_t pid;

	(void)state;
	pid = held_process(open("/dev/null", O_WRONLY | O_CLOEXEC));
	hold(pid, 1);
	assert_int_equal(admitter_start(&a, NULL, &(struct admitter_options){ .keep = keep }, &e),
			 0);
	next_report(&a, &r);
	assert_int_equal(r.len, sizeof("B_PASSWORD"));
	assert_string_equal(r.names, "B_PASSWORD");
	waitpid(pid, &status, 0);
	admitter_end(&a);
}

static void what_cannot_be_admitted_dies(void **state)
{
	struct admitter a = { .pidfd = -1, .socket = -1 };
	struct error e = { 0 };
	struct admitted r;
	int status;
	pid_t pid;

	(void)state;
	/* an environment that is not where the kernel says */
	pid = held_process(open("/dev/null", O_WRONLY | O_CLOEXEC));
	hold(pid, 1);
	table->held.env_start = 4096;
	table->held.env_end = 8192;
	table->refuse = 0;
	assert_int_equal(admitter_start(&a, NULL, &(struct admitter_options){ 0 }, &e), 0);
	next_report(&a, &r);
	assert_int_not_equal(r.failed, 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	__atomic_store_n(&table->pid, 0, __ATOMIC_SEQ_CST);
	/* one that the kernel refuses to release */
	table->refuse = ESRCH;
	pid = held_process(open("/dev/null", O_WRONLY | O_CLOEXEC));
	hold(pid, 1);
	do /* the first one may have been tried again before it was reaped */
		next_report(&a, &r);
	while (r.failed != ESRCH);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	table->refuse = 0;
	admitter_end(&a);
}

static void its_death_shows(void **state)
{
	struct admitter a = { .pidfd = -1, .socket = -1 };
	struct pollfd p = { .events = POLLIN };
	struct error e = { 0 };
	struct admitted r;

	(void)state;
	assert_int_equal(admitter_start(&a, NULL, &(struct admitter_options){ 0 }, &e), 0);
	p.fd = a.pidfd;
	assert_int_equal(poll(&p, 1, 0), 0);
	kill(a.pid, SIGKILL);
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(admitted_read(a.socket, &r), -EPIPE);
	admitter_end(&a);
	admitter_end(&a); /* twice is harmless */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empties_and_continues),
		cmocka_unit_test(waits_until_it_stands),
		cmocka_unit_test(kept_names_stay),
		cmocka_unit_test(what_cannot_be_admitted_dies),
		cmocka_unit_test(its_death_shows),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
