// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_admitters.c - each session gets a process of its own, which is rung, and ends with it; one
 * that dies takes its session along. The kernel side is made up here, in shared memory.
 */
#include "session/admitters.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "kernel/sessions.h"
#include "session/admitted.h"
#include "session/file_guard.h"

#define SESSIONS 4

static struct {
	uint32_t held[SESSIONS]; /* a process of session 1, 2, ...; 0: none */
	bool ended[SESSIONS], condemned[SESSIONS];
	pid_t server[SESSIONS]; /* who serves it */
	uint32_t rung[SESSIONS];
	int group; /* errno of a new one */
} * kernel;

int file_guard_group(void)
{
	int ends[2];

	if (kernel->group)
		return -kernel->group;
	if (pipe(ends) < 0)
		return -errno;
	close(ends[1]);
	return ends[0];
}

int admission_poll_fd(const struct admission *a)
{
	(void)a;
	return -1; /* the list is walked all the same */
}

int admission_list(struct admission *a,
		   void (*each)(void *arg, uint32_t pid, const struct ws_held *h), void *arg)
{
	int n = 0;

	(void)a;
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct ws_held h = { .session = i + 1, .scope = 100 + i };

		if (!kernel->held[i])
			continue;
		n++;
		each(arg, kernel->held[i], &h);
	}
	return n;
}

int loader_session_read(struct loader *l, uint64_t id, struct ws_session *ret)
{
	(void)l;
	(void)ret;
	return kernel->ended[id - 1] ? -ENOENT : 0;
}

int loader_session_condemn(struct loader *l, uint64_t id)
{
	(void)l;
	kernel->condemned[id - 1] = true;
	return 0;
}

static void serve(void *arg, uint64_t session, int bell, int group)
{
	struct pollfd p = { .fd = bell, .events = POLLIN };
	uint64_t rings;

	(void)arg;
	if (group < 0)
		_exit(2);
	kernel->server[session - 1] = getpid();
	for (;;)
		if (poll(&p, 1, -1) == 1 && read(bell, &rings, sizeof(rings)) == sizeof(rings)) {
			kernel->rung[session - 1]++;
			kernel->held[session - 1] = 0; /* admitted */
		}
}

static int reports;
static pid_t dispatcher;

static int set_up(void **state)
{
	int ends[2];

	(void)state;
	kernel = mmap(NULL, sizeof(*kernel), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (kernel == MAP_FAILED || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	dispatcher = fork();
	if (dispatcher == 0) {
		struct admitters a = { .reports = ends[1], .serve = serve };
		sigset_t all;

		close(ends[0]);
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		admitters_run(&a);
	}
	close(ends[1]);
	reports = ends[0];
	return dispatcher > 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	if (reports >= 0)
		close(TAKE_FD(reports));
	waitpid(dispatcher, NULL, 0);
	for (unsigned i = 0; i < SESSIONS; i++)
		if (kernel->server[i] && !kernel->ended[i]) /* they see the end by themselves */
			kill(kernel->server[i], SIGKILL);
	munmap(kernel, sizeof(*kernel));
	return 0;
}

#define eventually(what)                                          \
	do {                                                      \
		for (unsigned n_ = 0; !(what) && n_ < 1000; n_++) \
			usleep(10000);                            \
		assert_true(what);                                \
	} while (0)

#define volatile_of(x) (*(volatile typeof(x) *)&(x))

/* A process that sleeps, as if it had been held. */
static pid_t hold(unsigned i)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	kernel->held[i] = (uint32_t)pid;
	return pid;
}

static void one_for_each(void **state)
{
	pid_t a = hold(0), b = hold(1), server;

	(void)state;
	eventually(volatile_of(kernel->rung[0]) && volatile_of(kernel->rung[1]));
	assert_int_not_equal(kernel->server[0], kernel->server[1]);
	assert_int_equal(kernel->server[2], 0);
	/* the next script of the session is served by the same one */
	server = kernel->server[0];
	kernel->held[0] = (uint32_t)a;
	eventually(volatile_of(kernel->rung[0]) > 1);
	assert_int_equal(kernel->server[0], server);
	/* it ends with its session, and the other one goes on */
	kernel->ended[0] = true;
	eventually(kill(server, 0) < 0 && errno == ESRCH);
	assert_int_equal(kill(kernel->server[1], 0), 0);
	assert_false(kernel->condemned[0] || kernel->condemned[1]);
	kill(a, SIGKILL);
	kill(b, SIGKILL);
	waitpid(a, NULL, 0);
	waitpid(b, NULL, 0);
}

static void is_killed(pid_t pid, int failed)
{
	struct pollfd p = { .fd = reports, .events = POLLIN };
	struct admitted r;
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(admitted_read(reports, &r), 0);
	assert_int_equal(r.failed, failed);
}

/* One that dies: its session is condemned, its scripts are killed, and no other one is started. */
static void a_death(void **state)
{
	pid_t pid = hold(0), server;

	(void)state;
	eventually(volatile_of(kernel->rung[0]));
	server = kernel->server[0];
	kill(server, SIGKILL);
	eventually(volatile_of(kernel->condemned[0]));
	kernel->held[0] = (uint32_t)pid;
	is_killed(pid, ECHILD);
	kernel->held[0] = 0;
	assert_int_equal(kernel->server[0], server);
	/* a session that begins later is none of it */
	pid = hold(1);
	eventually(volatile_of(kernel->rung[1]));
	assert_false(kernel->condemned[1]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void none_can_be_started(void **state)
{
	pid_t pid;

	(void)state;
	kernel->group = EMFILE;
	pid = hold(0);
	is_killed(pid, EMFILE);
	kernel->held[0] = 0;
	assert_true(kernel->condemned[0]);
	assert_int_equal(kernel->server[0], 0);
}

static void ends_with_the_agent(void **state)
{
	int status;

	(void)state;
	close(TAKE_FD(reports));
	assert_int_equal(waitpid(dispatcher, &status, 0), dispatcher);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_for_each, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_death, set_up, tear_down),
		cmocka_unit_test_setup_teardown(none_can_be_started, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ends_with_the_agent, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
