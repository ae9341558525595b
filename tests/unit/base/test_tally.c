// SPDX-License-Identifier: GPL-2.0-only
/* test_tally.c - counting by key, within bounds. */
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "base/tally.h"

static void counts_by_key(void **state)
{
	struct tally t = TALLY_INIT(1000);
	struct tally_key a = { 1, 2, 3 }, b = { 1, 2, 4 };

	(void)state;
	assert_int_equal(tally_get(&t, a), 0);
	assert_int_equal(tally_add(&t, a), 1);
	assert_int_equal(tally_add(&t, a), 2);
	assert_int_equal(tally_add(&t, b), 1);
	assert_int_equal(tally_get(&t, a), 2);
	assert_int_equal(tally_get(&t, b), 1);
	tally_free(&t);
	assert_int_equal(tally_get(&t, a), 0);
}

static void stays_bounded(void **state)
{
	struct tally t = TALLY_INIT(100);

	(void)state;
	for (uint64_t i = 0; i < 100000; i++)
		tally_add(&t, (struct tally_key){ .scope = i % 3, .what = 9, .object = i });
	assert_in_range(t.used, 100, 125);
	assert_in_range(t.room, 1, 1024);
	/* what found no slot is counted together */
	assert_true(tally_get(&t, (struct tally_key){ .scope = 1, .what = 9 }) > 30000);
	tally_free(&t);
}

static void bounds_to_the_key(void **state)
{
	struct tally t = TALLY_INIT(8);

	(void)state;
	for (uint64_t i = 1; i <= 9; i++)
		assert_int_equal(tally_add(&t, (struct tally_key){ 1, 9, i }), 1);
	assert_int_equal(tally_get(&t, (struct tally_key){ 1, 9, 8 }), 1);
	assert_int_equal(tally_get(&t, (struct tally_key){ 1, 9, 9 }), 0);
	assert_int_equal(tally_get(&t, (struct tally_key){ 1, 9, 0 }), 1);
	/* two of these: a quarter of eight */
	assert_int_equal(tally_add(&t, (struct tally_key){ 2, 9, 1 }), 1);
	assert_int_equal(t.overflow, 0);
	assert_int_equal(tally_add(&t, (struct tally_key){ 3, 9, 1 }), 1);
	assert_int_equal(t.overflow, 1);
	assert_int_equal(t.used, 10);
	tally_free(&t);
}

static void survives_growth(void **state)
{
	struct tally t = TALLY_INIT(50000);

	(void)state;
	for (uint64_t round = 1; round <= 2; round++)
		for (uint64_t i = 0; i < 20000; i++)
			assert_int_equal(tally_add(&t, (struct tally_key){ i >> 3, i & 7, i }),
					 round);
	assert_int_equal(t.used, 20000);
	tally_free(&t);
}

static void which_repetitions_are_reported(void **state)
{
	(void)state;
	assert_true(tally_worth(1, 10));
	assert_true(tally_worth(10, 10));
	assert_false(tally_worth(11, 10));
	assert_true(tally_worth(16, 10));
	assert_false(tally_worth(17, 10));
	assert_true(tally_worth(1024, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_by_key),
		cmocka_unit_test(stays_bounded),
		cmocka_unit_test(bounds_to_the_key),
		cmocka_unit_test(survives_growth),
		cmocka_unit_test(which_repetitions_are_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
