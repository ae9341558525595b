// SPDX-License-Identifier: GPL-2.0-only
/* test_dfa_store.c - accept sets get a number each, once, up to the limit. */
#include "automaton/dfa_store.h"

#include <errno.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

static struct ws_set numbered(uint32_t n)
{
	return (struct ws_set){ .match.w[0] = n, .except.w[3] = n / 3, .manager = n % 5 };
}

static void begins_with_dead_and_empty(void **state)
{
	static const struct ws_set empty;
	static const struct ws_row dead;
	CLEANUP(dfa_store_done) struct dfa_store s;

	(void)state;
	assert_int_equal(dfa_store_init(&s), 0);
	assert_int_equal(s.row_count, 1);
	assert_int_equal(s.set_count, 1);
	assert_memory_equal(&s.sets[0], &empty, sizeof(empty));
	assert_memory_equal(&s.rows[0], &dead, sizeof(dead));
	dfa_store_done(&s);
	assert_null(s.rows);
}

static void every_set_once_up_to_the_limit(void **state)
{
	CLEANUP(dfa_store_done) struct dfa_store s;
	struct ws_set set;

	(void)state;
	assert_int_equal(dfa_store_init(&s), 0);
	for (uint32_t n = 1; n < DFA_SETS_MAX; n++) {
		set = numbered(n);
		assert_int_equal(dfa_store_set(&s, &set), n);
	}
	assert_int_equal(s.set_count, DFA_SETS_MAX);
	set = numbered(DFA_SETS_MAX);
	assert_int_equal(dfa_store_set(&s, &set), -E2BIG);
	for (uint32_t n = 1; n < DFA_SETS_MAX; n++) { /* known ones still have theirs */
		set = numbered(n);
		assert_int_equal(dfa_store_set(&s, &set), n);
		assert_memory_equal(&s.sets[n], &set, sizeof(set));
	}
	assert_int_equal(s.set_count, DFA_SETS_MAX);
}

/* The low bits are what tables use. */
static void hash_depends_on_every_word(void **state)
{
	uint32_t words[8] = { 0 }, seen[256] = { 0 }, most = 0;
	uint64_t zero = dfa_hash(words, 8);

	(void)state;
	for (int i = 0; i < 8; i++) {
		words[i] = 1;
		assert_int_not_equal(dfa_hash(words, 8), zero);
		words[i] = 0;
	}
	assert_int_not_equal(dfa_hash(words, 7), zero);
	for (words[0] = 0; words[0] < 2560; words[0]++) {
		uint32_t *slot = &seen[dfa_hash(words, 8) & 255];

		if (++*slot > most)
			most = *slot;
	}
	assert_true(most < 40); /* 10 would be even */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_with_dead_and_empty),
		cmocka_unit_test(every_set_once_up_to_the_limit),
		cmocka_unit_test(hash_depends_on_every_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
