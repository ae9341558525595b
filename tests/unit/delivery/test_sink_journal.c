// SPDX-License-Identifier: GPL-2.0-only
/* test_sink_journal.c - the fields of an event. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/sink_journal.h"

static bool holds(const struct buf *fields, const char *field)
{
	for (size_t at = 0; at < fields->len; at += strlen(fields->at + at) + 1)
		if (strcmp(fields->at + at, field) == 0)
			return true;
	return false;
}

static void are_named(void **state)
{
	static const char *const wanted[] = { "SYSLOG_IDENTIFIER=wormsign",
					      "MESSAGE=two\nlines = one",
					      "PRIORITY=2",
					      "WORMSIGN_EVENT_ID=a-1",
					      "WORMSIGN_RULE=r",
					      "WORMSIGN_PID=42",
					      "WORMSIGN_JSON={}" };
	_json_ json_t *v = json_pack("{s:s,s:{s:s,s:i},s:{s:s},s:{s:i},s:{s:[]}}", "message",
				     "two\nlines = one", "event", "id", "a-1", "severity", 99,
				     "rule", "id", "r", "process", "pid", 42, "package", "name");
	_buf_ struct buf fields = BUF_INIT;
	size_t count = 0;

	(void)state;
	journal_fields(&fields, v, "{}");
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		assert_true(holds(&fields, wanted[i]));
	for (size_t at = 0; at < fields.len; at += strlen(fields.at + at) + 1)
		count++;
	assert_int_equal(count, ARRAY_SIZE(wanted)); /* a list is no value of a field */
}

static void of_an_event_without_any(void **state)
{
	_buf_ struct buf fields = BUF_INIT;

	(void)state;
	journal_fields(&fields, NULL, "x");
	assert_true(holds(&fields, "PRIORITY=6"));
	assert_true(holds(&fields, "WORMSIGN_JSON=x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_named),
		cmocka_unit_test(of_an_event_without_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
