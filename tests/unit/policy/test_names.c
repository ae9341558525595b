// SPDX-License-Identifier: GPL-2.0-only
/* test_names.c - every enumeration has a name for each number, and finds the number again. */
#include "policy/names.h"

#include <errno.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy.h"

static void there_and_back(void **state)
{
	static const struct {
		const char *(*name)(unsigned n);
		unsigned first, end;
		const char *some;
		unsigned number;
	} table[] = {
		{ op_name, 1, WS_OP_MAX, "io_uring", WS_OP_IO_URING },
		{ actor_name, 1, WS_ACTOR_MAX, "package", WS_ACTOR_PACKAGE },
		{ action_name, 0, WS_ACTION_MAX, "kill", WS_KILL },
		{ severity_name, 0, WS_SEV_CRITICAL + 1, "high", WS_SEV_HIGH },
		{ place_name, 0, WS_PLACE_MAX, "home", WS_PLACE_HOME },
		{ http_name, 1, WS_HTTP_MAX, "PATCH", WS_HTTP_PATCH },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		for (unsigned n = table[i].first; n < table[i].end; n++) {
			assert_non_null(table[i].name(n));
			if (table[i].name == place_name && n == WS_PLACE_GUARDED)
				continue; /* called "made", too */
			assert_int_equal(name_number(table[i].name, table[i].name(n)), n);
		}
		if (table[i].first)
			assert_null(table[i].name(0));
		assert_null(table[i].name(table[i].end));
		assert_null(table[i].name(~0u));
		assert_int_equal(name_number(table[i].name, table[i].some), table[i].number);
		assert_int_equal(name_number(table[i].name, ""), -ENOENT);
		assert_int_equal(name_number(table[i].name, "none"), -ENOENT);
	}
	assert_int_equal(name_number(op_name, "Read"), -ENOENT);
	assert_int_equal(name_number(op_name, "reads"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
