// SPDX-License-Identifier: GPL-2.0-only
/* test_decide.c - the one decision function: order, labels, counts, windows. */
#include "decide.h"

#include <pthread.h>
#include <string.h>

#include "base/cleanup.h"
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

#define ALL_RULES ((struct ws_mask){ { ~0ULL, ~0ULL, ~0ULL, ~0ULL } })

static void start(struct ws_candidates *c, struct ws_policy *p, uint64_t rules)
{
	p->by_op[WS_OP_READ][WS_ACTOR_PACKAGE] = (struct ws_mask){ { rules } };
	ws_candidates(c, p, WS_OP_READ, WS_ACTOR_PACKAGE);
}

static void test_candidates(void **state)
{
	static struct ws_policy p;
	struct ws_candidates c;

	(void)state;
	p.by_op[WS_OP_SEND][WS_ACTOR_JOB] = (struct ws_mask){ { 2, 0, 0, 8 } };
	ws_candidates(&c, &p, WS_OP_SEND, WS_ACTOR_JOB);
	assert_true(c.left.w[0] == 2 && !c.left.w[1] && !c.left.w[2] && c.left.w[3] == 8);
	assert_true(c.missed[WS_IF_ON].w[0] == ~2ULL && c.missed[WS_IF_ON].w[3] == ~8ULL);
	ws_candidates(&c, &p, WS_OP_SEND, WS_ACTOR_PACKAGE);
	assert_true(ws_mask_empty(&c.left));
	ws_candidates(&c, &p, WS_OP_MAX, WS_ACTOR_JOB); /* nonsense meets no rule */
	assert_true(ws_mask_empty(&c.left));
	ws_candidates(&c, &p, WS_OP_SEND, 1234);
	assert_true(ws_mask_empty(&c.left));
}

/* Each condition rules out what it does not meet, and the first one that does is remembered. */
static void test_narrowing_by_subject(void **state)
{
	static struct ws_policy p;
	const struct ws_mask enabled = { { 7 } }, exe = { { 11 } }, package = { { 1 | 4 | 8 } };
	struct ws_candidates c;

	(void)state;
	start(&c, &p, 15);
	ws_narrow_subject(&c, &enabled, &exe, &package);
	assert_int_equal(c.left.w[0], 1);
	assert_int_equal(c.missed[WS_IF_SESSION].w[0], 8);
	assert_int_equal(c.missed[WS_IF_EXE].w[0], 4);
	assert_int_equal(c.missed[WS_IF_PACKAGE].w[0], 2);
}

static void test_met(void **state)
{
	const struct ws_mask any = { { 1 } }, match = { { 6 } }, except = { { 4 | 8 } };
	struct ws_mask m;

	(void)state;
	ws_met(&m, &any, &match, &except);
	assert_int_equal(m.w[0], 3);
	assert_true(!m.w[1] && !m.w[2] && !m.w[3]);
}

static void test_narrowing_by_path(void **state)
{
	static struct ws_policy p;
	const struct ws_mask match = { { 2 } }, except = { { 4 } };
	struct ws_candidates c;

	(void)state;
	/* rule 0: no path; rule 1: path matches; rule 2: no path, excepted; rule 3: another path */
	p.any_path = (struct ws_mask){ { 1 | 4 } };
	for (int i = 0; i < WS_PLACE_MAX; i++)
		p.by_place[i] = ALL_RULES;
	start(&c, &p, 15);
	ws_narrow_path(&c, &p, &match, &except, WS_PLACE_BIT(WS_PLACE_HOME));
	assert_int_equal(c.left.w[0], 3);
	assert_int_equal(c.missed[WS_IF_PATH].w[0], 8);
	assert_int_equal(c.missed[WS_IF_UNLESS_PATH].w[0], 4);
	p.by_place[WS_PLACE_UNKNOWN] = (struct ws_mask){ { 1 } };
	start(&c, &p, 15);
	ws_narrow_path(&c, &p, &match, &except, WS_PLACE_BIT(WS_PLACE_UNKNOWN));
	assert_int_equal(c.left.w[0], 1);
	assert_int_equal(c.missed[WS_IF_PLACE].w[0], 2);
	start(&c, &p, 15);
	ws_narrow_path(&c, &p, &match, &except, 1u << 20 | 1); /* nonsense is unknown */
	assert_int_equal(c.left.w[0], 1);
	start(&c, &p, 15);
	ws_narrow_path(&c, &p, &match, &except, 0); /* and so is nothing */
	assert_int_equal(c.left.w[0], 1);
	p.except_place[WS_PLACE_TMP] = (struct ws_mask){ { 2 } };
	start(&c, &p, 15);
	ws_narrow_path(&c, &p, &match, &except, WS_PLACE_BIT(WS_PLACE_TMP));
	assert_int_equal(c.left.w[0], 1);
	assert_int_equal(c.missed[WS_IF_UNLESS_PLACE].w[0], 2);
	start(&c, &p, 15);
	ws_narrow_no_path(&c, &p);
	assert_int_equal(c.left.w[0], 1 | 4);
}

/* `place` is met if one of the places is in it, `unless.place` only if all are. */
static void test_narrowing_by_places(void **state)
{
	static const struct {
		uint32_t places;
		uint64_t left;
	} table[] = {
		{ 1u << WS_PLACE_HOME, 1 | 8 },
		{ 1u << WS_PLACE_TMP, 2 },
		{ 1u << WS_PLACE_PROJECT, 4 | 8 },
		{ 1u << WS_PLACE_HOME | 1u << WS_PLACE_TMP, 1 | 2 | 8 },
		{ 1u << WS_PLACE_HOME | 1u << WS_PLACE_PROJECT | 1u << WS_PLACE_TMP,
		  1 | 2 | 4 | 8 },
		{ 1u << WS_PLACE_TMP | 1u << WS_PLACE_CACHE, 2 },
		{ 1u << WS_PLACE_MADE | 1u << WS_PLACE_CACHE, 8 },
	};
	static const struct ws_mask none;
	static struct ws_policy p;
	struct ws_candidates c;

	(void)state;
	/* rules 0, 1, 2: home, tmp, project; rule 3: any place but tmp and cache */
	p.any_path = ALL_RULES;
	for (int i = 0; i < WS_PLACE_MAX; i++)
		p.by_place[i].w[0] = 8;
	p.by_place[WS_PLACE_HOME].w[0] |= 1;
	p.by_place[WS_PLACE_TMP].w[0] |= 2;
	p.by_place[WS_PLACE_PROJECT].w[0] |= 4;
	p.except_place[WS_PLACE_TMP].w[0] = p.except_place[WS_PLACE_CACHE].w[0] = 8;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		start(&c, &p, 15);
		ws_narrow_path(&c, &p, &none, &none, table[i].places);
		assert_int_equal(c.left.w[0], table[i].left);
		assert_int_equal(c.left.w[0] | c.missed[WS_IF_PLACE].w[0] |
					 c.missed[WS_IF_UNLESS_PLACE].w[0],
				 15);
	}
	assert_int_equal(ws_main_place(0), WS_PLACE_ELSEWHERE);
	assert_int_equal(ws_main_place(1u << WS_PLACE_TOOLS), WS_PLACE_TOOLS);
	assert_int_equal(ws_main_place(1u << WS_PLACE_PROJECT | 1u << WS_PLACE_HOME),
			 WS_PLACE_HOME);
	assert_true(ws_moves_names_below(WS_OP_RENAME, false,
					 1u << WS_PLACE_TMP | 1u << WS_PLACE_HOME));
	assert_true(ws_moves_names_below(WS_OP_UNLINK, false, 1u << WS_PLACE_MADE));
	assert_false(
		ws_moves_names_below(WS_OP_UNLINK, false, 1u << WS_PLACE_TMP | 1u << WS_PLACE_OWN));
	assert_false(ws_moves_names_below(WS_OP_WRITE, true, 1u << WS_PLACE_HOME));
	assert_false(ws_moves_names_below(WS_OP_CREATE, false, 1u << WS_PLACE_HOME));
	assert_true(ws_moves_names_below(WS_OP_CREATE, true, 1u << WS_PLACE_HOME));
	assert_false(ws_moves_names_below(WS_OP_CREATE, true, 1u << WS_PLACE_OWN));
}

static void test_guards_below(void **state)
{
	struct ws_policy p = { 0 };
	struct ws_mask above = { .w = { 5, [WS_MASK_WORDS - 1] = 1 } };

	(void)state;
	p.except_place[WS_PLACE_OWN].w[0] = 1;
	p.except_place[WS_PLACE_MADE].w[0] = 2;
	assert_false(ws_guards_below(&p, &above));
	p.except_place[WS_PLACE_MADE].w[WS_MASK_WORDS - 1] = 3;
	assert_true(ws_guards_below(&p, &above));
	p.except_place[WS_PLACE_MADE] = (struct ws_mask){ .w = { 4 } };
	assert_true(ws_guards_below(&p, &above));
	assert_false(ws_guards_below(&p, &(struct ws_mask){ 0 }));
}

static void test_narrowing_by_argv(void **state)
{
	static struct ws_policy p;
	const struct ws_mask match = { { 2 } };
	struct ws_candidates c;

	(void)state;
	p.any_argv = (struct ws_mask){ { 1 } };
	start(&c, &p, 7);
	ws_narrow_argv(&c, &p, &match);
	assert_int_equal(c.left.w[0], 3);
	assert_int_equal(c.missed[WS_IF_ARGV].w[0], 4);
	start(&c, &p, 7);
	ws_narrow_argv(&c, &p, NULL);
	assert_int_equal(c.left.w[0], 1);
}

static void test_narrowing_by_address(void **state)
{
	static struct ws_policy p;
	const struct ws_mask address = { { 2 } }, port = { { 4 } };
	struct ws_candidates c;

	(void)state;
	/* rule 0: neither; rule 1: the address; rule 2: the port; rule 3: neither, POST */
	p.any_address = (struct ws_mask){ { 1 | 4 | 8 } };
	p.any_port = (struct ws_mask){ { 1 | 2 | 8 } };
	p.by_http[WS_HTTP_NONE] = (struct ws_mask){ { 1 | 2 | 4 } };
	p.by_http[WS_HTTP_POST] = ALL_RULES;
	start(&c, &p, 15);
	ws_narrow_address(&c, &p, &address, &port, 1u << WS_HTTP_POST | 1u << WS_HTTP_GET);
	assert_int_equal(c.left.w[0], 15);
	start(&c, &p, 15);
	ws_narrow_address(&c, &p, &address, NULL, 1u << WS_HTTP_NONE);
	assert_int_equal(c.left.w[0], 1 | 2);
	assert_int_equal(c.missed[WS_IF_HTTP].w[0], 8);
	assert_int_equal(c.missed[WS_IF_PORT].w[0], 4);
	start(&c, &p, 15);
	ws_narrow_address(&c, &p, NULL, &port, 1u << WS_HTTP_MAX); /* nonsense is no method */
	assert_int_equal(c.left.w[0], 1 | 4);
	assert_int_equal(c.missed[WS_IF_ADDRESS].w[0], 2);
}

struct hammer {
	struct ws_counter *counter;
	unsigned from, passed;
};

#define HAMMER_TIMES 20000

static void *hammer(void *arg)
{
	static const struct ws_rule paths = { .count_of = WS_COUNT_PATHS, .over = 255 },
				    times = { .count_of = WS_COUNT_TIMES,
					      .over = 2 * HAMMER_TIMES - 1 };
	struct hammer *h = arg;

	for (unsigned i = 0; i < HAMMER_TIMES; i++) {
		struct ws_facts f = { .now = 1, .object = i };

		ws_count(&paths, &h->counter[0], &f);
		h->passed += ws_count(&times, &h->counter[1], &f);
	}
	return NULL;
}

/* Two CPUs count at once: nothing is lost, and exactly one of them passes the threshold. */
static void test_counting_is_atomic(void **state)
{
	struct ws_counter counters[2] = { 0 };
	struct hammer a = { .counter = counters }, b = { .counter = counters };
	unsigned seen = 0;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, hammer, &a), 0);
	hammer(&b);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(counters[1].count, 2 * HAMMER_TIMES);
	assert_int_equal(a.passed + b.passed, 1);
	for (unsigned i = 0; i < 4; i++)
		seen += __builtin_popcountll(counters[0].seen[i]);
	assert_int_equal(counters[0].count, seen);
}

/* Among installed packages a mode that takes nothing away and lets nobody in does not matter. */
static void test_modes(void **state)
{
	static const struct {
		unsigned mode;
		bool matters;
	} file[] = {
		{ 0755, false }, { 0644, false }, { 0555, false }, { 0444, false }, { 0745, false },
		{ 0, true },	 { 0600, true },  { 0700, true },  { 0640, true },  { 0333, true },
		{ 0666, true },	 { 0664, true },  { 0777, true },  { 0646, true },  { 04755, true },
		{ 02755, true }, { 01755, true }, { 0044, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
		if (ws_mode_matters(0100000 | file[i].mode, WS_PLACE_BIT(WS_PLACE_MODULES)) !=
		    file[i].matters)
			fail_msg("%o", file[i].mode);
		for (unsigned place = 0; place < WS_PLACE_MAX; place++)
			if (place != WS_PLACE_MODULES &&
			    !ws_mode_matters(0100000 | file[i].mode, WS_PLACE_BIT(place)))
				fail_msg("%o at place %u", file[i].mode, place);
	}
	/* a directory that cannot be searched is closed */
	assert_true(ws_mode_matters(0040644, WS_PLACE_BIT(WS_PLACE_MODULES)));
	assert_true(ws_mode_matters(0040700, WS_PLACE_BIT(WS_PLACE_MODULES)));
	assert_true(ws_mode_matters(0041755, WS_PLACE_BIT(WS_PLACE_MODULES)));
	assert_false(ws_mode_matters(0040755, WS_PLACE_BIT(WS_PLACE_MODULES)));
	assert_false(ws_mode_matters(0040555, WS_PLACE_BIT(WS_PLACE_MODULES)));
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
		cmocka_unit_test(test_counting_is_atomic),
		cmocka_unit_test(test_candidates),
		cmocka_unit_test(test_narrowing_by_subject),
		cmocka_unit_test(test_met),
		cmocka_unit_test(test_narrowing_by_path),
		cmocka_unit_test(test_narrowing_by_places),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_guards_below),
		cmocka_unit_test(test_narrowing_by_argv),
		cmocka_unit_test(test_narrowing_by_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
