// SPDX-License-Identifier: GPL-2.0-only
/* test_host_id.c - one id for a machine, from which its machine id cannot be found. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/host_id.h"

static void made(void **state)
{
	static const char machine[] = "0123456789abcdef0123456789abcdef";
	char one[HOST_ID_LEN], two[HOST_ID_LEN];

	(void)state;
	assert_true(host_id(one, machine));
	assert_int_equal(strlen(one), 32);
	assert_int_equal(strspn(one, "0123456789abcdef"), 32);
	assert_null(strstr(machine, one));
	assert_true(host_id(two, "0123456789ABCDEF0123456789ABCDEF\n"));
	assert_string_equal(one, two);
	assert_true(host_id(two, "0123456789abcdef0123456789abcdee"));
	assert_string_not_equal(one, two);
}

static void none(void **state)
{
	static const char *const bad[] = { "",
					   "\n",
					   "uninitialized\n",
					   "0123456789abcdef",
					   "0123456789abcdef0123456789abcdef0",
					   "0123456789abcdef0123456789abcdeg" };
	char id[HOST_ID_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(host_id(id, bad[i]));
	host_id_here(id);
	assert_true(strlen(id) == 32 || !id[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
