// SPDX-License-Identifier: GPL-2.0-only
/* test_error.c - the first explanation stays, on one line, within its room. */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "cmocka_all.h"

static void explains_and_returns(void **state)
{
	struct error e = { "" };

	(void)state;
	assert_int_equal(error_set(&e, -ENOENT, "rules %s: %d", "/x", 3), -ENOENT);
	assert_string_equal(e.text, "rules /x: 3");
	assert_int_equal(error_set(NULL, -EIO, "%s", "not wanted"), -EIO);
}

static void the_first_one_stays(void **state)
{
	struct error e = { "" };

	(void)state;
	error_set(&e, -ENOENT, "the cause");
	assert_int_equal(error_set(&e, -EINVAL, "what follows from it"), -EINVAL);
	assert_string_equal(e.text, "the cause");
}

/* A file name is the attacker's: no second line, no escape sequence. */
static void one_line(void **state)
{
	struct error e = { "" };

	(void)state;
	error_set(&e, -EINVAL, "a%sb", "\n\033[2J\x7f\t\xc3\xbc");
	assert_string_equal(e.text, "a??[2J??\xc3\xbc"
				    "b");
}

static void longer_than_its_room(void **state)
{
	struct error e = { "" };
	char text[2 * ERROR_TEXT];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	error_set(&e, -EINVAL, "%s", text);
	assert_int_equal(strlen(e.text), ERROR_TEXT - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(explains_and_returns),
		cmocka_unit_test(the_first_one_stays),
		cmocka_unit_test(one_line),
		cmocka_unit_test(longer_than_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
