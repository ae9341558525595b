// SPDX-License-Identifier: GPL-2.0-only
/* test_verdict_sum.c - the sums of verdicts: by class of object, and without losing a count. */
#include <string.h>

#include "cmocka_all.h"
#include "records.h"
#include "session/verdict_sum.h"

static const struct actor node = { 12, 10, 300, 7, WS_ACTOR_PACKAGE, "node" };
static struct verdict_sum sum;
static struct ws_rec_verdict r;

static int begin(void **state)
{
	(void)state;
	sum = (struct verdict_sum)VERDICT_SUM_INIT;
	sum.home = "/home/ci";
	sum.cwd = "/home/ci/work/app";
	return 0;
}

static int end(void **state)
{
	(void)state;
	verdict_sum_free(&sum);
	return 0;
}

static bool add(uint32_t rule, uint32_t action, uint32_t place, const char *path)
{
	record_verdict(&r, &node, 400, WS_OP_WRITE, rule, action,
		       action == WS_HIDE ? WS_EFFECT_REFUSED : WS_EFFECT_NONE, path);
	r.place = place;
	return verdict_sum_add(&sum, &r);
}

/* The class of a path, as the summary shows it. */
static void samples_by_class(void **state)
{
	static const struct {
		uint32_t action, place;
		const char *path, *want;
	} cases[] = {
		{ WS_HIDE, WS_PLACE_HOME, "/home/ci/Documents/a/b", "~/Documents" },
		{ WS_HIDE, WS_PLACE_HOME, "/home/ci", "~" },
		{ WS_HIDE, WS_PLACE_ELSEWHERE, "/dev/uring", "/dev/uring" },
		{ WS_ALERT, WS_PLACE_PROJECT, "/home/ci/work/app/src/a.js", "./src/*" },
		{ WS_ALERT, WS_PLACE_PROJECT, "/home/ci/work/app/a", "./*" },
		{ WS_ALERT, WS_PLACE_HOME, "/home/ci/.x/y", "~/.x" },
		{ WS_ALERT, WS_PLACE_ELSEWHERE, "/opt/t/x", "/opt/t/*" },
		{ WS_DENY, WS_PLACE_ELSEWHERE, "/x", "/*" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct finding *f;

		add(i, cases[i].action, cases[i].place, cases[i].path);
		f = &sum.findings.at[sum.findings.count - 1];
		assert_int_equal(f->sample_count, 1);
		assert_string_equal(f->samples[0].text, cases[i].want);
	}
	record_verdict(&r, &node, 400, WS_OP_CONNECT, 50, WS_ALERT, WS_EFFECT_NONE, NULL);
	r.to = (struct ws_address){ .family = 2, .port = 80, .address = { 192, 0, 2, 7 } };
	verdict_sum_add(&sum, &r);
	assert_string_equal(sum.findings.at[sum.findings.count - 1].samples[0].text, "192.0.2.7");
}

static void counts(void **state)
{
	struct session_end end = { .verdicts = { [WS_ALERT] = 9, [WS_DENY] = 2, [WS_KILL] = 1 } };

	(void)state;
	add(1, WS_ALERT, WS_PLACE_HOME, "/home/ci/a");
	add(2, WS_HIDE, WS_PLACE_HOME, "/home/ci/a");
	add(3, WS_DENY, WS_PLACE_HOME, "/home/ci/a");
	assert_int_equal(sum.counts.alerts, 1);
	assert_int_equal(sum.counts.hidden, 1);
	assert_int_equal(sum.counts.verdicts, 1);
	assert_int_equal(sum.strongest, WS_DENY);
	/* the kernel's own count of verdicts is believed */
	verdict_sum_end(&sum, &end);
	assert_int_equal(sum.counts.unreported, 2);
	assert_int_equal(sum.strongest, WS_KILL);
}

static void audit_accuses_nobody(void **state)
{
	(void)state;
	record_verdict(&r, &node, 400, WS_OP_READ, 2, WS_KILL, WS_EFFECT_NONE, "/home/ci/a");
	r.mode = WS_MODE_AUDIT;
	verdict_sum_add(&sum, &r);
	assert_int_equal(sum.strongest, WS_ALERT);
	assert_int_equal(sum.carried_out, 0);
	record_verdict(&r, &node, 400, WS_OP_READ, 2, WS_HIDE, WS_EFFECT_NONE, "/home/ci/a");
	assert_true(verdict_sum_withheld(&r));
	r.mode = WS_MODE_AUDIT;
	assert_false(verdict_sum_withheld(&r));
	r.mode = WS_MODE_ENFORCE;
	r.effect = WS_EFFECT_UNAVAILABLE;
	assert_false(verdict_sum_withheld(&r));
}

/* Different files of the home make a search; one file does not, however often. */
static void search(void **state)
{
	char path[] = "/home/ci/Documents/a";
	unsigned searches = 0;

	(void)state;
	for (unsigned i = 0; i < 3 * SEARCH_MOST; i++)
		searches += add(1, WS_HIDE, WS_PLACE_HOME, path);
	assert_int_equal(searches, 0);
	for (unsigned i = 0; i < 2 * SEARCH_MOST; i++) {
		path[sizeof(path) - 2] = 'a' + i;
		searches += add(1, WS_HIDE, WS_PLACE_HOME, path);
		assert_int_equal(searches, i + 1 >= SEARCH_MOST);
	}
	assert_int_equal(sum.counts.alerts, 1);
	for (unsigned i = 0; i < 2 * SEARCH_MOST; i++) {
		path[sizeof(path) - 2] = 'A' + i;
		assert_false(add(1, WS_HIDE, WS_PLACE_TOOLS, path));
	}
}

static void folded(void **state)
{
	struct ws_reported one = { { .scope = 7, .rule = 1, .class = 4 }, { 50, 32 } };
	const struct finding *f;
	const char *sample;

	(void)state;
	record_verdict(&r, &node, 400, WS_OP_WRITE, 1, WS_ALERT, WS_EFFECT_NONE, "/opt/a/b");
	r.place = WS_PLACE_ELSEWHERE;
	r.class = 4;
	verdict_sum_add(&sum, &r);
	assert_int_equal(verdict_sum_fold(&sum, &one, &f, &sample), 18);
	assert_string_equal(sample, "/opt/a/*");
	assert_int_equal(f->folded, 18);
	assert_int_equal(sum.counts.alerts, 19);
	assert_int_equal(sum.counts.folded, 18);
	one.report.reported = 50;
	assert_int_equal(verdict_sum_fold(&sum, &one, &f, &sample), 0);
	one = (struct ws_reported){ { .scope = 9, .rule = 1, .class = 4 }, { 50, 32 } };
	assert_int_equal(verdict_sum_fold(&sum, &one, &f, &sample), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(samples_by_class, begin, end),
		cmocka_unit_test_setup_teardown(counts, begin, end),
		cmocka_unit_test_setup_teardown(audit_accuses_nobody, begin, end),
		cmocka_unit_test_setup_teardown(search, begin, end),
		cmocka_unit_test_setup_teardown(folded, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
