// SPDX-License-Identifier: GPL-2.0-only
/* test_decide.c - the one decision function: order, labels, counts, windows. */
#include "decide.h"

#include <string.h>

#include "cmocka_all.h"

static void test_lowest_bit(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		assert_int_equal(ws_lowest_bit(1ULL << i), i);
		assert_int_equal(ws_lowest_bit(~0ULL << i), i);
		assert_int_equal(ws_lowest_bit(1ULL << i | 1ULL << 63), i);
	}
}

static void test_masks(void **state)
{
	struct ws_mask a = { { 0xff, 0, 0, 1ULL << 63 } }, b = { { 0x0f, 1, 0, 1ULL << 63 } }, c;

	(void)state;
	c = a;
	ws_mask_and(&c, &b);
	assert_true(c.w[0] == 0x0f && c.w[1] == 0 && c.w[3] == 1ULL << 63);
	c = a;
	ws_mask_or(&c, &b);
	assert_true(c.w[0] == 0xff && c.w[1] == 1);
	c = a;
	ws_mask_andnot(&c, &b);
	assert_true(c.w[0] == 0xf0 && c.w[3] == 0);
	assert_false(ws_mask_empty(&c));
	ws_mask_andnot(&c, &c);
	assert_true(ws_mask_empty(&c));
	c = (struct ws_mask){ { 0, 0, 0, 1 } };
	assert_false(ws_mask_empty(&c));
}

/* Rules as they are numbered: strongest first. */
static void fill(struct ws_rule rules[WS_RULES_MAX])
{
	memset(rules, 0, WS_RULES_MAX * sizeof(*rules));
	for (unsigned i = 0; i < WS_RULES_MAX; i++) {
		rules[i].action = i < 100 ? WS_KILL : i < 200 ? WS_DENY : WS_ALERT;
		rules[i].label = WS_LABEL_NONE;
	}
}

static void decide(const struct ws_rule *rules, const struct ws_mask *m, const struct ws_facts *f,
		   struct ws_outcome *o)
{
	ws_decide(rules, m, f, NULL, NULL, o);
}

static void test_strongest_names_the_verdict(void **state)
{
	struct ws_rule rules[WS_RULES_MAX];
	struct ws_mask m = { 0 };
	struct ws_facts f = { 0 };
	struct ws_outcome o;

	(void)state;
	fill(rules);
	decide(rules, &m, &f, &o);
	assert_int_equal(o.rule, WS_RULE_NONE);
	assert_int_equal(o.action, WS_ALLOW);
	assert_true(ws_mask_empty(&o.fired));

	m.w[3] = 1ULL << 63; /* 255 */
	decide(rules, &m, &f, &o);
	assert_int_equal(o.rule, 255);
	assert_int_equal(o.action, WS_ALERT);
	m.w[2] = 1; /* 128 */
	m.w[1] = 1; /* 64 */
	rules[64].label = 3;
	rules[128].label = 63;
	decide(rules, &m, &f, &o);
	assert_int_equal(o.rule, 64);
	assert_int_equal(o.action, WS_KILL);
	/* the others fire as well, and set their labels */
	assert_memory_equal(&o.fired, &m, sizeof(m));
	assert_true(o.labels == (1ULL << 3 | 1ULL << 63));
}

static void test_labels_demanded(void **state)
{
	struct ws_rule rules[WS_RULES_MAX];
	struct ws_mask m = { { 1 } };
	struct ws_facts f = { 0 };
	struct ws_outcome o;

	(void)state;
	fill(rules);
	rules[0].need_scope = 1ULL << 2 | 1ULL << 40;
	decide(rules, &m, &f, &o);
	assert_int_equal(o.rule, WS_RULE_NONE);
	f.scope_labels = 1ULL << 2;
	f.session_labels = ~0ULL;
	decide(rules, &m, &f, &o);
	assert_int_equal(o.rule, WS_RULE_NONE); /* one of the two, and the session's do not count */
	f.scope_labels |= 1ULL << 40;
	decide(rules, &m, &f, &o);
	assert_int_equal(o.rule, 0);
	rules[0].need_session = 1ULL << 5;
	f.session_labels = 0;
	decide(rules, &m, &f, &o);
	assert_int_equal(o.rule, WS_RULE_NONE);
}

static void test_a_missing_counter_fires(void **state)
{
	struct ws_rule rules[WS_RULES_MAX];
	struct ws_mask m = { { 1 } };
	struct ws_facts f = { 0 };
	struct ws_outcome o;

	(void)state;
	fill(rules);
	rules[0].count_of = WS_COUNT_TIMES;
	rules[0].over = 1000;
	decide(rules, &m, &f, &o);
	assert_int_equal(o.rule, 0); /* fail closed */
}

static void test_counting_times(void **state)
{
	struct ws_rule r = { .count_of = WS_COUNT_TIMES, .over = 3 };
	struct ws_counter c = { 0 };
	struct ws_facts f = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_false(ws_count(&r, &c, &f));
	assert_true(ws_count(&r, &c, &f));
	assert_true(ws_count(&r, &c, &f)); /* and stays so */
}

static void test_counting_window(void **state)
{
	struct ws_rule r = { .count_of = WS_COUNT_TIMES, .over = 1, .within = 10 };
	struct ws_counter c = { .window_start = 1000 };
	struct ws_facts f = { .now = 1000 };

	(void)state;
	assert_false(ws_count(&r, &c, &f));
	f.now += 10 * 1000000; /* the last moment within */
	assert_true(ws_count(&r, &c, &f));
	f.now += 1;
	assert_false(ws_count(&r, &c, &f));
	assert_int_equal(c.window_start, f.now);
}

static void test_counting_objects(void **state)
{
	struct ws_rule r = { .count_of = WS_COUNT_PATHS, .over = 2 };
	struct ws_counter c = { 0 };
	struct ws_facts f = { .object = 7 };
	unsigned n = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_false(ws_count(&r, &c, &f)); /* one object, however often */
	f.object = 8;
	assert_false(ws_count(&r, &c, &f));
	f.object = 9;
	assert_true(ws_count(&r, &c, &f));
	f.object = 7;
	assert_true(ws_count(&r, &c, &f)); /* passed is passed */

	/* the largest threshold a rule may ask for (rule_check.c) is reached in reasonable time */
	r.over = 200;
	c = (struct ws_counter){ 0 };
	for (f.object = 1; !ws_count(&r, &c, &f); f.object++)
		n++;
	assert_true(n >= 200 && n < 1000);
}

static void test_counting_bytes(void **state)
{
	struct ws_rule r = { .count_of = WS_COUNT_BYTES, .over = 1000 };
	struct ws_counter c = { 0 };
	struct ws_facts f = { .amount = 500 };

	(void)state;
	assert_false(ws_count(&r, &c, &f));
	assert_false(ws_count(&r, &c, &f)); /* 1000 is not over 1000 */
	f.amount = 1;
	assert_true(ws_count(&r, &c, &f));
	c.count = 0;
	f.amount = 1ULL << 40;
	assert_true(ws_count(&r, &c, &f));
}

static void test_narrowing(void **state)
{
	static struct ws_policy p;
	const struct ws_mask match = { { 2 } }, except = { { 4 } }, all = { { 7 } };
	struct ws_mask cand;

	(void)state;
	/* rule 0: no path; rule 1: path matches; rule 2: path matches, excepted */
	p.any_path = (struct ws_mask){ { 1 | 4 } };
	for (int i = 0; i < WS_PLACE_MAX; i++)
		p.by_place[i] = all;
	cand = all;
	ws_narrow_path(&cand, &p, &match, &except, WS_PLACE_HOME);
	assert_int_equal(cand.w[0], 3);
	p.by_place[WS_PLACE_UNKNOWN] = (struct ws_mask){ { 1 } };
	cand = all;
	ws_narrow_path(&cand, &p, &match, &except, WS_PLACE_UNKNOWN);
	assert_int_equal(cand.w[0], 1);
	cand = all;
	ws_narrow_path(&cand, &p, &match, &except, 1234); /* nonsense is unknown */
	assert_int_equal(cand.w[0], 1);
	p.except_place[WS_PLACE_TMP] = (struct ws_mask){ { 2 } };
	cand = all;
	ws_narrow_path(&cand, &p, &match, &except, WS_PLACE_TMP);
	assert_int_equal(cand.w[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lowest_bit),
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_strongest_names_the_verdict),
		cmocka_unit_test(test_labels_demanded),
		cmocka_unit_test(test_a_missing_counter_fires),
		cmocka_unit_test(test_counting_times),
		cmocka_unit_test(test_counting_window),
		cmocka_unit_test(test_counting_objects),
		cmocka_unit_test(test_counting_bytes),
		cmocka_unit_test(test_narrowing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
