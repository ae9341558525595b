// SPDX-License-Identifier: GPL-2.0-only
/* test_cmd_rules.c - `wormsign rules`: its words, its exit statuses, and which stream they go to.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/exit_status.h"
#include "captured.h"
#include "cmd/cmd.h"
#include "cmocka_all.h"
#include "rule_dir.h"

static struct captured shown;
static struct rule_dir dir;

static int make(void **state)
{
	(void)state;
	rule_dir_make(&dir);
	rule_dir_rule(
		&dir, "unit-right", "read", "kill",
		",\"path\":[\"/unit/secret\"],\"tests\":{\"fires\":[{\"op\":\"read\",\"actor\":"
		"\"package\",\"path\":\"/unit/secret\"}],\"quiet\":[{\"op\":\"read\",\"actor\":"
		"\"job\",\"path\":\"/unit/secret\"}]}");
	rule_dir_rule(
		&dir, "unit-wrong", "read", "alert",
		",\"path\":[\"/unit/other\"],\"tests\":{\"fires\":[{\"op\":\"read\",\"actor\":"
		"\"package\",\"path\":\"/unit/another\"}],\"quiet\":[{\"op\":\"read\","
		"\"actor\":\"package\",\"path\":\"/unit/other\"}]}");
	rule_dir_rule(&dir, "unit-untested", "read", "alert", ",\"path\":[\"/unit/untested\"]");
	return 0;
}

static int clear(void **state)
{
	(void)state;
	rule_dir_remove(&dir);
	return 0;
}

static int rules(const char *words)
{
	char line[512];

	snprintf(line, sizeof(line), "rules --rules %s %s", dir.path, words);
	return captured_call(&shown, cmd_rules, line);
}

static void checked(void **state)
{
	(void)state;
	assert_int_equal(rules("check"), 0);
	assert_string_equal(shown.err, "");
	assert_non_null(strstr(shown.out, dir.path));
	assert_non_null(strstr(shown.out, "  states "));
	assert_non_null(strstr(shown.out, "loaded and compiled in "));
}

static void listed(void **state)
{
	(void)state;
	assert_int_equal(rules("list"), 0);
	assert_non_null(strstr(shown.out, "kill   low       unit-right                  t\n"));
	assert_int_equal(rules("list unit-wrong unit-right"), 0);
	assert_int_equal(strncmp(shown.out, "unit-wrong: t\n", 14), 0);
	assert_non_null(strstr(shown.out, "\nunit-right: t\n"));
	assert_int_equal(rules("list unit-right no-such-rule"), STATUS_TROUBLE);
	assert_string_equal(shown.out, "");
	assert_string_equal(shown.err, "wormsign: there is no rule `no-such-rule`\n");
}

static void tested(void **state)
{
	(void)state;
	assert_int_equal(rules("test unit-right"), 0);
	assert_string_equal(shown.out, "1 rules, 2 operations, 0 of them failed\n");
	assert_int_equal(rules("test unit-wrong"), 1);
	assert_non_null(strstr(shown.out, "f/unit-wrong.json: /tests/fires/0: {"));
	assert_non_null(strstr(shown.out, "      does not fire; condition not met: path\n"));
	assert_non_null(strstr(shown.out, "f/unit-wrong.json: /tests/quiet/0: {"));
	assert_non_null(strstr(shown.out, "      fires\n"));
	assert_non_null(strstr(shown.out, "1 rules, 2 operations, 2 of them failed\n"));
	assert_int_equal(rules("test unit-untested unit-right"), 0);
	assert_non_null(strstr(shown.out, "1 rules have no tests\n2 rules, 2 operations"));
	assert_int_equal(rules("test"), 1); /* all, so unit-wrong, too */
	assert_int_equal(rules("test no-such-rule"), STATUS_TROUBLE);
}

static void explained(void **state)
{
	(void)state;
	assert_int_equal(rules("explain read package /unit/secret"), 0);
	assert_non_null(strstr(shown.out, "verdict: kill\n"));
	assert_int_equal(rules("explain read"), STATUS_TROUBLE);
	assert_non_null(strstr(shown.err, "wormsign: explain: needs an operation and an actor"));
	assert_string_equal(shown.out, "");
}

static void misused(const char *line, const char *words)
{
	assert_int_equal(captured_call(&shown, cmd_rules, line), STATUS_TROUBLE);
	assert_non_null(strstr(shown.err, words));
	assert_non_null(strstr(shown.err, "\nTry 'wormsign rules --help'.\n"));
	assert_string_equal(shown.out, "");
}

static void wrong(void **state)
{
	(void)state;
	assert_int_equal(captured_call(&shown, cmd_rules, "rules check /nonexistent"), 1);
	assert_non_null(strstr(shown.err, "/nonexistent"));
	assert_int_equal(captured_call(&shown, cmd_rules, "rules --rules /nonexistent check"), 1);
	assert_non_null(strstr(shown.err, "/nonexistent"));
	assert_string_equal(shown.out, "");
	rule_dir_put(&dir, "f/broken.json", "{");
	assert_int_equal(rules("list"), 1);
	assert_non_null(strstr(shown.err, "f/broken.json"));
	misused("rules", "say what to do: check, list, test or explain");
	misused("rules chekc", "there is no `chekc`");
	misused("rules --no-such check", "--no-such");
	misused("rules list -- x", "`--` does not apply to list");
	assert_int_equal(captured_call(&shown, cmd_rules, "rules --help"), 0);
	assert_int_equal(strncmp(shown.out, "Usage: ", 7), 0);
	assert_string_equal(shown.err, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(checked, make, clear),
		cmocka_unit_test_setup_teardown(listed, make, clear),
		cmocka_unit_test_setup_teardown(tested, make, clear),
		cmocka_unit_test_setup_teardown(explained, make, clear),
		cmocka_unit_test_setup_teardown(wrong, make, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
