// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_supervise.c - the loop: the command's status and signals, verdicts that call for killing,
 * what outlives the command, and the death of the watchdog. The kernel side, the cgroup, the ring
 * and the observer are made up here; processes and signals are real.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "base/clock.h"
#include "session/supervise_alone.h"
#include "session/tasks.h"

#define SESSION 7

static struct {
	pid_t members[8]; /* of the cgroup */
	size_t member_count;
	pid_t condemned; /* by a verdict; 0: none */
	struct ws_rec_verdict records[4];
	size_t record_count, records_taken;
	struct supervise_alone *s;
	int session_condemned, sockets_destroyed, cgroup_killed, leftovers;
} fake;

static bool lives(pid_t pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == 0;
}

int loader_session_condemn(struct loader *l, uint64_t id)
{
	assert_null(l);
	assert_int_equal(id, SESSION);
	fake.session_condemned++;
	return 0;
}

int loader_destroy_sockets(struct loader *l)
{
	(void)l;
	fake.sockets_destroyed++;
	return 0;
}

int tasks_list(struct loader *l, uint64_t session, bool condemned, struct task_list *ret)
{
	(void)l;
	(void)condemned;
	(void)ret; /* as in another pid namespace: empty */
	assert_int_equal(session, SESSION);
	return 0;
}

void tasks_free(struct task_list *l)
{
	(void)l;
}

int tasks_kill(struct loader *l, uint64_t session, bool all)
{
	(void)l;
	(void)all;
	assert_int_equal(session, SESSION);
	if (!fake.condemned || !lives(fake.condemned))
		return 0;
	kill(fake.condemned, SIGKILL);
	return 1;
}

int cgroup_populated(const struct cgroup *c)
{
	(void)c;
	for (size_t i = 0; i < fake.member_count; i++)
		if (lives(fake.members[i]))
			return 1;
	return 0;
}

int cgroup_wait_empty(const struct cgroup *c, int ms)
{
	for (int i = 0; i < ms && cgroup_populated(c); i++)
		usleep(1000);
	return cgroup_populated(c);
}

int cgroup_kill(const struct cgroup *c)
{
	(void)c;
	fake.cgroup_killed++;
	for (size_t i = 0; i < fake.member_count; i++)
		if (lives(fake.members[i]))
			kill(fake.members[i], SIGKILL);
	return 0;
}

void leftovers_report(struct leftovers *l, struct loader *loader, uint64_t session,
		      const struct cgroup *c, leftover_fn each, void *arg)
{
	(void)loader;
	(void)session;
	(void)each;
	(void)arg;
	assert_int_equal(cgroup_populated(c), 1); /* before they are killed */
	l->count = 1;
	fake.leftovers++;
}

int ring_poll_fd(const struct ring *r)
{
	(void)r;
	return -1;
}

int ring_consume(struct ring *r)
{
	(void)r;
	if (fake.records_taken == fake.record_count)
		return 0;
	supervise_record(&fake.s->supervise, &fake.records[fake.records_taken++].head);
	return 1;
}

void observer_record(void *arg, const struct ws_head *rec)
{
	assert_ptr_equal(arg, fake.s->observer);
	assert_int_equal(rec->kind, WS_REC_VERDICT);
}

void observer_leftover(struct observer *o, const struct session_leftover *l)
{
	(void)o;
	(void)l;
	fail(); /* leftovers_report() is made up, too */
}

int64_t observer_unsaved_ms(const struct observer *o)
{
	(void)o;
	return 0;
}

/* The test's ring cannot be polled: records are taken here. */
int observer_tick(struct observer *o, uint64_t time)
{
	(void)o;
	(void)time;
	while (ring_consume(NULL) > 0)
		;
	return -1;
}

/* ---- what each test sets up ---- */

static struct launch launch;
static struct watchdog watchdog;
static struct admitter admitter;
static struct cgroup cgroup = { .events = -1 };

static void unblock(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(60);
}

static pid_t sleeper(int ms)
{
	pid_t pid = fork();

	if (pid == 0) {
		unblock();
		usleep((useconds_t)ms * 1000);
		_exit(0);
	}
	return pid;
}

static pid_t member(int ms)
{
	return fake.members[fake.member_count++] = sleeper(ms);
}

/* The command: ends with that status after so many ms, or at SIGTERM with 7. */
static void ends_with_7(int sig)
{
	(void)sig;
	_exit(7);
}

static struct supervise_alone prepare(int status, int ms, int grace_ms)
{
	struct supervise_alone s = {
		.supervise = { .session = SESSION, .cgroup = &cgroup, .grace_ms = grace_ms },
		.attend = { .launch = &launch, .watchdog = &watchdog, .admitter = &admitter }
	};
	struct error e = { 0 };

	memset(&fake, 0, sizeof(fake));
	assert_int_equal(attend_prepare(&s.attend, &e), 0);
	admitter = (struct admitter){ .pidfd = -1, .socket = -1 };
	watchdog.pid = sleeper(60000);
	watchdog.pidfd = syscall(SYS_pidfd_open, watchdog.pid, 0);
	launch.pid = fork();
	if (launch.pid == 0) {
		signal(SIGTERM, ends_with_7);
		unblock();
		usleep((useconds_t)ms * 1000);
		_exit(status);
	}
	launch.pidfd = syscall(SYS_pidfd_open, launch.pid, 0);
	fake.members[fake.member_count++] = launch.pid;
	return s;
}

/* Returns how many ms the loop took. */
static long loop(struct supervise_alone *s)
{
	long began = clock_ms();
	struct error e = { 0 };

	fake.s = s;
	alarm(60);
	assert_int_equal(supervise_alone(s, &e), 0);
	for (size_t i = 0; i < fake.member_count; i++)
		assert_int_equal(kill(fake.members[i], 0), -1); /* none is left */
	attend_free(&s->attend);
	close(launch.pidfd);
	close(watchdog.pidfd);
	if (watchdog.pid) {
		kill(watchdog.pid, SIGKILL);
		waitpid(watchdog.pid, NULL, 0);
	}
	return clock_ms() - began;
}

static void verdict(enum ws_op op, enum ws_action action, enum ws_effect effect)
{
	fake.records[fake.record_count++] =
		(struct ws_rec_verdict){ .head = { .kind = WS_REC_VERDICT },
					 .op = op,
					 .action = action,
					 .effect = effect,
					 .mode = WS_MODE_ENFORCE };
}

static void send_later(pid_t to, int sig, int ms)
{
	pid_t pid = fork();

	if (pid == 0) {
		usleep((useconds_t)ms * 1000);
		kill(to, sig);
		_exit(0);
	}
}

/* ---- tests ---- */

static void commands_status(void **state)
{
	struct supervise_alone s = prepare(3, 10, 60000);
	int subreaper = 0;

	(void)state;
	assert_int_equal(prctl(PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0), 0);
	assert_int_equal(subreaper, 1); /* orphans of the session become its children */
	assert_true(loop(&s) < 30000);	/* no grace, when nothing is left */
	assert_true(WIFEXITED(s.attend.status));
	assert_int_equal(WEXITSTATUS(s.attend.status), 3);
	assert_false(s.supervise.broken);
	assert_int_equal(s.supervise.leftovers.count, 0);
	assert_int_equal(s.attend.terminal_signal, 0);
	assert_int_equal(fake.session_condemned, 0);
}

/* A signal that a process sends to wormsign is meant for the command. */
static void signals_go_to_the_command(void **state)
{
	struct supervise_alone s = prepare(3, 60000, 0);

	(void)state;
	kill(getpid(), SIGTERM);
	assert_true(loop(&s) < 30000);
	assert_int_equal(WEXITSTATUS(s.attend.status), 7);
}

static void within_the_grace(void **state)
{
	struct supervise_alone s = prepare(0, 10, 60000);

	(void)state;
	member(300);
	assert_in_range(loop(&s), 250, 30000);
	assert_int_equal(fake.leftovers, 0);
	assert_int_equal(s.supervise.leftovers.count, 0);
}

static void after_the_grace(void **state)
{
	struct supervise_alone s = prepare(0, 10, 100);

	(void)state;
	member(60000);
	assert_in_range(loop(&s), 100, 30000);
	assert_int_equal(fake.leftovers, 1);
	assert_int_equal(s.supervise.leftovers.count, 1);
	assert_int_equal(WEXITSTATUS(s.attend.status), 0);
}

/* Who presses Ctrl-C once more does not want to wait for the grace. */
static void a_signal_ends_the_grace(void **state)
{
	struct supervise_alone s = prepare(0, 10, 60000);

	(void)state;
	member(60000);
	send_later(getpid(), SIGTERM, 300);
	assert_in_range(loop(&s), 200, 30000);
	assert_int_equal(fake.leftovers, 1);
}

/* These two have other meanings. */
static void but_not_sigusr(void **state)
{
	struct supervise_alone s = prepare(0, 10, 60000);

	(void)state;
	member(600);
	send_later(getpid(), SIGUSR1, 100);
	send_later(getpid(), SIGUSR2, 100);
	assert_in_range(loop(&s), 500, 30000);
	assert_int_equal(fake.leftovers, 0);
}

static void watchdog_dies(void **state)
{
	struct supervise_alone s = prepare(0, 60000, 60000);

	(void)state;
	member(60000);
	kill(watchdog.pid, SIGKILL);
	assert_true(loop(&s) < 30000);
	assert_true(s.supervise.broken);
	assert_int_equal(watchdog.pid, 0); /* it is reaped */
	assert_int_equal(fake.session_condemned, 1);
	assert_int_equal(fake.leftovers, 0); /* they did nothing wrong */
	assert_true(WIFSIGNALED(s.attend.status));
}

static void admitter_dies(void **state)
{
	struct supervise_alone s = prepare(0, 60000, 60000);

	(void)state;
	admitter.pid = sleeper(60000);
	admitter.pidfd = syscall(SYS_pidfd_open, admitter.pid, 0);
	member(60000);
	kill(admitter.pid, SIGKILL);
	assert_true(loop(&s) < 30000);
	close(admitter.pidfd);
	assert_true(s.supervise.broken);
	assert_int_equal(admitter.pid, 0); /* it is reaped */
	assert_int_equal(fake.session_condemned, 1);
}

static void watchdog_dies_in_the_grace(void **state)
{
	struct supervise_alone s = prepare(0, 10, 60000);

	(void)state;
	member(60000);
	send_later(watchdog.pid, SIGKILL, 300);
	assert_in_range(loop(&s), 200, 30000);
	assert_true(s.supervise.broken);
	assert_int_equal(fake.leftovers, 0);
}

/* The rest of a condemned scope is killed at once, and its sockets are closed. */
static void a_verdict_sweeps(void **state)
{
	struct supervise_alone s = prepare(4, 500, 0);

	(void)state;
	fake.condemned = member(60000);
	verdict(WS_OP_READ, WS_KILL, WS_EFFECT_KILLED_BEFORE);
	sleeper(50); /* its end wakes the loop, which then takes the record */
	assert_true(loop(&s) < 30000);
	assert_int_equal(WEXITSTATUS(s.attend.status), 4); /* the command goes on */
	assert_int_equal(fake.leftovers, 0);		   /* it was dead when the command ended */
	assert_true(fake.sockets_destroyed > 0);
}

/* Its record may have been lost. */
static void no_verdict_sweeps_too(void **state)
{
	struct supervise_alone s = prepare(4, 1500, 0);

	(void)state;
	fake.condemned = member(60000);
	assert_true(loop(&s) < 30000);
	assert_int_equal(fake.leftovers, 0);
}

static void stop_ends_all(void **state)
{
	struct supervise_alone s = prepare(0, 60000, 60000);

	(void)state;
	verdict(WS_OP_READ, WS_STOP, WS_EFFECT_KILLED_BEFORE);
	assert_true(loop(&s) < 30000);
	assert_int_equal(fake.session_condemned, 1);
	assert_true(WIFSIGNALED(s.attend.status));
	assert_false(s.supervise.broken);
}

/* In audit mode a verdict is words. */
static void audit_stops_nothing(void **state)
{
	struct supervise_alone s = prepare(5, 100, 0);

	(void)state;
	verdict(WS_OP_READ, WS_STOP, WS_EFFECT_NONE);
	fake.records[0].mode = WS_MODE_AUDIT;
	assert_true(loop(&s) < 30000);
	assert_int_equal(WEXITSTATUS(s.attend.status), 5);
	assert_int_equal(fake.session_condemned, 0);
}

/* What a killed tracer, or a killed sender of a signal, has stopped goes on. */
static void stopped_ones_go_on(void **state)
{
	static const struct {
		enum ws_op op;
		enum ws_effect effect;
		int signal;
		bool goes_on;
	} cases[] = {
		{ WS_OP_PTRACE, WS_EFFECT_KILLED_BEFORE, 0, true },
		{ WS_OP_SIGNAL, WS_EFFECT_KILLED_AFTER, SIGSTOP, true },
		{ WS_OP_SIGNAL, WS_EFFECT_KILLED_AFTER, SIGTTOU, true },
		{ WS_OP_SIGNAL, WS_EFFECT_KILLED_AFTER, SIGTERM, false },
		{ WS_OP_SIGNAL, WS_EFFECT_REFUSED, SIGSTOP, false },
		{ WS_OP_READ, WS_EFFECT_KILLED_BEFORE, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct supervise_alone s = prepare(0, 100, 0);
		pid_t target = fork();

		if (target == 0) {
			unblock();
			raise(SIGSTOP);
			_exit(0);
		}
		waitpid(target, NULL, WUNTRACED);
		verdict(cases[i].op, WS_KILL, cases[i].effect);
		fake.records[0].target_pid = (uint32_t)target;
		fake.records[0].amount = (uint64_t)cases[i].signal;
		loop(&s);
		usleep(50000);
		if (lives(target) == cases[i].goes_on)
			fail_msg("case %zu", i);
		kill(target, SIGKILL);
		waitpid(target, NULL, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_status),
		cmocka_unit_test(signals_go_to_the_command),
		cmocka_unit_test(within_the_grace),
		cmocka_unit_test(after_the_grace),
		cmocka_unit_test(a_signal_ends_the_grace),
		cmocka_unit_test(but_not_sigusr),
		cmocka_unit_test(watchdog_dies),
		cmocka_unit_test(admitter_dies),
		cmocka_unit_test(watchdog_dies_in_the_grace),
		cmocka_unit_test(a_verdict_sweeps),
		cmocka_unit_test(no_verdict_sweeps_too),
		cmocka_unit_test(stop_ends_all),
		cmocka_unit_test(audit_stops_nothing),
		cmocka_unit_test(stopped_ones_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
