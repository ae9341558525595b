// SPDX-License-Identifier: GPL-2.0-only
/* test_secret_value.c - which values, standing where a secret may stand, are one. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/secret_value.h"
#include "sanitize/spans.h"

static void values_of_names(void **state)
{
	static const struct {
		enum secret_name name;
		const char *value;
		bool secret;
	} table[] = {
		{ SECRET_NAME_NONE, "0123456789abcdef0123456789abcdef", false },
		{ SECRET_NAME_MAYBE, "0123456789abcdef0123456789abcdef", true },
		{ SECRET_NAME_MAYBE, "a-name", false },
		{ SECRET_NAME_MAYBE, "0123456789abcde", false }, /* one short of 16 */
		{ SECRET_NAME_MAYBE, "0123456789abcdef", true },
		{ SECRET_NAME_MAYBE, "0123456789+/=_-.%abcdef", true },
		{ SECRET_NAME_MAYBE, "0123456789abcdef!", false },
		{ SECRET_NAME_MAYBE, "1234567890123456", true },
		{ SECRET_NAME_MAYBE, "abcdefghijklmnopqrstuvwxyz", false },
		{ SECRET_NAME_MAYBE, "abcdefghijklmnopqrstuvwxyzabcdefghijklmn", true },
		{ SECRET_NAME_MAYBE, "~0123456789abcdef", false },
		{ SECRET_NAME_KEY, "abc", true },
		{ SECRET_NAME_KEY, "/etc/ssl/x.pem", false },
		{ SECRET_NAME_KEY, "~/.ssh/id", false },
		{ SECRET_NAME_KEY, "/run/key", false },
		{ SECRET_NAME_KEY, "/k.x", false },
		{ SECRET_NAME_KEY, "/abcdef", true },
		{ SECRET_NAME_KEY, "server.key", false },
		{ SECRET_NAME_KEY, "serverkey", true },
		{ SECRET_NAME_KEY, ".key", false },
		{ SECRET_NAME_SURE, "/etc/ssl/x.pem", true },
		{ SECRET_NAME_SURE, "nonetheless", true },
		{ SECRET_NAME_SURE, "none", false },
		{ SECRET_NAME_SURE, "$TOKEN", false },
		{ SECRET_NAME_SURE, "process.env.TOKEN", false },
		{ SECRET_NAME_SURE, REDACTED, false },
		{ SECRET_NAME_SURE, "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (secret_value(table[i].name, table[i].value, strlen(table[i].value)) !=
		    table[i].secret)
			fail_msg("%s is %sa secret", table[i].value, table[i].secret ? "not " : "");
}

static void users_and_passwords(void **state)
{
	static const struct {
		const char *text;
		size_t secret; /* where it begins */
	} table[] = {
		{ "me:pw", 3 },
		{ "me:$PW", 6 },
		{ "me", 2 },
		{ "me:", 3 },
		{ "1000:1000", 9 },
		{ "1000:a", 5 },
		{ "http://h", 8 },
		{ "", 0 },
		{ "abcdefghijklmnopqrst:x", 0 }, /* a token in the place of the user */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_int_equal(secret_of_user(table[i].text, strlen(table[i].text), ':'),
				 table[i].secret);
}

/* Other separators have no meaning but that one. */
static void other_separators(void **state)
{
	(void)state;
	assert_int_equal(secret_of_user("me,pw", 5, ','), 3);
	assert_int_equal(secret_of_user("me%pw", 5, '%'), 3);
	assert_int_equal(secret_of_user("1/2", 3, '/'), 2);
	assert_int_equal(secret_of_user("me:pw", 5, '/'), 5);
	assert_int_equal(secret_of_user("me/$PW", 6, '/'), 6);
}

static void random_values(void **state)
{
	(void)state;
	assert_true(secret_is_random("0123456789abcdef", 16));
	assert_false(secret_is_random("0123456789abcde", 15));
	assert_false(secret_is_random("abcdefghijklmnop", 16));
	assert_false(secret_is_random("0123456789abcde!", 16));
	assert_true(secret_all_digits("0123", 4));
	assert_false(secret_all_digits("012a", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_names),
		cmocka_unit_test(users_and_passwords),
		cmocka_unit_test(other_separators),
		cmocka_unit_test(random_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
