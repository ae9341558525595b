// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_known.c - files and directories that are known by identity, what excepts them and until
 * when, and homes that an exec in the session brings.
 */
#include <errno.h>
#include <fcntl.h>
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
	RULE("known", "\"read\"", "kill", "\"path\":[\"/wormsign/credentials\"],"),
	RULE("config", "\"read\"", "kill",
	     "\"path\":[\"/**/.conf\"],\"unless\":{\"path\":[\"/wormsign/clean-config\"]},"),
	RULE("home", "\"read\"", "kill", "\"path\":[\"~/.token\"],"),
	RULE("shown", "\"read\"", "hide", "\"path\":[\"/**/.shown\"],\"label\":\"shown\","),
	RULE("after", "\"read\"", "kill", "\"path\":[\"/**/.later\"],\"after\":[\"shown\"],"),
	NULL,
};

static int begin(void **state)
{
	(void)state;
	return attack_begin(rules);
}

static void sh(const char *script)
{
	char command[1024];

	snprintf(command, sizeof(command), "cd '%s' && %s", s.dir, script);
	assert_int_equal(system(command), 0);
}

static int open_at(const char *path)
{
	char full[512];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", s.dir, path);
	fd = open(full, O_PATH | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static int make_place(const char *path, uint64_t session, enum ws_place place)
{
	_close_ int fd = open_at(path);
	struct ws_id id;

	assert_int_equal(loader_identify(s.loader, fd, &id), 0);
	return loader_session_place(s.loader, session, &id, place);
}

static int notice(const char *path, uint64_t session)
{
	_close_ int fd = open_at(path);
	struct ws_id id;

	assert_int_equal(loader_identify(s.loader, fd, &id), 0);
	return loader_session_notice(s.loader, session, &id);
}

static void know(const char *path, const char *pattern, uint64_t size)
{
	_close_ int fd = open_at(path);
	struct ws_known known = { .size = size };
	struct ws_id id;

	ruleset_masks(s.rules, pattern, &known.match, &known.except);
	assert_int_equal(loader_identify(s.loader, fd, &id), 0);
	assert_int_equal(loader_know(s.loader, s.session, &id, &known), 0);
}

static bool killed_for(const char *rule, const char *script)
{
	int status = stage_package(&s, script);

	return stage_killed(status) && stage_verdict(&s, rule) != NULL;
}

static bool untouched(const char *script)
{
	int status = stage_package(&s, script);

	return WIFEXITED(status) && WEXITSTATUS(status) == 0 && s.verdict_count == 0;
}

/* A file, under another name, and one beside it. */
static void test_file(void **state)
{
	(void)state;
	sh("mkdir named && echo x >named/key && echo x >named/other && ln named/key hard");
	know("named/key", "/wormsign/credentials", WS_ANY_SIZE);
	assert_true(killed_for("known", "cat $W/named/key"));
	assert_true(stage_verdict(&s, "known")->flags & WS_F_IDENTITY);
	assert_true(killed_for("known", "cat $W/hard"));
	assert_true(killed_for("known", "mv $W/named/key $W/moved; cat $W/moved"));
	assert_true(untouched("cat $W/named/other"));
}

/* A directory, and what is made in it later. */
static void test_directory(void **state)
{
	(void)state;
	sh("mkdir -p tree/deep beside && echo x >tree/deep/a && echo x >beside/a");
	know("tree", "/wormsign/credentials", WS_ANY_SIZE);
	assert_int_equal(notice("tree", s.session), 0);
	assert_int_equal(notice("tree", s.session + 1), -ENOENT);
	assert_true(killed_for("known", "cat $W/tree/deep/a"));
	sh("echo y >tree/deep/b");
	assert_true(killed_for("known", "cat $W/tree/deep/b"));
	assert_true(untouched("cat $W/beside/a"));
}

/* An exception holds while the file is as it was looked at. */
static void test_exception(void **state)
{
	(void)state;
	sh("mkdir r && echo abc >r/.conf");
	assert_true(killed_for("config", "cat $W/r/.conf"));
	know("r/.conf", "/wormsign/clean-config", 4);
	assert_true(untouched("cat $W/r/.conf"));
	sh("echo token >>r/.conf");
	assert_true(killed_for("config", "cat $W/r/.conf"));
	know("r/.conf", "/wormsign/clean-config", 10);
	assert_true(untouched("cat $W/r/.conf"));
	sh("cp r/.conf r/new && mv r/new r/.conf"); /* another file */
	assert_true(killed_for("config", "cat $W/r/.conf"));
}

/* What was hidden has not been read, and leaves no label; what could not be hidden does. */
static void test_label_of_hidden(void **state)
{
	(void)state;
	sh("echo x >home/.shown && echo x >home/.later");
	assert_true(untouched("cat $HOME/.later"));
	if (backend == WS_BACKEND_DENY) {
		assert_false(stage_killed(stage_package(
			&s, "cat $HOME/.shown && exit 9; cat $HOME/.later >/dev/null")));
		assert_null(stage_verdict(&s, "after"));
	} else {
		assert_true(killed_for("after", "cat $HOME/.shown; cat $HOME/.later"));
	}
}

/* Each HOME is reported once, as the first one in the environment; not of packages. */
static void test_homes(void **state)
{
	char want[512];

	(void)state;
	sh("mkdir -p second && echo x >second/.token");
	stage_job(&s, "exec true");
	assert_int_equal(s.homes, 1);
	stage_job(&s, "exec true");
	assert_int_equal(s.homes, 0);
	stage_package(&s, "HOME=$W/third sh -c :");
	assert_int_equal(s.homes, 0);
	assert_true(untouched("cat $W/second/.token"));
	stage_job(&s, "HOME=$W/second env true");
	assert_int_equal(s.homes, 1);
	snprintf(want, sizeof(want), "%s/second", s.dir);
	assert_string_equal(s.last_home, want);
	/* what the supervisor does then */
	assert_int_equal(make_place("second", s.session, WS_PLACE_HOME), 0);
	assert_true(killed_for("home", "cat $W/second/.token"));
	assert_int_equal(make_place("second", s.session + 1, WS_PLACE_HOME), -ENOENT);
}

/* A HOME that does not fit is left out, and so is an environment without one. */
static void test_odd_homes(void **state)
{
	(void)state;
	stage_job(&s, "exec true");
	stage_job(&s, "HOME=/$(printf %0300d 0) env true");
	assert_int_equal(s.homes, 0);
	stage_job(&s, "env -i true; exec env -u HOME XHOME=/x/y true");
	assert_int_equal(s.homes, 0);
	stage_job(&s, "X=$(printf %05000d 0)HOME=/no HOME=/x/y env true");
	assert_int_equal(s.homes, 1);
	assert_string_equal(s.last_home, "/x/y");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_file, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_directory, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_exception, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_label_of_hidden, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_homes, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_odd_homes, begin, attack_end),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
