// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_guard.c - signals out of a package's scope, by every call that sends one: deny refuses them, watch ends the scope
 * when the first one is sent. And what a scope does with its own processes is its own business.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "cleanup.h"

static const char *const rules[] = {
	RULE("signal", "\"signal\"", "deny", ""),
	RULE("memory", "\"memory\",\"ptrace\"", "deny", ""),
	NULL,
};

static int begin(void **state)
{
	(void)state;
	return attack_begin(rules);
}

static const struct {
	const char *mode;
	unsigned signal;
	bool later; /* by the kernel, some time after it was asked for */
} ways[] = {
	{"kill", SIGKILL, false},    {"stop", SIGSTOP, false},	    {"usr1", SIGUSR1, false},
	{"tgkill", SIGKILL, false},  {"tkill", SIGKILL, false},	    {"sigqueue", SIGKILL, false},
	{"pidfd", SIGKILL, false},   {"tgsigqueue", SIGKILL, false}, {"disguised", SIGKILL, false},
	{"fowner", SIGKILL, true},
};

static pid_t victim(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	setpgid(pid, pid);
	return pid;
}

/* Did a signal reach it? Ends it, too. */
static bool hit(pid_t pid)
{
	bool reached;
	int status;

	usleep(50000); /* to die or stop takes it a moment */
	reached = waitpid(pid, &status, WNOHANG | WUNTRACED) == pid;
	kill(pid, SIGKILL);
	if (!reached || WIFSTOPPED(status))
		waitpid(pid, &status, 0);
	return reached;
}

static bool told(unsigned signal, pid_t pid, unsigned effect)
{
	const struct stage_verdict *v = stage_verdict(&s, "signal");

	return v && v->op == WS_OP_SIGNAL && v->amount == signal && v->target_pid == (unsigned)pid && v->effect == effect;
}

/* The job may: nothing is said, and the signal arrives. Else the other tests prove nothing. */
static void test_control(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		pid_t pid = victim();
		char script[128];
		int status;

		snprintf(script, sizeof(script), "exec $B/tamper %s %d", ways[i].mode, pid);
		status = stage_job(&s, script);
		print_message("%s\n", ways[i].mode);
		assert_true(hit(pid));
		assert_int_equal(status, 0);
		assert_int_equal(s.verdict_count, 0);
	}
}

static void test_ways(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		bool deny = backend == WS_BACKEND_DENY, right;
		pid_t pid = victim();
		enum outcome o = attack(&s, "exec $B/tamper %s %d", ways[i].mode, pid);
		bool reached = hit(pid);

		if (ways[i].later) /* asking for it is judged: whom it will be for is not known yet */
			right = !reached && told(SIGKILL, 0, deny ? WS_EFFECT_REFUSED : WS_EFFECT_KILLED_BEFORE);
		else
			right = reached == !deny &&
				told(ways[i].signal, pid, deny ? WS_EFFECT_REFUSED : WS_EFFECT_KILLED_AFTER);
		if (!right || o != (deny ? OUTCOME_REFUSED : OUTCOME_KILLED)) {
			attack_tell(ways[i].mode, o, "reached %d, %u verdicts", reached, s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* Others by other ways: a whole group, a process of another package, the manager's own, one's own parent's parent. */
static void test_others(void **state)
{
	char script[256];
	enum outcome o;
	pid_t pid;

	(void)state;
	pid = victim();
	o = attack(&s, "kill -KILL -%d || exit 1", pid);
	assert_true(hit(pid) == (backend == WS_BACKEND_WATCH));
	assert_true(told(SIGKILL, pid, backend == WS_BACKEND_DENY ? WS_EFFECT_REFUSED : WS_EFFECT_KILLED_AFTER));
	assert_int_equal(o, backend == WS_BACKEND_DENY ? OUTCOME_REFUSED : OUTCOME_KILLED);

	assert_int_equal(stage_job(&s, "mkdir -p node_modules/other"), 0);
	snprintf(script, sizeof(script), "sleep 20 & echo $! > $W/tmp/other.pid");
	assert_int_equal(stage_script(&s, "node_modules/other", "install", "other", script), 0);
	attack(&s, "kill -TERM $(cat $W/tmp/other.pid)");
	assert_non_null(stage_verdict(&s, "signal"));
	assert_int_equal(stage_job(&s, "sleep 0.1; grep -q '^State:.S' /proc/$(cat $W/tmp/other.pid)/status") == 0,
			 backend == WS_BACKEND_DENY);
	stage_job(&s, "kill -KILL $(cat $W/tmp/other.pid)");
}

/* The package's own processes, however they are reached, and asking whether a process is there. */
static void test_own(void **state)
{
	static const char *const honest[] = {
		"sleep 20 & kill $!; wait $!; [ $? = 143 ]",
		"sleep 20 & kill -STOP $!; kill -CONT $!; kill -KILL $!; wait; true",
		/* a child that has ended and was not reaped */
		"exec perl -e '$p = fork; exit 0 unless $p; select undef, undef, undef, 0.2; exit(kill(15, $p) ? 0 : 1)'",
		/* not a child of the killer's */
		"(sleep 20 & echo $! > p); sh -c 'kill $(cat p)'",
		"timeout 0.2 sleep 20; [ $? = 124 ]",
		"perl -e 'setpgrp; $SIG{TERM} = sub { exit 0 }; kill -15, getpgrp; sleep 5; exit 1'",
		"perl -e '$SIG{USR1} = sub { exit 0 }; kill 10, $$; sleep 5; exit 1'",
		"kill -0 $T && kill -0 $PPID",
		/* timers that send one while another signal is sent */
		("perl -MTime::HiRes=setitimer,ITIMER_REAL -e '$SIG{ALRM} = sub {}; setitimer(ITIMER_REAL, 0.001, 0.001); "
		 "$p = fork; if (!$p) { $SIG{USR1} = sub {}; sleep 1 while 1 } kill 10, $p for 1..2000; setitimer(ITIMER_REAL, 0); kill 9, $p; exit 0'"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(honest); i++) {
		enum outcome o = attack(&s, "%s", honest[i]);

		print_message("%s\n", honest[i]);
		assert_int_equal(s.verdict_count, 0);
		assert_int_equal(o, OUTCOME_THROUGH);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_own),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, begin, attack_end);
}
