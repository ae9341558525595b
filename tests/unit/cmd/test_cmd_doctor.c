// SPDX-License-Identifier: GPL-2.0-only
/* test_cmd_doctor.c - `wormsign doctor`: its options, and the report as text and as JSON. (With the
 * kernel side: tests/doctor.) */
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/exit_status.h"
#include "captured.h"
#include "cmd/cmd.h"
#include "cmd/doctor.h"
#include "cmocka_all.h"

static struct captured shown;

static void wrong(const char *line, const char *words)
{
	assert_int_equal(captured_call(&shown, cmd_doctor, line), STATUS_TROUBLE);
	if (!strstr(shown.err, words))
		fail_msg("%s: %s", line, shown.err);
	assert_non_null(strstr(shown.err, "\nTry 'wormsign doctor --help'.\n"));
	assert_string_equal(shown.out, "");
}

static void wrong_usage(void **state)
{
	char line[512] = "doctor";

	(void)state;
	wrong("doctor --no-such", "--no-such");
	wrong("doctor --rules", "--rules");
	wrong("doctor --backend=x", "--backend is 'x', and must be deny or watch");
	wrong("doctor extra", "unexpected argument 'extra'");
	for (int i = 0; i < 33; i++)
		strcat(line, " --rules a");
	wrong(line, "--rules more than 32 times");
}

static void help(void **state)
{
	(void)state;
	assert_int_equal(captured_call(&shown, cmd_doctor, "doctor --help"), 0);
	assert_int_equal(strncmp(shown.out, "Usage: wormsign doctor", 22), 0);
	assert_string_equal(shown.err, "");
}

/* The status is the verdict, and both forms say the same. */
static void no_rules(void **state)
{
	_json_ json_t *report = NULL;

	(void)state;
	assert_int_equal(captured_call(&shown, cmd_doctor, "doctor --rules=/nonexistent --json"),
			 DOCTOR_NOT);
	report = json_loads(shown.out, 0, NULL);
	assert_non_null(report);
	assert_string_equal(json_string_value(json_object_get(report, "failed")), "rules");
	assert_string_equal(shown.err, "");
	assert_int_equal(captured_call(&shown, cmd_doctor, "doctor --rules=/nonexistent"),
			 DOCTOR_NOT);
	assert_non_null(strstr(shown.out, "/nonexistent"));
	assert_int_equal(strncmp(shown.out, "kernel ", 7), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_usage),
		cmocka_unit_test(help),
		cmocka_unit_test(no_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
