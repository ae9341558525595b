// SPDX-License-Identifier: GPL-2.0-only
/* test_ring_check.c - only records whose every size, length and enumeration is right get through.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "records.h"
#include "kernel/ring_check.h"

static const struct actor who = { .pid = 10,
				  .parent = 9,
				  .started = 100,
				  .scope = 7,
				  .actor = WS_ACTOR_PACKAGE,
				  .comm = "node" };

static void good_ones(void **state)
{
	struct ws_rec_exec exec;
	struct ws_rec_exit end;
	struct ws_rec_scope scope;
	struct ws_rec_verdict verdict;
	struct ws_rec_net net;

	(void)state;
	record_exec(&exec, &who, 1, "/bin/sh", "sh|-c|x");
	assert_int_equal(ring_check(&exec, sizeof(exec)), 0);
	record_exit(&end, &who, 1);
	assert_int_equal(ring_check(&end, sizeof(end)), 0);
	record_death(&end, &who, 2, 1);
	assert_int_equal(ring_check(&end, sizeof(end)), 0);
	record_scope(&scope, &who, 1, "x", "1", "install");
	assert_int_equal(ring_check(&scope, sizeof(scope)), 0);
	record_verdict(&verdict, &who, 1, WS_OP_READ, 0, WS_KILL, WS_EFFECT_REFUSED, "/x");
	assert_int_equal(ring_check(&verdict, sizeof(verdict)), 0);
	verdict.rule = WS_RULE_UNRESOLVED;
	assert_int_equal(ring_check(&verdict, sizeof(verdict)), 0);
	/* all that is still within the limits */
	verdict.rule = WS_RULE_NONE;
	assert_int_equal(ring_check(&verdict, sizeof(verdict)), 0);
	verdict.rule = WS_RULES_MAX - 1;
	assert_int_equal(ring_check(&verdict, sizeof(verdict)), 0);
	verdict.rule = WS_RULE_HELD;
	assert_int_equal(ring_check(&verdict, sizeof(verdict)), 0);
	verdict.argv.len = sizeof(verdict.argv.bytes);
	verdict.path.len = verdict.path2.len = WS_PATH_ROOM;
	verdict.path2_valid = 1;
	verdict.head.backend = WS_BACKEND_WATCH;
	assert_int_equal(ring_check(&verdict, sizeof(verdict)), 0);
	exec.argv.len = sizeof(exec.argv.bytes);
	exec.exe_len = sizeof(exec.exe);
	assert_int_equal(ring_check(&exec, sizeof(exec)), 0);
	scope.dir_len = sizeof(scope.dir);
	assert_int_equal(ring_check(&scope, sizeof(scope)), 0);
	record_net(&net, &who, 1, "192.0.2.1", 443);
	assert_int_equal(ring_check(&net, sizeof(net)), 0);
}

static void homes(void **state)
{
	struct ws_rec_home home = {
		.head = { .size = sizeof(home), .version = WS_WIRE_VERSION, .kind = WS_REC_HOME },
		.path = "/home/ci"
	};

	(void)state;
	assert_int_equal(ring_check(&home, sizeof(home)), 0);
	home.head.size--;
	assert_int_equal(ring_check(&home, sizeof(home) - 1), -EBADMSG);
	home.head.size++;
	memset(home.path, 'x', sizeof(home.path)); /* a string without an end */
	assert_int_equal(ring_check(&home, sizeof(home)), -EBADMSG);
}

/* Of a verdict, the unused end may be missing. */
static void short_ones(void **state)
{
	struct ws_rec_verdict v;
	size_t least;

	(void)state;
	record_verdict(&v, &who, 1, WS_OP_READ, 0, WS_KILL, WS_EFFECT_REFUSED, "/home/ci/x");
	least = offsetof(struct ws_rec_verdict, path.bytes) + v.path.len;
	v.head.size = least;
	assert_int_equal(ring_check(&v, least), 0);
	v.head.size = least - 1;
	assert_int_equal(ring_check(&v, least - 1), -EBADMSG);
	v.path2_valid = 1; /* then it must be there */
	v.head.size = least;
	assert_int_equal(ring_check(&v, least), -EBADMSG);
}

#define BAD(record, field, value)                                            \
	do {                                                                 \
		__typeof__(record) broken = record;                          \
		broken.field = (value);                                      \
		if (ring_check(&broken, sizeof(broken)) != -EBADMSG)         \
			fail_msg("%s = %s was let through", #field, #value); \
	} while (0)

static void made(void **state)
{
	struct ws_rec_made r = {
		.head = { .size = sizeof(r), .version = WS_WIRE_VERSION, .kind = WS_REC_MADE },
		.name = "p",
		.path_len = 3
	};

	(void)state;
	assert_int_equal(ring_check(&r, sizeof(r)), 0);
	BAD(r, path_len, sizeof(r.path) + 1);
	BAD(r, head.size, sizeof(r) - 1);
	memset(r.name, 'x', sizeof(r.name)); /* without an end */
	assert_int_equal(ring_check(&r, sizeof(r)), -EBADMSG);
	r.name[0] = 0;
	r.head.size = offsetof(struct ws_rec_made, path) + 2; /* shorter than its path */
	assert_int_equal(ring_check(&r, r.head.size), -EBADMSG);
}

static void bad_ones(void **state)
{
	struct ws_rec_exec exec;
	struct ws_rec_scope scope;
	struct ws_rec_verdict verdict;
	struct ws_rec_exit end;

	(void)state;
	record_exec(&exec, &who, 1, "/bin/sh", "sh|-c|x");
	BAD(exec, head.size, sizeof(exec) - 1);
	BAD(exec, head.version, WS_WIRE_VERSION + 1);
	BAD(exec, head.kind, WS_REC_NONE);
	BAD(exec, head.kind, WS_REC_MAX);
	BAD(exec, head.kind, 0xffff);
	BAD(exec, head.kind, WS_REC_EXIT);
	BAD(exec, head.actor, WS_ACTOR_MAX);
	BAD(exec, head.backend, WS_BACKEND_WATCH + 1);
	BAD(exec, argv.len, WS_ARGV_BYTES + 1);
	BAD(exec, argv.len, ~0u);
	BAD(exec, exe_len, sizeof(exec.exe) + 1);
	BAD(exec, exe_len, ~0u);

	record_scope(&scope, &who, 1, "x", "1", "install");
	BAD(scope, dir_len, sizeof(scope.dir) + 1);
	BAD(scope, dir_len, ~0u);
	BAD(scope, scope.actor, WS_ACTOR_MAX);

	record_verdict(&verdict, &who, 1, WS_OP_READ, 0, WS_KILL, WS_EFFECT_REFUSED, "/x");
	BAD(verdict, op, WS_OP_MAX);
	BAD(verdict, rule, WS_RULES_MAX);
	BAD(verdict, rule, 0x10000);
	BAD(verdict, rule, WS_RULE_HELD - 1);
	BAD(verdict, action, WS_ACTION_MAX);
	BAD(verdict, effect, WS_EFFECT_MAX);
	BAD(verdict, place, WS_PLACE_MAX);
	BAD(verdict, mode, WS_MODE_AUDIT + 1);
	BAD(verdict, argv.len, WS_ARGV_BYTES + 1);
	BAD(verdict, path.len, WS_PATH_ROOM + 1);
	BAD(verdict, path.len, ~0u);
	verdict.path2_valid = 1;
	BAD(verdict, path2.len, WS_PATH_ROOM + 1);

	record_exit(&end, &who, 1);
	end.head.size--;
	assert_int_equal(ring_check(&end, sizeof(end) - 1), -EBADMSG);
	assert_int_equal(ring_check(&end, 0), -EBADMSG);
	assert_int_equal(ring_check(&end, sizeof(end.head) - 1), -EBADMSG);
}

/* Every length up to the whole record: never more than the bytes given are looked at
 * (AddressSanitizer watches). */
static void every_length(void **state)
{
	struct ws_rec_verdict verdict;

	(void)state;
	record_verdict(&verdict, &who, 1, WS_OP_RENAME, 0, WS_KILL, WS_EFFECT_REFUSED, "/x");
	verdict.path2_valid = 1;
	verdict.path2.len = 3;
	for (size_t n = 0; n < sizeof(verdict); n += 7) {
		char *copy = malloc(n ? n : 1);

		verdict.head.size = n;
		memcpy(copy, &verdict, n);
		ring_check(copy, n);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones),	cmocka_unit_test(homes),
		cmocka_unit_test(short_ones),	cmocka_unit_test(bad_ones),
		cmocka_unit_test(every_length), cmocka_unit_test(made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
