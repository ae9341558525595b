// SPDX-License-Identifier: GPL-2.0-only
/* test_record_names.c - each value has a name of its own, and a number out of range has none. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "wire.h"
#include "events/record_names.h"

static void all_different(const char *(*name)(unsigned), unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		assert_non_null(name(i));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(name(i), name(j));
	}
	assert_null(name(count));
	assert_null(name(~0u));
}

static void words(void **state)
{
	(void)state;
	all_different(effect_name, WS_EFFECT_MAX);
	all_different(backend_name, WS_BACKEND_WATCH + 1);
	all_different(mode_name, WS_MODE_AUDIT + 1);
	all_different(lost_name, WS_LOST_MAX);
	all_different(lost_meaning, WS_LOST_MAX);
	all_different(error_place, WS_AT_MAX);
	for (unsigned i = 0; i < WS_AT_MAX; i++)
		assert_non_null(error_helper(i));
	assert_null(error_helper(WS_AT_MAX));
}

static void flags(void **state)
{
	uint32_t seen = 0;

	(void)state;
	for (size_t i = 0; i < flag_name_count; i++) {
		assert_int_equal(seen & flag_names[i].bit, 0);
		seen |= flag_names[i].bit;
	}
	assert_int_equal(seen, WS_F_WAS_STOPPED * 2 - 1); /* all up to the last */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
