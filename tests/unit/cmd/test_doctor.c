// SPDX-License-Identifier: GPL-2.0-only
/* test_doctor.c - the report when rules cannot be read, or the kernel side not loaded: it says at
 * which stage and why, and claims nothing. (With the kernel side: tests/doctor.) */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/doctor.h"
#include "cmocka_all.h"
#include "in_child.h"

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void no_such_rules(void **state)
{
	static const char *const dirs[] = { "/nonexistent/rules", NULL };
	struct doctor_options o = { .rules = dirs };
	enum doctor_verdict verdict = DOCTOR_ALL;
	_json_ json_t *report = doctor_examine(&o, &verdict);
	const char *missing;

	(void)state;
	assert_int_equal(verdict, DOCTOR_NOT);
	/* without the rights to try, it is not known */
	missing = text(json_object_get(report, "kernel"), "missing_capabilities");
	assert_string_equal(text(report, "enforcement"), *missing ? "unknown" : "no");
	assert_string_equal(text(report, "failed"), "rules");
	assert_non_null(strstr(text(report, "error"), "/nonexistent/rules"));
	assert_string_equal(text(report, "version"), WORMSIGN_VERSION);
	assert_true(json_is_object(json_object_get(report, "kernel")));
	assert_null(json_object_get(report, "rules"));
	assert_null(json_object_get(report, "hooks"));
}

static int without_rights(void)
{
	struct doctor_options o = { 0 };
	enum doctor_verdict verdict = DOCTOR_ALL;
	_json_ json_t *report = NULL;
	const char *failed;

	CHECK(geteuid() != 0 || syscall(SYS_setresuid, 54321, 54321, 54321) == 0);
	report = doctor_examine(&o, &verdict);
	CHECK(verdict == DOCTOR_NOT);
	CHECK(strcmp(text(report, "enforcement"), "unknown") == 0);
	failed = text(report, "failed");
	/* where this user may not read the rules either, that comes first */
	CHECK(strcmp(failed, "kernel") == 0 || strcmp(failed, "rules") == 0);
	CHECK(text(report, "error")[0]);
	CHECK(!json_object_get(report, "hooks") && !json_object_get(report, "rules"));
	return 0;
}

static void no_rights(void **state)
{
	(void)state;
	in_child(without_rights);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_such_rules),
		cmocka_unit_test(no_rights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
