// SPDX-License-Identifier: GPL-2.0-only
/* test_grow.c - an array has room for one more item, and keeps what it holds. */
#include "automaton/grow.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "cmocka_all.h"

static void keeps_all_items(void **state)
{
	uint32_t *at = NULL;
	size_t size = 0, moves = 0;

	(void)state;
	for (size_t i = 0; i < 10000; i++) {
		size_t before = size;

		assert_int_equal(grow(&at, &size, i, sizeof(*at)), 0);
		assert_true(size > i);
		moves += size != before;
		at[i] = (uint32_t)i * 7;
	}
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(at[i], i * 7);
	assert_true(moves < 20); /* it doubles */
	free(at);
}

static void only_when_full(void **state)
{
	char *at = NULL, *before;
	size_t size = 0;

	(void)state;
	assert_int_equal(grow(&at, &size, 0, 1), 0);
	before = at;
	assert_int_equal(grow(&at, &size, size - 1, 1), 0);
	assert_ptr_equal(at, before);
	free(at);
}

static void too_large(void **state)
{
	size_t size = SIZE_MAX / 4;
	char one, *at = &one;

	(void)state;
	assert_int_equal(grow(&at, &size, size, 16), -ENOMEM);
	assert_ptr_equal(at, &one);
	assert_int_equal(size, SIZE_MAX / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_all_items),
		cmocka_unit_test(only_when_full),
		cmocka_unit_test(too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
