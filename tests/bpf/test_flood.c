// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_flood.c - what is kept per scope, filled on purpose, while nobody reads the rings: the verdict that follows comes
 * all the same, and honest packages pay nothing for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "attack.h"

static const char *const rules[] = {
	RULE("secret", "\"read\"", "kill", "\"path\":[\"~/.ssh/*\"],"),
	RULE("note", "\"read\"", "alert", "\"path\":[\"~/note\"],"),
	RULE("wipe", "\"unlink\"", "kill", "\"path\":[\"~/many/*\"],\"count\":{\"over\":8},"),
	NULL,
};

static int begin(void **state)
{
	(void)state;
	attack_begin(rules);
	assert_int_equal(stage_job(&s, "echo x > $HOME/note && mkdir $HOME/many && cd $HOME/many && touch 1 2 3 4 5 6 7 8 9 10 11 12"), 0);
	return 0;
}

static unsigned long count_of(const char *kind)
{
	unsigned long most = !strcmp(kind, "execs") ? 10000 : 100000;

	return attack_slow() ? most / 50 : most;
}

static void test_verdict_after_flood(void **state)
{
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "flood");
	for (size_t i = 0; i < m.count; i++) {
		enum outcome o = attack(&s, "exec $B/flood %s %lu cat $HOME/.ssh/id_ed25519 $HOME/note > $W/tmp/got", m.name[i],
					count_of(m.name[i]));

		if (o != OUTCOME_KILLED || !stage_verdict(&s, "secret") || attack_size(&s, "tmp/got") > 0) {
			attack_tell(m.name[i], o, "%u verdicts, %ld bytes read", s.verdict_count, attack_size(&s, "tmp/got"));
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* A rule with a threshold still counts, neither more nor less, after somebody reached for very many destinations. */
static void test_thresholds(void **state)
{
	uint64_t lost[WS_LOST_MAX], missed;

	(void)state;
	assert_int_equal(attack(&s, "exec $B/flood destinations %lu true", count_of("destinations")), OUTCOME_THROUGH);
	assert_int_equal(loader_lost(s.loader, lost, &missed), 0);
	assert_int_equal(lost[WS_LOST_COUNTER], 0);
	if (!attack_slow())
		assert_true(lost[WS_LOST_NET] > 0); /* the table of destinations is full, and it is said */
	assert_int_equal(attack(&s, "cd $HOME/many && rm 1 2 3 4"), OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 0);
	assert_int_equal(attack(&s, "cd $HOME/many && touch 1 2 3 4 && rm 1 2 3 4 5 6 7 8 9 10 11 12"), OUTCOME_KILLED);
	assert_non_null(stage_verdict(&s, "wipe"));
}

/* 32 alerts of one rule and scope are told, whatever is done; they are all counted as one rule that fired. */
static void test_alerts(void **state)
{
	(void)state;
	assert_int_equal(attack(&s, "exec $B/flood reads 5000 cat $HOME/note > /dev/null"), OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 32);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_verdict_after_flood, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_thresholds, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_alerts, begin, attack_end),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
