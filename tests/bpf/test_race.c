// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_race.c - a secret read and sent as fast as can be, over a connection that stands already: by one thread, by
 * another one that does not wait for the open to return, by io_uring. A sink on loopback is the witness.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "attack.h"
#include "sink.h"

static const char *const rules[] = {
	RULE("secret", "\"read\"", "kill", "\"path\":[\"~/.ssh/*\"],"),
	NULL,
};

static enum ws_backend backend;
static struct stage s;
static struct sink *sink;

static int begin(void **state)
{
	(void)state;
	stage_open(&s, backend, rules, WS_MODE_ENFORCE);
	sink_reset(sink);
	return 0;
}

static int end(void **state)
{
	(void)state;
	sink_reset(sink);
	stage_close(&s);
	assert_int_equal(sink_bytes(sink), 0);
	return 0;
}

/* Where nobody forbids it, the bytes arrive: by a file that no rule names. */
static void test_control(void **state)
{
	struct modes m;

	(void)state;
	attack_modes(&m, "race");
	assert_true(m.count >= 8);
	for (size_t i = 0; i < m.count; i++) {
		enum outcome o = attack(&s, "exec $B/race %s $HOME/docs/thesis.txt 127.0.0.1:%u 1 50 >/dev/null 2>&1", m.name[i],
					sink_port(sink));
		uint64_t bytes = sink_bytes(sink);

		sink_reset(sink);
		/* no such ring here, or an open that watch refuses, or holds the network for, whatever it opens */
		if (!strncmp(m.name[i], "uring", 5) && (o == OUTCOME_UNSUPPORTED || backend == WS_BACKEND_WATCH))
			continue;
		if (o != OUTCOME_THROUGH || !bytes)
			fail_msg("%s: %s, %lu bytes, %u verdicts", m.name[i], outcome_name(o), bytes, s.verdict_count);
	}
}

static void test_race(void **state)
{
	unsigned attempts = attack_slow() ? 2 : 4;
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "race");
	for (size_t i = 0; i < m.count; i++) {
		unsigned told = 0, unsupported = 0;
		uint64_t bytes = 0;

		for (unsigned k = 0; k < attempts; k++) {
			enum outcome o = attack(&s, "exec $B/race %s $HOME/.ssh/id_ed25519 127.0.0.1:%u 3 >/dev/null 2>&1", m.name[i],
						sink_port(sink));

			told += s.verdict_count && s.verdicts[0].action >= WS_DENY;
			unsupported += o == OUTCOME_UNSUPPORTED;
		}
		bytes = sink_bytes(sink);
		sink_reset(sink);
		if (backend == WS_BACKEND_WATCH && (!strcmp(m.name[i], "uring-late") || !strcmp(m.name[i], "uring-failed")) && unsupported < attempts) {
			limit("an open in a ring that is not asked how it went: nothing leaves, nothing is told", !told);
			told = attempts - unsupported;
		}
		if (bytes || told + unsupported != attempts) {
			print_message("%s: %lu bytes; of %u attempts %u told, %u unsupported\n", m.name[i], bytes,
				      attempts, told, unsupported);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_control, begin, end),
		cmocka_unit_test_setup_teardown(test_race, begin, end),
	};
	int failed;

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	backend = attack_backend();
	if (backend == WS_BACKEND_NONE)
		return 77;
	sink = sink_open();
	if (!sink) {
		print_message("no port for the sink\n");
		return 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sink_close(sink);
	return failed;
}
