// SPDX-License-Identifier: GPL-2.0-only
/* test_event_redact.c - a member that was forgotten, at any depth, as it would stand in the log. */
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/event_redact.h"
#include "sanitize/known_secrets.h"

static int begin(void **state)
{
	struct error e = { 0 };

	(void)state;
	if (known_secrets_open(&e) < 0)
		return -1;
	known_secrets_add("s3cr3t\xff-v4lue", 13);
	known_secrets_add("correcthorse", 12);
	return 0;
}

static int end(void **state)
{
	(void)state;
	known_secrets_close();
	return 0;
}

static void every_string(void **state)
{
	_json_ json_t *e = json_pack(
		"{s:s, s:{s:[s,i,s,{s:s}]}, s:s, s:n, s:b}", "a", "x s3cr3t\\xff-v4lue\xc3\xa9",
		"b", "c", "none", 1, "s3cr3t%ff-v4lue", "d",
		"\\x73\\x33cr3t\\xff-v4lue\\x0a::", "e", "correcthorse", "f", "g", 1);
	_free_ char *text = NULL;

	(void)state;
	assert_true(event_redact(e));
	text = json_dumps(e, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, "{\"a\":\"x [redacted]\xc3\xa9\",\"b\":{\"c\":[\"none\",1,"
				  "\"[redacted]\",{\"d\":\"[redacted]\\n::\"}]},"
				  "\"e\":\"correcthorse\",\"f\":null,\"g\":true}");
}

static void a_string_alone(void **state)
{
	_json_ json_t *e = json_string("s3cr3t\\xff-v4lue");

	(void)state;
	assert_true(event_redact(e));
	assert_string_equal(json_string_value(e), "[redacted]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_string),
		cmocka_unit_test(a_string_alone),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
