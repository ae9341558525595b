// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_unix.c - every way to reach a UNIX socket. What counts is who listens: a package may talk to
 * what it started, under any name, and to nobody else.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"

static const char *const rules[] = {
	RULE("outside", "\"unix\"", "kill", "\"unless\":{\"path\":[\"/**/nscd.sock\"]},"),
	NULL,
};

static int begin(void **state)
{
	(void)state;
	return attack_begin(rules);
}

/* The name that `mode` is given: a path in the stage's directory, or an abstract one. */
static const char *name_for(const char *mode, bool abstract)
{
	static char name[128];

	if (abstract)
		snprintf(name, sizeof(name), "@wormsign-test-%d-%s", getpid(), mode);
	else
		snprintf(name, sizeof(name), "%s/tmp/%s", s.dir, mode);
	return name;
}

static int serve(const char *name, int type)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	size_t n = strlen(name);

	assert_true(fd >= 0 && n < sizeof(a.sun_path));
	memcpy(a.sun_path, name, n);
	if (name[0] == '@')
		a.sun_path[0] = 0;
	else
		n++;
	assert_int_equal(bind(fd, (void *)&a, offsetof(struct sockaddr_un, sun_path) + n), 0);
	if (type != SOCK_DGRAM)
		assert_int_equal(listen(fd, 8), 0);
	return fd;
}

/* Whether anything arrived at the test's own listener. */
static bool received(int server, int type)
{
	char data[128];
	int fd = type == SOCK_DGRAM ? dup(server) : accept4(server, NULL, NULL, SOCK_NONBLOCK);
	bool got = fd >= 0 && recv(fd, data, sizeof(data), 0) > 0;

	if (fd >= 0)
		close(fd);
	return got;
}

static int type_of(const char *mode)
{
	if (strstr(mode, "seqpacket"))
		return SOCK_SEQPACKET;
	return strstr(mode, "dgram") || strstr(mode, "send") ? SOCK_DGRAM : SOCK_STREAM;
}

static bool is_own(const char *mode)
{
	return !strncmp(mode, "own-", 4);
}

/* Nobody outside is reached: each attempt is stopped and reported, and nothing arrives. */
static void test_outside(void **state)
{
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "unix");
	for (size_t i = 0; i < 2 * m.count; i++) {
		const char *mode = m.name[i / 2], *name = name_for(mode, i % 2);
		const struct stage_verdict *v;
		enum outcome o;
		bool got;
		int fd;

		if (is_own(mode))
			continue;
		fd = serve(name, type_of(mode));
		o = attack(&s, "exec $B/unix %s %s", mode, name);
		v = s.verdict_count ? &s.verdicts[0] : NULL;
		/* another thread may send before connect(2) has returned to the first one */
		got = received(fd, type_of(mode)) && strcmp(mode, "swapped");
		close(fd);
		if (o == OUTCOME_UNSUPPORTED && !v)
			continue;
		if (got || !v || v->op != WS_OP_UNIX || o == OUTCOME_THROUGH ||
		    o == OUTCOME_BROKEN) {
			attack_tell(mode, o, "%s: received %d, %u verdicts", name, got,
				    s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

static void test_own(void **state)
{
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "unix");
	for (size_t i = 0; i < 2 * m.count; i++) {
		const char *mode = m.name[i / 2], *name = name_for(mode, i % 2);
		enum outcome o;

		if (!is_own(mode))
			continue;
		o = attack(&s, "exec $B/unix %s %s", mode, name);
		if (o == OUTCOME_UNSUPPORTED)
			continue;
		if (o != OUTCOME_THROUGH || s.verdict_count) {
			attack_tell(mode, o, "%s: %u verdicts", name, s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* What another package listens on is not one's own; what the same package's other script does is.
 */
static void test_whose(void **state)
{
	enum outcome o;

	(void)state;
	assert_int_equal(
		stage_script(&s, "node_modules/@good/pkg", "install", "@good/pkg",
			     "( exec $B/unix own-stream $W/tmp/theirs ) & sleep 1; exit 0"),
		0);
	assert_int_equal(s.verdict_count, 0);
	/* the name is what a dead listener of the package left: somebody else has it now */
	o = attack(&s, "rm -f $W/tmp/mine; exec $B/unix own-stream $W/tmp/mine");
	assert_int_equal(o, OUTCOME_THROUGH);
	unlink(name_for("mine", false));
	close(serve(name_for("mine2", false), SOCK_STREAM));
	{
		int fd = serve(name_for("mine", false), SOCK_STREAM);

		o = attack(&s, "exec $B/unix stream $W/tmp/mine");
		close(fd);
	}
	assert_int_equal(o, OUTCOME_KILLED);
	assert_non_null(stage_verdict(&s, "outside"));
	assert_non_null(strstr(s.verdicts[0].path, "/tmp/mine"));
}

/* The job may talk to anybody; so may a package to what the rule leaves out. */
static void test_permitted(void **state)
{
	int fd = serve(name_for("nscd.sock", false), SOCK_STREAM), other;

	(void)state;
	assert_int_equal(attack(&s, "exec $B/unix stream $W/tmp/nscd.sock"), OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 0);
	assert_true(received(fd, SOCK_STREAM));
	other = serve(name_for("other", true), SOCK_STREAM);
	{
		char script[256];

		snprintf(script, sizeof(script), "exec $B/unix stream %s", name_for("other", true));
		assert_int_equal(stage_job(&s, script), 0);
	}
	assert_int_equal(s.verdict_count, 0);
	assert_true(received(other, SOCK_STREAM));
	close(fd);
	close(other);
}

/* The report names an abstract socket. */
static void test_report(void **state)
{
	const char *name = name_for("named", true);
	int fd = serve(name, SOCK_STREAM);

	(void)state;
	assert_int_equal(attack(&s, "exec $B/unix stream %s", name), OUTCOME_KILLED);
	assert_non_null(stage_verdict(&s, "outside"));
	assert_non_null(strstr(stage_verdict(&s, "outside")->path, name));
	close(fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_outside, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_own, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_whose, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_permitted, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_report, begin, attack_end),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
