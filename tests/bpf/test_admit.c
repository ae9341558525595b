// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_admit.c - a package's script is stopped at its exec: it runs without the secrets of its
 * environment once it was admitted, and not before, whoever sends it SIGCONT.
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
#include "base/cleanup.h"
#include "kernel/admission.h"
#include "policy/environment.h"
#include "session/admitter.h"
#include "session/file_guard.h"

static const char *const rules[] = {
	RULE("memory", "\"memory\",\"ptrace\"", "deny", ""),
	RULE("npmrc-hidden", "\"read\"", "hide", "\"path\": [\"/wormsign/npmrc-token\"],"),
	NULL,
};

static const struct admitter_options none;

/* The event's name is quoted by stage_script(); this adds a variable behind it. */
#define WITH_TOKEN "postinstall' MY_TOKEN='0123456789abcdef"

static int begin(void **state)
{
	(void)state;
	stage_flags(WS_SESSION_ADMITS);
	return attack_begin(rules);
}

static void runs_without_secrets(void **state)
{
	struct admitter a = { .pidfd = -1, .socket = -1 };
	struct admitted r;
	struct error e = { 0 };
	int status;

	(void)state;
	assert_int_equal(admitter_start(&a, s.loader, &none, &e), 0);
	status = stage_script(&s, "node_modules/evil", WITH_TOKEN, "evil",
			      "[ \"${MY_TOKEN-absent}\" = '' ] || exit 40; "
			      "tr '\\0' '\\n' </proc/self/environ >$W/tmp/seen; "
			      "grep -q 0123456789 $W/tmp/seen && exit 41; "
			      "[ \"$npm_package_version\" = 1.2.3 ] || exit 42; exit 3");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_int_equal(admitted_read(a.socket, &r), 0);
	assert_int_equal(r.failed, 0);
	assert_string_equal(r.names, "MY_TOKEN");
	admitter_end(&a);
}

/* The admitter's own table, and what it makes of the files of the home and the project. */
static void files_are_withheld(void **state)
{
	const struct admitter_options o = { .rules = s.rules };
	_json_ json_t *table = json_load_file("rules/data/environment.json", 0, NULL);
	struct admitter a = { .pidfd = -1, .socket = -1 };
	struct error e = { 0 };
	struct admitted r;
	int status;

	(void)state;
	if (s.backend == WS_BACKEND_WATCH && file_guard_unavailable()) {
		print_message("SKIP: %s\n", file_guard_unavailable());
		skip();
	}
	assert_int_equal(environment_read(&s.rules->environment, table, "environment.json", &e), 0);
	assert_int_equal(admitter_start(&a, s.loader, &o, &e), 0);
	status = stage_job(&s, "echo '//h/:_authToken=literal' >$HOME/.npmrc; "
			       "echo '//h/:_authToken=${T}' >$W/project/.npmrc; "
			       "ln $HOME/.npmrc $W/tmp/link; cat $HOME/.npmrc >/dev/null");
	assert_int_equal(status, 0);
	status = stage_script(&s, "node_modules/evil", "postinstall", "evil",
			      "[ -n \"$(cat $HOME/.npmrc)\" ] && exit 40; "
			      "[ -n \"$(cat $W/tmp/link)\" ] && exit 42; "
			      "[ -n \"$(cat /proc/self/root$HOME/.npmrc)\" ] && exit 43; "
			      "(exec 3<>$HOME/.npmrc) && exit 44; "
			      "cat $W/project/.npmrc >/dev/null || exit 45; exit 3");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	/* the job still gets it */
	assert_int_equal(stage_job(&s, "grep -q literal $HOME/.npmrc"), 0);
	if (s.backend == WS_BACKEND_WATCH) {
		assert_int_equal(admitted_read(a.socket, &r), 0);
		assert_true(r.is_refusal);
		assert_int_equal(r.refusal.path.len, strlen(s.dir) + strlen("/home/.npmrc"));
		assert_memory_equal(r.refusal.path.bytes, ".npmrc/home/", strlen(".npmrc/home/"));
	}
	admitter_end(&a);
	environment_free(&s.rules->environment);
}

static void find(void *arg, uint32_t pid, const struct ws_held *h)
{
	(void)h;
	*(uint32_t *)arg = pid;
}

static bool exists(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/tmp/%s", s.dir, name);
	return access(path, F_OK) == 0;
}

/* In a process beside the session: continue what is held, again and again; it must do nothing. Then
 * kill it. Exits with 0: it has done nothing. */
static void __attribute__((noreturn)) continue_it(void)
{
	struct admission *a;
	uint32_t pid = 0;

	if (admission_open(&a, s.loader) < 0)
		_exit(10);
	for (int tries = 0; !pid && tries < 2000; tries++) {
		usleep(5000);
		admission_list(a, find, &pid);
	}
	if (!pid)
		_exit(11);
	for (int tries = 0; tries < 200; tries++) {
		kill((pid_t)pid, SIGCONT);
		if (tries % 20 == 0)
			usleep(20000);
	}
	usleep(100000);
	if (exists("ran"))
		_exit(12);
	kill((pid_t)pid, SIGKILL);
	_exit(0);
}

/* By a process outside of the session, which nobody refuses to send it. */
static void stays_stopped(void **state)
{
	struct admission *a;
	int status, result;
	uint32_t pid = 0;
	pid_t other;

	(void)state;
	other = fork();
	if (other == 0)
		continue_it();
	assert_true(other > 0);
	status = stage_script(&s, "node_modules/evil", WITH_TOKEN, "evil", "echo x >$W/tmp/ran");
	assert_int_equal(waitpid(other, &result, 0), other);
	assert_true(WIFEXITED(result));
	assert_int_equal(WEXITSTATUS(result), 0);
	assert_true(stage_killed(status));
	assert_false(exists("ran"));
	/* the dead are not held */
	assert_int_equal(admission_open(&a, s.loader), 0);
	assert_int_equal(admission_list(a, find, &pid), 0);
	admission_close(a);
}

/* What an earlier script of the package leaves: reads the environment of the next one. */
static const char reader[] =
	"(n=0; while [ $n -lt 400 ] && ! [ -e $W/tmp/done ]; do n=$((n + 1)); "
	"for p in /proc/[0-9]*; do grep -q HELD_MAR[K] $p/cmdline 2>/dev/null && "
	"grep -q '^State:.*stopped' $p/status && cat $p/environ >$W/tmp/stolen && : >$W/tmp/done; "
	"done; done) >/dev/null 2>&1 &";

/* In a process beside the session: let the reader try, then kill what is held. */
static void __attribute__((noreturn)) end_it(void)
{
	struct admission *a;
	uint32_t pid = 0;

	if (admission_open(&a, s.loader) < 0)
		_exit(10);
	for (int tries = 0; !pid && tries < 2000; tries++) {
		usleep(5000);
		admission_list(a, find, &pid);
	}
	for (int tries = 0; tries < (attack_slow() ? 600 : 100) && !exists("done"); tries++)
		usleep(50000);
	kill((pid_t)pid, SIGKILL);
	_exit(pid ? 0 : 11);
}

/* To its own package a script's environment is closed until the secrets are out of it. */
static void own_package_waits(void **state)
{
	struct admitter a = { .pidfd = -1, .socket = -1 };
	const struct stage_verdict *v;
	struct error e = { 0 };
	int result;
	pid_t other;

	(void)state;
	assert_int_equal(admitter_start(&a, s.loader, &none, &e), 0);
	stage_script(&s, "node_modules/evil", "preinstall", "evil", reader);
	admitter_end(&a);
	other = fork();
	if (other == 0)
		end_it();
	assert_true(other > 0);
	stage_script(&s, "node_modules/evil", WITH_TOKEN, "evil", ": HELD_MARK; exit 0");
	assert_int_equal(waitpid(other, &result, 0), other);
	assert_int_equal(result, 0);
	assert_true(attack_size(&s, "tmp/stolen") == 0);
	v = stage_verdict(&s, "memory");
	assert_non_null(v);
	assert_int_equal(v->op, WS_OP_MEMORY);
	assert_int_equal(v->effect,
			 backend == WS_BACKEND_DENY ? WS_EFFECT_REFUSED : WS_EFFECT_KILLED_BEFORE);
}

static void others_are_not_held(void **state)
{
	(void)state;
	assert_int_equal(stage_job(&s, "exit 5"), 5 << 8);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_are_withheld, begin, attack_end),
		cmocka_unit_test_setup_teardown(runs_without_secrets, begin, attack_end),
		cmocka_unit_test_setup_teardown(stays_stopped, begin, attack_end),
		cmocka_unit_test_setup_teardown(own_package_waits, begin, attack_end),
		cmocka_unit_test_setup_teardown(others_are_not_held, begin, attack_end),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
