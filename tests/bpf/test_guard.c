// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_guard.c - signals out of a package's scope, by every call that sends one: deny refuses them,
 * watch kills the scope when the first one is sent. Signals within a scope are permitted.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/keyctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "base/cleanup.h"

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
	bool later; /* the kernel sends it, some time after it was armed */
} ways[] = {
	{ "kill", SIGKILL, false },	 { "stop", SIGSTOP, false },
	{ "usr1", SIGUSR1, false },	 { "tgkill", SIGKILL, false },
	{ "tkill", SIGKILL, false },	 { "sigqueue", SIGKILL, false },
	{ "pidfd", SIGKILL, false },	 { "tgsigqueue", SIGKILL, false },
	{ "disguised", SIGKILL, false }, { "fowner", SIGKILL, true },
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

/* Returns whether a signal reached the process, and ends it. */
static bool hit(pid_t pid)
{
	bool reached;
	int status;

	usleep(50000); /* dying or stopping takes a moment */
	reached = waitpid(pid, &status, WNOHANG | WUNTRACED) == pid;
	kill(pid, SIGKILL);
	if (!reached || WIFSTOPPED(status))
		waitpid(pid, &status, 0);
	return reached;
}

static bool reported(unsigned signal, pid_t pid, unsigned effect)
{
	const struct stage_verdict *v = stage_verdict(&s, "signal");

	return v && v->op == WS_OP_SIGNAL && v->amount == signal &&
	       v->target_pid == (unsigned)pid && v->effect == effect;
}

/* Control: the job may signal. Nothing is reported, and the signal arrives. */
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

		if (ways[i].later) /* arming is judged, when the target is not known yet */
			right = !reached &&
				reported(SIGKILL, 0,
					 deny ? WS_EFFECT_REFUSED : WS_EFFECT_KILLED_BEFORE);
		else
			right = reached == !deny &&
				reported(ways[i].signal, pid,
					 deny ? WS_EFFECT_REFUSED : WS_EFFECT_KILLED_AFTER);
		if (!right || o != (deny ? OUTCOME_REFUSED : OUTCOME_KILLED)) {
			attack_tell(ways[i].mode, o, "reached %d, %u verdicts", reached,
				    s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* What is done to another process without a signal: its limits and the like are judged as one, what
 * looks into it as ptrace. */
static const struct {
	const char *mode;
	unsigned op, amount;
} touches[] = {
	{ "owner", WS_OP_SIGNAL, SIGIO },
	{ "owner-group", WS_OP_SIGNAL, SIGIO },
	{ "owner-socket", WS_OP_SIGNAL, SIGIO },
	{ "prlimit", WS_OP_SIGNAL, WS_TOUCH_LIMITS },
	{ "nice", WS_OP_SIGNAL, WS_TOUCH_PRIORITY },
	{ "nice-group", WS_OP_SIGNAL, WS_TOUCH_PRIORITY },
	{ "ionice", WS_OP_SIGNAL, WS_TOUCH_IO_PRIORITY },
	{ "affinity", WS_OP_SIGNAL, WS_TOUCH_SCHEDULING },
	{ "scheduler", WS_OP_SIGNAL, WS_TOUCH_SCHEDULING },
	{ "control", WS_OP_SIGNAL, WS_TOUCH_CONTROL },
	{ "kcmp", WS_OP_PTRACE, 0 },
	{ "perf-stack", WS_OP_PTRACE, 0 },
	{ "move-pages", WS_OP_PTRACE, 0 },
	{ "robust-list", WS_OP_PTRACE, 0 },
};

static void test_touches(void **state)
{
	int failed = 0, tried = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(touches); i++) {
		bool deny = backend == WS_BACKEND_DENY;
		const struct stage_verdict *v;
		pid_t pid = victim();
		char script[128];
		enum outcome o;
		int status;

		/* control: the job may */
		snprintf(script, sizeof(script), "exec $B/tamper %s %d", touches[i].mode, pid);
		status = stage_job(&s, script);
		assert_int_equal(s.verdict_count, 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 1 &&
		    touches[i].op == WS_OP_PTRACE) {
			print_message("%s: this machine refuses it to everybody\n",
				      touches[i].mode);
		} else {
			assert_int_equal(status, 0);
			tried++;
		}
		o = attack(&s, "exec $B/tamper %s %d", touches[i].mode, pid);
		v = stage_verdict(&s, touches[i].op == WS_OP_SIGNAL ? "signal" : "memory");
		if (!v || v->op != touches[i].op || v->amount != touches[i].amount ||
		    v->target_pid != (unsigned)pid ||
		    o != (deny ? OUTCOME_REFUSED : OUTCOME_KILLED)) {
			attack_tell(touches[i].mode, o, "verdict %d, op %u, amount %u, pid %u",
				    v != NULL, v ? v->op : 0, v ? v->amount : 0,
				    v ? v->target_pid : 0);
			failed++;
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	assert_int_equal(failed, 0);
	assert_true(tried > 7);
}

/* A key that the kernel keeps for the user is no process's, but secret like its memory. */
static void test_key(void **state)
{
	long key = syscall(__NR_add_key, "user", "wormsign-test", "0123456789abcdef", 16,
			   KEY_SPEC_USER_KEYRING);
	const struct stage_verdict *v;
	enum outcome o;

	(void)state;
	if (key < 0) {
		print_message("this kernel keeps no keys\n");
		skip();
	}
	assert_int_equal(stage_job(&s, "exec $B/tamper key-read"), 0);
	assert_int_equal(s.verdict_count, 0);
	o = attack(&s, "exec $B/tamper key-read");
	v = stage_verdict(&s, "memory");
	syscall(__NR_keyctl, KEYCTL_UNLINK, key, KEY_SPEC_USER_KEYRING);
	assert_int_equal(o, backend == WS_BACKEND_DENY ? OUTCOME_REFUSED : OUTCOME_KILLED);
	assert_non_null(v);
	assert_int_equal(v->op, WS_OP_MEMORY);
	assert_int_equal(v->amount, WS_MEMORY_KEY);
	assert_int_equal(v->effect,
			 backend == WS_BACKEND_DENY ? WS_EFFECT_REFUSED : WS_EFFECT_KILLED_BEFORE);
}

/* The same within the scope, in another pid namespace, too, where numbers mean other processes; and
 * numbers that no process has. */
static void test_own_touches(void **state)
{
	static const char *const honest[] = {
		"exec $B/tamper self",
		"exec unshare -pf $B/tamper self",
		"sleep 20 & renice -n 3 $! && prlimit --pid $! --core=0 && ionice -c3 -p $! && "
		"taskset -p 1 $! && echo 500 > /proc/$!/oom_score_adj && cat /proc/$!/environ "
		">/dev/null && kill $!",
		"exec unshare -pf sh -c 'sleep 20 & prlimit --pid $! --core=0 && kill $!; true'",
		"ulimit -n 64 && nice -n 2 true && echo 100 > /proc/self/oom_score_adj",
		"prlimit --pid $T --core >/dev/null", /* asks */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(honest); i++) {
		enum outcome o = attack(&s, "%s", honest[i]);

		print_message("%s\n", honest[i]);
		assert_int_equal(s.verdict_count, 0);
		assert_int_equal(o, OUTCOME_THROUGH);
	}
}

/* A process that holds a memfd as 109, a pipe as 110, and a deleted file as 111. */
static pid_t holder(void)
{
	char path[] = "/dev/shm/wormsign-test-XXXXXX";
	int memfd = memfd_create("held", 0), file = mkstemp(path), ends[2];
	pid_t pid;

	assert_true(memfd >= 0 && file >= 0 && pipe(ends) == 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(write(memfd, "secret\n", 7), 7);
	assert_int_equal(write(file, "secret\n", 7), 7);
	assert_int_equal(write(ends[1], "secret\n", 7), 7);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(memfd, 109);
		dup2(ends[0], 110);
		dup2(file, 111);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	setpgid(pid, pid);
	close(memfd);
	close(file);
	close(ends[0]);
	close(ends[1]);
	usleep(20000);
	return pid;
}

/* What only another process's descriptor leads to is that process's; also by a link of the
 * package's that leads there. */
static void test_descriptors(void **state)
{
	static const char *const ways[] = {
		"head -c 3 /proc/%d/fd/109 >/dev/null",
		"head -c 3 /proc/%d/fd/110 >/dev/null",
		"head -c 3 /proc/%d/fd/111 >/dev/null",
		"ln -sf /proc/%d/fd/109 link && head -c 3 link >/dev/null",
		"(cd /proc/%d/fd && head -c 3 109) >/dev/null",
		"echo other >/proc/%d/fd/109",
	};
	bool deny = backend == WS_BACKEND_DENY;
	pid_t pid = holder();
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		const struct stage_verdict *v;
		char script[256];
		enum outcome o;

		snprintf(script, sizeof(script), ways[i], pid);
		if (i != 1) { /* a pipe is read once */
			assert_int_equal(stage_job(&s, script), 0);
			assert_int_equal(s.verdict_count, 0);
		}
		o = attack(&s, "%s", script);
		v = stage_verdict(&s, "memory");
		if (!v || v->op != WS_OP_MEMORY || o == OUTCOME_THROUGH ||
		    v->effect != (deny ? WS_EFFECT_REFUSED : WS_EFFECT_KILLED_BEFORE)) {
			attack_tell(ways[i], o, "verdict %d", v != NULL);
			failed++;
		}
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(failed, 0);
}

/* Its own descriptors, which it has or has inherited, and files without a name that it makes. */
static void test_own_descriptors(void **state)
{
	static const char *const honest[] = {
		"echo x | cat /dev/stdin >/dev/null",
		"(echo x >/dev/stderr) 2>&1 | cat >/dev/null",
		"echo x | tee /dev/fd/2 2>/dev/null >/dev/null",
		"bash -c 'cat <(echo x) >/dev/null; echo y > >(cat >/dev/null)'",
		"bash -c 'exec 5<<<here; cat /proc/self/fd/5 >/dev/null'",
		"exec 6>gone; rm gone; echo x >/proc/self/fd/6; cat /proc/self/fd/6 >/dev/null; "
		"true",
		"exec 6>$HOME/gone; rm $HOME/gone; echo x >/proc/self/fd/6",
		"perl -e 'open(F, \"+>\", undef); sysopen(G, \"/dev/shm\", 020000000 | 0200000 "
		"| 2) or exit 1'",
		"cat /proc/self/maps /proc/self/environ >/dev/null; ls -l /proc/$T/fd >/dev/null",
		"cat /proc/$T/stat /proc/$T/status /proc/$T/cmdline >/dev/null",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(honest); i++) {
		enum outcome o = attack(&s, "%s", honest[i]);

		print_message("%s\n", honest[i]);
		assert_int_equal(s.verdict_count, 0);
		assert_int_equal(o, OUTCOME_THROUGH);
	}
	if (!system("command -v node >/dev/null")) {
		assert_int_equal(attack(&s, "echo x | node -e 'require(\"fs\").readFileSync(\"/dev/"
					    "stdin\")' && node -e 'process.stdout.write(\"\")' | "
					    "cat"),
				 OUTCOME_THROUGH);
		assert_int_equal(s.verdict_count, 0);
	}
}

/*
 * What is to be hidden and what is not: where it cannot be, the process that asks for it dies, and
 * the script goes on. ps reads everybody's environment; a set-id program acts with other rights.
 */
static void test_hidden(void **state)
{
	static const char *const hiding[] = {
		"{\"id\":\"listing\",\"title\":\"t\",\"severity\":\"info\",\"on\":[\"memory\"],"
		"\"actor\":[\"package\"],\"exe\":[\"/usr/bin/ps\"],\"action\":\"hide\","
		"\"why\":\"w\",\"remedy\":\"r\"}",
		RULE("memory", "\"memory\"", "kill", "\"unless\":{\"exe\":[\"/usr/bin/ps\"]},"),
		RULE("raised", "\"privilege\"", "hide", ""),
		RULE("shadow", "\"read\"", "kill", "\"path\":[\"/**/only-roots\"],"),
		NULL,
	};
	bool deny = backend == WS_BACKEND_DENY;
	unsigned effect = deny ? WS_EFFECT_REFUSED : WS_EFFECT_KILLED_BEFORE;
	const struct stage_verdict *v;
	pid_t pid;

	(void)state;
	attack_end(NULL);
	attack_begin(hiding);
	pid = victim();
	/* the script goes on after it, and is not accused */
	assert_int_equal(attack(&s, "ps -p %d -o pid,args >ps.out; [ -e . ]", pid),
			 OUTCOME_THROUGH);
	v = stage_verdict(&s, "listing");
	if (v) { /* another version of ps may not ask */
		assert_int_equal(v->effect, effect);
	}
	assert_null(stage_verdict(&s, "memory"));
	/* another program is accused, and so is a copy of ps */
	assert_int_not_equal(attack(&s, "cat /proc/%d/environ >/dev/null", pid), OUTCOME_THROUGH);
	assert_non_null(stage_verdict(&s, "memory"));
	attack(&s, "cp /usr/bin/ps ps2; ./ps2 -p %d -o pid,args >ps.out", pid);
	assert_true(!v || stage_verdict(&s, "memory"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);

	/* a set-id program, run by an ordinary user */
	assert_int_equal(stage_job(&s,
				   "cp /bin/cat $W/tmp/raise; cp /bin/cat $W/tmp/raise-group; "
				   "echo x >$W/tmp/only-roots; chmod 600 $W/tmp/only-roots; "
				   "chmod 4755 $W/tmp/raise; chmod 2755 $W/tmp/raise-group; chmod "
				   "755 $W $W/tmp"),
			 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			attack(&s,
			       "exec setpriv --reuid 65534 --regid 65534 --clear-groups sh "
			       "-c '! $W/tmp/raise%s $W/tmp/only-roots >/dev/null'",
			       i ? "-group" : ""),
			OUTCOME_THROUGH);
		v = stage_verdict(&s, "raised");
		assert_non_null(v);
		assert_int_equal(v->effect, effect);
		assert_non_null(strstr(v->path, "/tmp/raise"));
		assert_null(stage_verdict(&s, "shadow"));
	}
	/* root gains nothing by it */
	assert_int_equal(attack(&s, "$W/tmp/raise /dev/null"), OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 0);
	attack_end(NULL);
	begin(NULL);
}

/* Input that is put into a terminal is a command for whoever reads it. */
static void test_terminal(void **state)
{
	/* the last two are for a console: this machine's terminals refuse them to everybody */
	static const char *const modes[] = { "type", "paste", "key" };
	bool deny = backend == WS_BACKEND_DENY;
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		const struct stage_verdict *v;
		char script[64];
		enum outcome o;

		snprintf(script, sizeof(script), "exec $B/tamper %s", modes[i]);
		stage_job(&s, script);
		assert_int_equal(s.verdict_count, 0);
		o = attack(&s, "exec $B/tamper %s", modes[i]);
		v = stage_verdict(&s, "signal");
		if (!v || v->amount != WS_TOUCH_TERMINAL ||
		    o != (deny ? OUTCOME_REFUSED : OUTCOME_KILLED)) {
			attack_tell(modes[i], o, "%u verdicts", s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
	/* size and settings of a terminal, and the same number on something else, are free */
	assert_int_equal(attack(&s, "script -qec 'stty size; stty -echo; stty echo' /dev/null "
				    ">/dev/null </dev/null; perl -e 'open F, \"<\", \"index.js\"; "
				    "$x = \"x\"; ioctl(F, 0x5412, $x); exit 0'"),
			 OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 0);
}

/* In a pid namespace of the package's own, a number of that namespace is not another process's of
 * the first one. A process outside of the namespace cannot be named at all. */
static void test_namespace(void **state)
{
	(void)state;
	/* process 1 of the new namespace is the package's own; outside it is init */
	assert_int_equal(attack(&s, "exec unshare -pf sh -c '$B/tamper prlimit 1 && $B/tamper nice "
				    "1 && $B/tamper kcmp 1'"),
			 OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 0);
}

/* Other targets: a whole process group, and a process of another package. */
static void test_others(void **state)
{
	char script[256];
	enum outcome o;
	pid_t pid;

	(void)state;
	pid = victim();
	o = attack(&s, "kill -KILL -%d || exit 1", pid);
	assert_true(hit(pid) == (backend == WS_BACKEND_WATCH));
	assert_true(
		reported(SIGKILL, pid,
			 backend == WS_BACKEND_DENY ? WS_EFFECT_REFUSED : WS_EFFECT_KILLED_AFTER));
	assert_int_equal(o, backend == WS_BACKEND_DENY ? OUTCOME_REFUSED : OUTCOME_KILLED);

	assert_int_equal(stage_job(&s, "mkdir -p node_modules/other"), 0);
	snprintf(script, sizeof(script), "sleep 20 & echo $! > $W/tmp/other.pid");
	assert_int_equal(stage_script(&s, "node_modules/other", "install", "other", script), 0);
	attack(&s, "kill -TERM $(cat $W/tmp/other.pid)");
	assert_non_null(stage_verdict(&s, "signal"));
	assert_int_equal(
		stage_job(&s,
			  "sleep 0.1; grep -q '^State:.S' /proc/$(cat $W/tmp/other.pid)/status") ==
			0,
		backend == WS_BACKEND_DENY);
	stage_job(&s, "kill -KILL $(cat $W/tmp/other.pid)");
}

/*
 * Honest: signals to the package's own processes, and signal 0, which only asks whether a process
 * exists.
 */
static void test_own(void **state)
{
	static const char *const honest[] = {
		"sleep 20 & kill $!; wait $!; [ $? = 143 ]",
		"sleep 20 & kill -STOP $!; kill -CONT $!; kill -KILL $!; wait; true",
		/* a child that has ended and was not reaped */
		"exec perl -e '$p = fork; exit 0 unless $p; select undef, undef, undef, 0.2; "
		"exit(kill(15, $p) ? 0 : 1)'",
		/* not a child of the killer's */
		"(sleep 20 & echo $! > p); sh -c 'kill $(cat p)'",
		"timeout 0.2 sleep 20; [ $? = 124 ]",
		"perl -e 'setpgrp; $SIG{TERM} = sub { exit 0 }; kill -15, getpgrp; sleep 5; exit "
		"1'",
		"perl -e '$SIG{USR1} = sub { exit 0 }; kill 10, $$; sleep 5; exit 1'",
		"kill -0 $T && kill -0 $PPID",
		/* timers that send one while another signal is sent */
		("perl -MTime::HiRes=setitimer,ITIMER_REAL -e '$SIG{ALRM} = sub {}; "
		 "setitimer(ITIMER_REAL, 0.001, 0.001); "
		 "$p = fork; if (!$p) { $SIG{USR1} = sub {}; sleep 1 while 1 } kill 10, $p for "
		 "1..2000; setitimer(ITIMER_REAL, 0); kill 9, $p; exit 0'"),
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
		cmocka_unit_test(test_control),		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_others),		cmocka_unit_test(test_own),
		cmocka_unit_test(test_touches),		cmocka_unit_test(test_own_touches),
		cmocka_unit_test(test_namespace),	cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_terminal),	cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_own_descriptors), cmocka_unit_test(test_key),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, begin, attack_end);
}
