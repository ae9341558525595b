// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_flood.c - tables that hold something for each scope are filled on purpose, while nobody
 * reads the rings: the next verdict still falls, and honest packages are not affected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attack.h"
#include "base/cleanup.h"
#include "kernel/sessions.h"

static const char *const rules[] = {
	RULE("secret", "\"read\"", "kill", "\"path\":[\"~/.ssh/*\"],"),
	RULE("note", "\"read\"", "alert", "\"path\":[\"~/note\"],"),
	RULE("wipe", "\"unlink\"", "kill", "\"path\":[\"~/many/*\"],\"count\":{\"over\":8},"),
	RULE("seen", "\"write\",\"create\",\"chmod\"", "alert", "\"place\":[\"home\"],"),
	RULE("named", "\"exec\"", "alert", "\"path\":[\"/**/named\"],"),
	NULL,
};

static int begin(void **state)
{
	(void)state;
	attack_begin(rules);
	assert_int_equal(stage_job(&s, "echo x > $HOME/note && mkdir $HOME/many && cd $HOME/many "
				       "&& touch 1 2 3 4 5 6 7 8 9 10 11 12"),
			 0);
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
		enum outcome o = attack(
			&s,
			"exec $B/flood %s %lu cat $HOME/.ssh/id_ed25519 $HOME/note > $W/tmp/got",
			m.name[i], count_of(m.name[i]));

		if (o != OUTCOME_KILLED || !stage_verdict(&s, "secret") ||
		    attack_size(&s, "tmp/got") > 0) {
			attack_tell(m.name[i], o, "%u verdicts, %ld bytes read", s.verdict_count,
				    attack_size(&s, "tmp/got"));
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* A rule with a threshold still counts, neither more nor less, after somebody reached for very many
 * destinations. */
static void test_thresholds(void **state)
{
	uint64_t before[WS_LOST_MAX], lost[WS_LOST_MAX], missed;

	(void)state;
	assert_int_equal(loader_lost(s.loader, before, &missed), 0);
	assert_int_equal(
		attack(&s, "exec $B/flood destinations %lu true", count_of("destinations")),
		OUTCOME_THROUGH);
	assert_int_equal(loader_lost(s.loader, lost, &missed), 0);
	assert_int_equal(lost[WS_LOST_COUNTER], 0);
	/* the table of destinations is full, and the loss is counted */
	if (!attack_slow())
		assert_true(lost[WS_LOST_NET] > before[WS_LOST_NET]);
	assert_int_equal(attack(&s, "cd $HOME/many && rm 1 2 3 4"), OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 0);
	assert_int_equal(
		attack(&s, "cd $HOME/many && touch 1 2 3 4 && rm 1 2 3 4 5 6 7 8 9 10 11 12"),
		OUTCOME_KILLED);
	assert_non_null(stage_verdict(&s, "wipe"));
}

/* Whether a record's path ends so. */
static bool reported(const char *end)
{
	for (unsigned i = 0; i < s.verdict_count; i++) {
		size_t n = strlen(s.verdicts[i].path), m = strlen(end);

		if (n >= m && strcmp(s.verdicts[i].path + n - m, end) == 0)
			return true;
	}
	return false;
}

/*
 * What comes after many decoys is reported: of the same directory or another one, another
 * operation, or an object that a rule names. Where there are more decoys than different objects are
 * reported, still what is not of the decoys' class.
 */
static void test_decoys(void **state)
{
	static const struct {
		const char *make;
		unsigned most; /* records */
		bool alike;    /* a new file of the decoys' directory is reported, too */
	} decoys[] = {
		{ "for i in $(seq 60); do echo > $HOME/d/$i; done", 75, true },
		{ "for i in $(seq 60); do echo > $HOME/m/$i/x; done", 75, true },
		{ "for i in $(seq 60); do echo >> $HOME/note; done", 45, true },
		{ "for i in $(seq 400); do echo > $HOME/n/$i; done", 310, false },
	};
	struct ws_reported *reports;
	uint64_t counted = 0;
	size_t count;

	(void)state;
	assert_int_equal(stage_job(&s,
				   "mkdir $HOME/src $HOME/d $HOME/m $HOME/n && cd $HOME/m && "
				   "mkdir $(seq 60) && echo > $HOME/src/x && echo > $HOME/named"),
			 0);
	for (size_t i = 0; i < ARRAY_SIZE(decoys); i++) {
		/* what an earlier run of the package has made is its own */
		assert_int_equal(stage_job(&s, "chmod 644 $HOME/note; rm -rf $HOME/src/y $HOME/d/* "
					       "$HOME/n/* $HOME/m/*/x"),
				 0);
		assert_int_equal(
			attack(&s,
			       "%s; echo > $HOME/src/x; echo > $HOME/src/y; "
			       "chmod 600 $HOME/note; echo > $HOME/named; echo > $HOME/n/z; "
			       "echo > $HOME/d/z; mv $HOME/d/z $HOME/d/zz",
			       decoys[i].make),
			OUTCOME_THROUGH);
		print_message("decoys %zu: %u records\n", i, s.verdict_count);
		assert_true(reported("/src/x"));
		assert_true(reported("/src/y"));
		assert_true(reported("/note"));
		assert_true(reported("/named"));
		assert_true(reported("/d/z"));
		if (decoys[i].alike)
			assert_true(reported("/n/z"));
		/* deny reports that a file is created and that it is written to */
		assert_in_range(s.verdict_count, 36,
				decoys[i].most * (backend == WS_BACKEND_DENY ? 2 : 1));
	}
	/* and all are counted */
	assert_int_equal(loader_session_reports(s.loader, s.session, &reports, &count), 0);
	for (size_t i = 0; i < count; i++)
		counted += reports[i].report.count;
	assert_in_range(counted, 580, 1300); /* creating a file is writing to it, too */
	free(reports);
}

/* Of one class of alert at most 32 are reported (WS_REPORTS_MAX); all are counted. */
static void test_alerts(void **state)
{
	struct ws_session session;

	(void)state;
	assert_int_equal(attack(&s, "exec $B/flood reads 5000 cat $HOME/note > /dev/null"),
			 OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 32);
	assert_int_equal(loader_session_read(s.loader, s.session, &session), 0);
	assert_in_range(session.verdicts[WS_ALERT], 5000, 5001);
	assert_int_equal(session.verdicts[WS_KILL], 0);
	assert_int_equal(attack(&s, "cat $HOME/.ssh/id_ed25519"), OUTCOME_KILLED);
	assert_int_equal(loader_session_read(s.loader, s.session, &session), 0);
	assert_in_range(session.verdicts[WS_KILL], 1, 2);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_verdict_after_flood, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_thresholds, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_alerts, begin, attack_end),
		cmocka_unit_test_setup_teardown(test_decoys, begin, attack_end),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
