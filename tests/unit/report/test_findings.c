// SPDX-License-Identifier: GPL-2.0-only
/* test_findings.c - one entry for each script and rule, within bounds. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "report/findings.h"

static void folds_by_script_and_rule(void **state)
{
	struct findings f = { 0 };
	struct finding one = { .scope = 1, .rule = 2, .action = WS_KILL, .tried = "read /a" };

	(void)state;
	findings_add(&f, &one);
	one.tried = "read /b";
	one.stops = true;
	findings_add(&f, &one);
	one.scope = 2;
	findings_add(&f, &one);
	one.rule = 3;
	findings_add(&f, &one);
	assert_int_equal(f.count, 3);
	assert_int_equal(f.at[0].count, 2);
	assert_string_equal(f.at[0].tried, "read /a");
	assert_true(f.at[0].stops);
	assert_int_equal(finding_kind(&f.at[0]), FINDING_STOPPED);
	findings_free(&f);
	assert_int_equal(f.count, 0);
}

static void destinations_once_each(void **state)
{
	struct findings f = { 0 };

	(void)state;
	findings_connect(&f, 1, WS_ACTOR_PACKAGE, "192.0.2.1:443");
	findings_connect(&f, 1, WS_ACTOR_PACKAGE, "192.0.2.1:443");
	findings_connect(&f, 2, WS_ACTOR_PACKAGE, "192.0.2.1:443");
	assert_int_equal(f.to_count, 2);
	findings_free(&f);
}

static void stay_bounded(void **state)
{
	struct findings f = { 0 };
	char text[32];

	(void)state;
	for (unsigned i = 0; i < FINDINGS_MAX + 10; i++)
		findings_add(&f, &(struct finding){ .scope = i, .tried = "x" });
	for (unsigned i = 0; i < DESTINATIONS_MAX + 5; i++) {
		snprintf(text, sizeof(text), "192.0.2.1:%u", i);
		findings_connect(&f, 1, WS_ACTOR_PACKAGE, text);
	}
	assert_int_equal(f.count, FINDINGS_MAX);
	assert_int_equal(f.left_out, 10);
	assert_int_equal(f.to_count, DESTINATIONS_MAX);
	assert_int_equal(f.to_left_out, 5);
	findings_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_by_script_and_rule),
		cmocka_unit_test(destinations_once_each),
		cmocka_unit_test(stay_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
