// SPDX-License-Identifier: GPL-2.0-only
/* test_verdict_text.c - verdicts in words: what happened, not what the rule asks for. */
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/verdict_text.h"
#include "records.h"

static const struct actor who = { 10, 9, 1, 7, WS_ACTOR_PACKAGE, "node" };
static struct ws_rec_verdict r;

static void tried_is(const char *home, const char *want)
{
	struct buf out = BUF_INIT;

	verdict_tried(&out, &r, home, NULL);
	assert_string_equal(out.at, want);
	buf_free(&out);
}

static void effect_is(const char *want)
{
	struct buf out = BUF_INIT;

	verdict_effect(&out, &r);
	assert_string_equal(out.at, want);
	buf_free(&out);
}

static void files(void **state)
{
	(void)state;
	record_verdict(&r, &who, 1, WS_OP_READ, 0, WS_KILL, WS_EFFECT_REFUSED,
		       "/home/ci/.aws/credentials");
	tried_is("/home/ci", "read ~/.aws/credentials");
	tried_is("/home/ci/", "read ~/.aws/credentials");
	tried_is("/home/c", "read /home/ci/.aws/credentials");
	tried_is(NULL, "read /home/ci/.aws/credentials");
	tried_is("/", "read /home/ci/.aws/credentials");
	r.op = WS_OP_RENAME;
	r.path2_valid = 1;
	r.path2.len = wire_path(r.path2.bytes, "/home/ci/x");
	tried_is("/home/ci", "rename ~/.aws/credentials to ~/x");
	r.op = WS_OP_LINK;
	tried_is("/home/ci", "link ~/.aws/credentials as ~/x");
	r.op = WS_OP_WRITE;
	r.head.flags = WS_F_PATH_CUT;
	tried_is("/home/ci", "write .../home/ci/.aws/credentials");
	r.head.flags = WS_F_PATH_UNREAD;
	tried_is("/home/ci", "write something whose path could not be resolved");
	record_verdict(&r, &who, 1, WS_OP_READ, 0, WS_KILL, WS_EFFECT_REFUSED,
		       "/p/ghp_0123456789abcdefghij");
	tried_is(NULL, "read /p/[redacted]");
	r.head.flags = WS_F_IO_URING;
	tried_is(NULL, "read /p/[redacted] through io_uring");
}

static void addresses(void **state)
{
	(void)state;
	record_verdict(&r, &who, 1, WS_OP_CONNECT, 0, WS_DENY, WS_EFFECT_REFUSED, NULL);
	tried_is(NULL, "connect to an unknown address");
	r.to = (struct ws_address){
		.family = AF_INET, .port = 443, .protocol = 6, .address = { 203, 0, 113, 9 }
	};
	tried_is(NULL, "connect to 203.0.113.9:443 (tcp)");
	r.op = WS_OP_SEND;
	r.amount = 4096;
	tried_is(NULL, "send 4096 bytes to 203.0.113.9:443 (tcp)");
	r.to = (struct ws_address){
		.family = AF_INET6, .port = 53, .protocol = 17, .address = { [15] = 1 }
	};
	tried_is(NULL, "send 4096 bytes to [::1]:53 (udp)");
}

static void processes(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	record_verdict(&r, &who, 1, WS_OP_MEMORY, 0, WS_KILL, WS_EFFECT_KILLED_BEFORE, NULL);
	tried_is(NULL, "reach into the memory of another process");
	r.target_pid = 5;
	verdict_tried(&out, &r, NULL, "Runner.Worker");
	assert_string_equal(out.at, "reach into the memory of process 5 (Runner.Worker)");
	buf_free(&out);
	r.amount = WS_MEMORY_KEY;
	tried_is(NULL, "read a key from the kernel's keyrings");
	r.op = WS_OP_NAMESPACE;
	tried_is(NULL, "make a namespace");
}

static void effects(void **state)
{
	(void)state;
	record_verdict(&r, &who, 1, WS_OP_READ, 0, WS_KILL, WS_EFFECT_REFUSED, "/x");
	effect_is("refused before a byte was read");
	assert_true(verdict_kills(&r));
	r.effect = WS_EFFECT_KILLED_BEFORE;
	effect_is("killed before a byte was read");
	r.op = WS_OP_UNLINK;
	r.effect = WS_EFFECT_KILLED_AFTER;
	effect_is("killed after the fact: it is gone");
	r.action = WS_DENY; /* watch: where an operation cannot be refused, its caller is killed */
	assert_true(verdict_kills(&r));
	r.effect = WS_EFFECT_REFUSED;
	assert_false(verdict_kills(&r));
	r.op = WS_OP_SEND;
	r.effect = WS_EFFECT_DROPPED;
	effect_is("dropped: the packet did not leave this machine");
	r.op = WS_OP_READ;
	r.action = WS_HIDE;
	r.effect = WS_EFFECT_REFUSED;
	effect_is("shown as absent");
	r.op = WS_OP_CREATE;
	effect_is("quietly refused");
	r.op = WS_OP_IO_URING;
	effect_is("quietly refused");
	r.op = WS_OP_READ;
	r.effect = WS_EFFECT_UNAVAILABLE;
	effect_is("not carried out: this kernel lets wormsign watch this, not refuse it");
	r.effect = WS_EFFECT_NONE;
	r.action = WS_ALERT;
	effect_is("let through");
	r.mode = WS_MODE_AUDIT;
	r.action = WS_KILL;
	effect_is("let through (audit mode); would have been refused, and the script killed");
	assert_false(verdict_kills(&r));
	r.action = WS_STOP;
	effect_is(
		"let through (audit mode); would have been refused, and the whole session stopped");
}

/* Everything has words. */
static void every_operation(void **state)
{
	(void)state;
	for (unsigned op = 0; op < WS_OP_MAX; op++)
		for (unsigned effect = 0; effect < WS_EFFECT_MAX; effect++) {
			struct buf out = BUF_INIT;

			record_verdict(&r, &who, 1, op, 0, WS_KILL, effect, "/x");
			verdict_tried(&out, &r, NULL, NULL);
			assert_true(out.len > 2);
			buf_reset(&out);
			verdict_effect(&out, &r);
			assert_true(out.len > 2);
			assert_non_null(verdict_category(op)[0]);
			assert_non_null(verdict_type(op));
			buf_free(&out);
		}
}

/* Every operation has a sentence for each case, and no effect that prevents is taken for a deed. */
static void done(void **state)
{
	(void)state;
	for (uint32_t op = 0; op < WS_OP_MAX; op++) {
		assert_true(strlen(verdict_undone(op)) > 20);
		assert_true(strlen(verdict_undone(op)) < 100);
		for (uint32_t effect = 0; effect < WS_EFFECT_MAX; effect++) {
			bool prevented = effect == WS_EFFECT_REFUSED || effect == WS_EFFECT_DROPPED;

			record_verdict(&r, &who, 1, op, 0, WS_KILL, effect, "/x");
			if (effect != WS_EFFECT_KILLED_BEFORE)
				assert_int_equal(verdict_done(&r), !prevented);
		}
	}
	record_verdict(&r, &who, 1, WS_OP_READ, 0, WS_KILL, WS_EFFECT_KILLED_BEFORE, "/x");
	assert_false(verdict_done(&r));
	r.op = WS_OP_UNLINK;
	assert_true(verdict_done(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),     cmocka_unit_test(done),
		cmocka_unit_test(addresses), cmocka_unit_test(processes),
		cmocka_unit_test(effects),   cmocka_unit_test(every_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
