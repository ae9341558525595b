// SPDX-License-Identifier: GPL-2.0-only
/* test_encoding.c - times and words. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/encoding.h"

static json_int_t ms(const char *text)
{
	_json_ json_t *v = json_string(text);

	return encoding_ms(v);
}

static void times(void **state)
{
	(void)state;
	assert_int_equal(ms("1970-01-01T00:00:01.5Z"), 1500);
	assert_int_equal(ms("1970-01-01T00:01:00.123456789Z"), 60123);
	assert_int_equal(ms("2026-11-29T12:16:42Z"), 1795954602000);
	assert_int_equal(ms("soon"), 0);
	assert_int_equal(encoding_ms(NULL), 0);
}

static void words(void **state)
{
	static const struct encoding_word words[] = { { "21", 2 }, { "a", 3 }, { NULL, 9 } };
	_json_ json_t *number = json_integer(21), *text = json_string("a"), *odd = json_true();

	(void)state;
	assert_int_equal(encoding_word(words, number), 2);
	assert_int_equal(encoding_word(words, text), 3);
	assert_int_equal(encoding_word(words, odd), 9);
	assert_int_equal(encoding_word(words, NULL), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
