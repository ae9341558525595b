// SPDX-License-Identifier: GPL-2.0-only
/* test_withheld.c - names of withheld variables, each once. */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "events/withheld.h"

static void each_once(void **state)
{
	struct withheld w = { 0 };
	const char *name;

	(void)state;
	withheld_add(&w, "A\0TOKEN", sizeof("A\0TOKEN"));
	withheld_add(&w, "TOKEN\0B", sizeof("TOKEN\0B"));
	assert_int_equal(w.count, 3);
	assert_int_equal(w.scripts, 2);
	name = withheld_next(&w, NULL);
	assert_string_equal(name, "A");
	name = withheld_next(&w, name);
	assert_string_equal(name, "TOKEN");
	name = withheld_next(&w, name);
	assert_string_equal(name, "B");
	assert_null(withheld_next(&w, name));
}

static void cut(void **state)
{
	struct withheld w = { 0 };

	(void)state;
	withheld_add(&w, "WHOLE\0CU", 8); /* no NUL behind the second one */
	assert_int_equal(w.count, 1);
	assert_null(withheld_next(&w, withheld_next(&w, NULL)));
}

static void full(void **state)
{
	struct withheld w = { 0 };
	char name[64];

	(void)state;
	for (int i = 0; i < 1000; i++)
		withheld_add(&w, name, (size_t)snprintf(name, sizeof(name), "VARIABLE_%d", i) + 1);
	assert_int_equal(w.count + w.left_out, 1000);
	assert_true(w.left_out > 0 && w.len <= sizeof(w.names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_once),
		cmocka_unit_test(cut),
		cmocka_unit_test(full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
