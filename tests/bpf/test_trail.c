// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_trail.c - a directory that a package has opened files in means something else afterwards:
 * what an earlier walk found (struct ws_trail) must not be used any more. Each script stays on one
 * CPU, opens a harmless file often enough to be remembered, changes what its path means, and opens
 * it again.
 */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
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
#include "kernel/sessions.h"
#include "policy/ruleset.h"

static const char *const rules[] = {
	RULE("cloud", "\"read\"", "kill", "\"path\":[\"~/.cloud/credentials\"],"),
	RULE("deep", "\"read\"", "kill", "\"path\":[\"~/.config/*/*/key\"],"),
	RULE("below", "\"read\"", "kill",
	     "\"path\":[\"~/vault/**\"],\"unless\":{\"path\":[\"~/vault/open/**\"]},"),
	RULE("others", "\"write\"", "kill", "\"place\":[\"home\"],"),
	RULE("known", "\"read\"", "kill", "\"path\":[\"/wormsign/credentials\"],"),
	NULL,
};

static void sh(const char *script)
{
	char command[1024];

	snprintf(command, sizeof(command), "cd '%s' && %s", s.dir, script);
	assert_int_equal(system(command), 0);
}

static int begin(void **state)
{
	int err;

	(void)state;
	err = attack_begin(rules);
	if (!err)
		sh("cd home && mkdir -p x y/app/deep vault/open/door free/a/b q/sub && "
		   "for f in x/credentials y/app/deep/key vault/open/door/f free/a/b/credentials "
		   "q/sub/f; do echo x >$f; done");
	return err;
}

static int identity(const char *path, struct ws_id *ret)
{
	_close_ int fd = -1;
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", s.dir, path);
	fd = open(full, O_PATH | O_CLOEXEC);
	return fd < 0 ? -1 : loader_identify(s.loader, fd, ret);
}

/* From now on nobody may read what lies in this directory. */
static int know(const char *path)
{
	struct ws_known known = { .size = WS_ANY_SIZE };
	struct ws_id id;

	ruleset_masks(s.rules, "/wormsign/credentials", &known.match, &known.except);
	return identity(path, &id) ?: loader_know(s.loader, s.session, &id, &known);
}

/* A place, so that the directory is looked up. */
static int make_place(const char *path, enum ws_place place)
{
	struct ws_id id;

	return identity(path, &id) ?: loader_session_place(s.loader, s.session, &id, place);
}

/* r FILE: open it for reading, by this very process; w FILE: for writing. */
#define OPENS                                                                      \
	"r() { for i in 1 2 3 4 5 6 7 8; do : <$1 || exit 9; done; }; w() { for i" \
	" in 1 2 3 4; do : >>$1 || exit 9; done; }; swap() { perl -e 'exit "       \
	"!!syscall(316, -100, $ARGV[0], -100, $ARGV[1], 2)' $1 $2 || exit 8; }; cd $HOME; "

static void dies(const char *rule, const char *warm, const char *change)
{
	char script[2048];
	int status;

	snprintf(script, sizeof(script), OPENS "%s; echo reached >$W/project/node_modules/evil/r",
		 warm);
	status = stage_package(&s, script);
	if (!WIFEXITED(status) || WEXITSTATUS(status) || s.verdict_count)
		fail_msg("%s: status %x, %u verdicts", warm, status, s.verdict_count);
	snprintf(script, sizeof(script), OPENS "%s; %s", warm, change);
	status = stage_package(&s, script);
	if (!stage_killed(status) || !stage_verdict(&s, rule))
		fail_msg("%s; %s: status %x, %u verdicts", warm, change, status, s.verdict_count);
}

/* The directory itself, one above it, and two in each other's place. */
static void test_renamed(void **state)
{
	(void)state;
	dies("cloud", "r x/credentials", "mv x .cloud; r .cloud/credentials");
	sh("mv home/.cloud home/x");
	dies("deep", "r y/app/deep/key", "mv y .config; r .config/app/deep/key");
	sh("mv home/.config home/y && mkdir home/.cloud");
	dies("cloud", "r x/credentials", "swap x .cloud; r .cloud/credentials");
	sh("mkdir home/.config");
	dies("deep", "r y/app/deep/key", "swap y .config; r .config/app/deep/key");
}

/* A descriptor of the directory, opened before: its names are the new ones. */
static void test_by_descriptor(void **state)
{
	(void)state;
	dies("cloud", "cd x; r credentials", "mv ../x ../.cloud; r credentials");
	sh("mv home/.cloud home/x");
	dies("deep", "cd y/app/deep; r key", "mv $HOME/y $HOME/.config; r key");
}

/* What excepts it is further up, and goes away; and a longer way becomes a shorter one. */
static void test_moved_out(void **state)
{
	(void)state;
	dies("below", "r vault/open/door/f", "mv vault/open vault/shut; r vault/shut/door/f");
	sh("mv home/vault/shut home/vault/open");
	dies("below", "r vault/open/door/f", "mv vault/open/door vault/door; r vault/door/f");
	sh("mkdir home/.cloud");
	dies("cloud", "r free/a/b/credentials",
	     "rmdir .cloud; mv free/a/b .cloud; r .cloud/credentials");
}

/* The same files by way of a mount: what is above it is where it is mounted. */
static void test_mounted(void **state)
{
	(void)state;
	sh("mkdir home/.cloud home/.config home/plain");
	dies("cloud", "r x/credentials",
	     "unshare -m sh -c 'mount --bind x .cloud && "
	     ": <.cloud/credentials'");
	dies("deep", "r y/app/deep/key",
	     "unshare -m sh -c 'mount --bind y .config && "
	     ": <.config/app/deep/key'");
	/* once seen as mounted somewhere harmless, then where it counts */
	dies("cloud", "r x/credentials",
	     "unshare -m sh -c 'mount --bind x plain && : <plain/credentials && "
	     "mount --move plain .cloud; : <.cloud/credentials'");
}

/* The names stay as they were, and the directory above is somebody else's. */
static void test_same_names(void **state)
{
	(void)state;
	dies("others", "mkdir .p 2>/dev/null; [ -e .p/sub ] || mv q/sub .p/sub; w .p/sub/f",
	     "mv .p .p2; mv q .p; mv .p2/sub .p/sub; w .p/sub/f");
	sh("mkdir home/k");
	assert_int_equal(make_place("home/k", WS_PLACE_CACHE), 0);
	assert_int_equal(know("home/k"), 0);
	dies("known", "r free/a/b/credentials",
	     "mv free/a free/a2; mv k free/a; mv free/a2/b free/a/b; r free/a/b/credentials");
}

/* While the package waits for `go`, change() is called. */
static void changed_meanwhile(const char *rule, const char *opens, int (*change)(void))
{
	char ready[512], go[512], script[2048];
	int status, made = -1;
	pid_t pid;

	snprintf(ready, sizeof(ready), "%s/project/node_modules/evil/ready", s.dir);
	snprintf(go, sizeof(go), "%s/project/node_modules/evil/go", s.dir);
	pid = fork();
	if (!pid) {
		while (access(ready, F_OK))
			usleep(10000);
		made = change() ? 1 : 0;
		close(open(go, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		_exit(made);
	}
	snprintf(script, sizeof(script),
		 OPENS "%s; e=$W/project/node_modules/evil; : >$e/ready; "
		       "while ! [ -e $e/go ]; do :; done; %s",
		 opens, opens);
	status = stage_package(&s, script);
	assert_int_equal(waitpid(pid, &made, 0), pid);
	assert_int_equal(made, 0);
	if (!stage_killed(status) || !stage_verdict(&s, rule))
		fail_msg("%s: status %x, %u verdicts", opens, status, s.verdict_count);
}

static int home_appears(void)
{
	return make_place("home/free/a", WS_PLACE_HOME);
}

static int directory_is_known(void)
{
	return know("home/x");
}

/* What a directory is becomes known while it is in use. */
static void test_learned(void **state)
{
	(void)state;
	sh("mv home/free/a/b home/free/a/.cloud");
	changed_meanwhile("cloud", "r free/a/.cloud/credentials", home_appears);
	assert_int_equal(make_place("home/x", WS_PLACE_CACHE), 0);
	changed_meanwhile("known", "r x/credentials", directory_is_known);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_renamed, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_by_descriptor, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_moved_out, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_mounted, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_same_names, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_learned, begin, attack_end),
	};
	cpu_set_t one;

	if (!attack_ready(argc, argv))
		return 77;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
