// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_race.c - a secret is read and sent as fast as possible, over an established connection: by
 * one thread, by another one that does not wait for the open to return, by io_uring. A sink on
 * loopback counts what arrives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>
#include <cmocka.h>

#include "attack.h"
#include "sink.h"

static const char *const rules[] = {
	RULE("secret", "\"read\"", "kill", "\"path\":[\"~/.ssh/*\"],"),
	NULL,
};

static const char *const hidden[] = {
	RULE("secret", "\"read\"", "hide", "\"path\":[\"~/.ssh/*\"],"),
	NULL,
};

static struct bpf_object *slow_object;
static struct bpf_link *slow_link;
static struct sink *sink;

/* slow.bpf.c, before wormsign's programs. */
static void slow_down(void)
{
	slow_object = bpf_object__open_file(".output/tests/bpf/slow.bpf.o", NULL);
	assert_non_null(slow_object);
	assert_int_equal(bpf_object__load(slow_object), 0);
	slow_link = bpf_program__attach(bpf_object__next_program(slow_object, NULL));
	assert_non_null(slow_link);
}

static int begin_with(const char *const *wanted)
{
	attack_begin(wanted);
	sink_reset(sink);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	return begin_with(rules);
}

static int begin_hidden(void **state)
{
	(void)state;
	return begin_with(hidden);
}

static int begin_slow(void **state)
{
	stage_forget(); /* it is to be attached behind the program that is slow */
	slow_down();
	return begin(state);
}

static int end(void **state)
{
	(void)state;
	sink_reset(sink);
	stage_close(&s);
	bpf_link__destroy(slow_link);
	bpf_object__close(slow_object);
	slow_link = NULL;
	slow_object = NULL;
	assert_int_equal(sink_bytes(sink), 0);
	return 0;
}

/* Control: the bytes of a file that no rule names arrive. */
static void test_control(void **state)
{
	struct modes m;

	(void)state;
	attack_modes(&m, "race");
	assert_true(m.count >= 8);
	for (size_t i = 0; i < m.count; i++) {
		enum outcome o = attack(
			&s,
			"exec $B/race %s $HOME/docs/thesis.txt 127.0.0.1:%u 1 50 >/dev/null 2>&1",
			m.name[i], sink_port(sink));
		uint64_t bytes = sink_bytes(sink);

		sink_reset(sink);
		/* no io_uring here, or an open that watch refuses, or blocks the network for,
		 * whatever the file is */
		if (!strncmp(m.name[i], "uring", 5) &&
		    (o == OUTCOME_UNSUPPORTED || backend == WS_BACKEND_WATCH))
			continue;
		/* watch cannot see which file it was, if the descriptor is closed in time */
		if (!strcmp(m.name[i], "close") && backend == WS_BACKEND_WATCH &&
		    o == OUTCOME_KILLED && s.verdicts[0].rule == WS_RULE_UNRESOLVED)
			continue;
		if (o != OUTCOME_THROUGH || !bytes)
			fail_msg("%s: %s, %lu bytes, %u verdicts", m.name[i], outcome_name(o),
				 bytes, s.verdict_count);
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
		unsigned reported = 0, unsupported = 0;
		uint64_t bytes = 0;

		for (unsigned k = 0; k < attempts; k++) {
			enum outcome o = attack(&s,
						"exec $B/race %s $HOME/.ssh/id_ed25519 "
						"127.0.0.1:%u 1 >/dev/null 2>&1",
						m.name[i], sink_port(sink));

			stage_sweep(); /* a thread in a busy loop runs into no hook */
			reported += s.verdict_count && s.verdicts[0].action >= WS_DENY;
			unsupported += o == OUTCOME_UNSUPPORTED;
		}
		bytes = sink_bytes(sink);
		sink_reset(sink);
		if (backend == WS_BACKEND_WATCH && unsupported < attempts &&
		    (!strcmp(m.name[i], "uring-late") || !strcmp(m.name[i], "uring-failed"))) {
			limit("an open in a ring that is not asked how it went: nothing leaves, "
			      "nothing is reported",
			      !reported);
			reported = attempts - unsupported;
		}
		if (bytes || reported + unsupported != attempts) {
			print_message("%s: %lu bytes; of %u attempts %u reported, %u unsupported\n",
				      m.name[i], bytes, attempts, reported, unsupported);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/*
 * Many at once, none of which dies: a preemptible kernel may preempt one inside the hook while the
 * others enter it (the matrix has a row with preempt=full).
 */
static void test_crowd(void **state)
{
	uint64_t lost[WS_LOST_MAX], missed, bytes;

	(void)state;
	if (backend == WS_BACKEND_WATCH)
		skip(); /* watch hides nothing */
	attack(&s,
	       "for i in 1 2; do $B/race process $HOME/.ssh/id_ed25519 127.0.0.1:%u 32 100 & done "
	       ">/dev/null 2>&1; wait",
	       sink_port(sink));
	bytes = sink_bytes(sink);
	assert_int_equal(loader_lost(s.loader, lost, &missed), 0);
	sink_reset(sink);
	if (bytes || missed || !s.verdict_count)
		fail_msg("%lu bytes, %lu runs of hooks missed, %u verdicts", bytes, missed,
			 s.verdict_count);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_control, begin, end),
		cmocka_unit_test_setup_teardown(test_race, begin_slow, end),
		cmocka_unit_test_setup_teardown(test_crowd, begin_hidden, end),
	};
	int failed;

	if (!attack_ready(argc, argv))
		return 77;
	sink = sink_open();
	if (!sink)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sink_close(sink);
	return failed;
}
