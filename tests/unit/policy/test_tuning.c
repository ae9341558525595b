// SPDX-License-Identifier: GPL-2.0-only
/* test_tuning.c - a site's changes to a rule: read, refused, and applied. */
#include "policy/tuning.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

#define GOOD "\"tune\":\"x\",\"reason\":\"because\",\"expires\":\"2026-12-31\""

static int parse(struct tuning *t, const char *text, struct error *e)
{
	_json_ json_t *v = json_loads(text, 0, NULL);

	if (!v)
		fail_msg("no JSON: %s", text);
	*t = (struct tuning){ 0 };
	return tuning_parse(t, v, "t.json", e);
}

static void test_good(void **state)
{
	CLEANUP(tuning_done) struct tuning t;
	struct error e = { 0 };

	(void)state;
	if (parse(&t,
		  "{" GOOD ",\"action\":\"alert\",\"severity\":\"low\",\"enabled\":true,"
		  "\"unless\":{\"path\":[\"/a\"],\"exe\":[\"/b\"],\"package\":[\"c\"],"
		  "\"place\":[\"tmp\"]}}",
		  &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(t.tune, "x");
	assert_string_equal(t.reason, "because");
	assert_string_equal(t.expires, "2026-12-31");
	assert_string_equal(t.file, "t.json");
	assert_true(t.set_action && t.set_severity && t.set_enabled && t.enabled);
	assert_int_equal(t.change.action, WS_ALERT);
	assert_int_equal(t.change.severity, WS_SEV_LOW);
	assert_string_equal(t.change.unless_path.at[0], "/a");
	assert_string_equal(t.change.unless_exe.at[0], "/b");
	assert_string_equal(t.change.unless_package.at[0], "c");
	assert_int_equal(t.change.unless_places, 1u << WS_PLACE_TMP);
}

/* Each change alone is one, and sets nothing else. */
static void test_one_change(void **state)
{
	static const char *const changes[] = {
		"\"action\":\"allow\"",
		"\"severity\":\"info\"",
		"\"enabled\":false",
		"\"unless\":{\"path\":[\"/a\"]}",
		"\"unless\":{\"exe\":[\"/a\"]}",
		"\"unless\":{\"package\":[\"a\"]}",
		"\"unless\":{\"place\":[\"elsewhere\"]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		_free_ char *text = NULL;
		struct error e = { 0 };
		struct tuning t;

		assert_true(asprintf(&text, "{" GOOD ",%s}", changes[i]) > 0);
		if (parse(&t, text, &e) < 0)
			fail_msg("%s: %s", text, e.text);
		assert_int_equal(t.set_action, i == 0);
		assert_int_equal(t.set_severity, i == 1);
		assert_int_equal(t.set_enabled, i == 2);
		assert_false(t.enabled);
		tuning_done(&t);
		assert_null(t.tune);
	}
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
		{ "{" GOOD "}", "t.json: /: changes nothing" },
		{ "{" GOOD ",\"action\":\"deny\",\"why\":\"w\"}", "t.json: /why: unknown key" },
		{ "{" GOOD ",\"enabled\":1}", "t.json: /enabled: must be true or false" },
		{ "{" GOOD ",\"action\":\"burn\"}", "t.json: /action: unknown name `burn`" },
		{ "{" GOOD ",\"unless\":{}}", "t.json: /unless: must be an object" },
		{ "{" GOOD ",\"unless\":{\"path\":[\"b\"]}}",
		  "t.json: /unless/path/0: pattern `b`" },
		{ "{\"tune\":\"x\",\"reason\":\"r\",\"action\":\"deny\"}",
		  "t.json: /: `expires` is missing" },
		{ "{\"tune\":\"x\",\"expires\":\"2026-12-31\",\"action\":\"deny\"}",
		  "t.json: /: `reason` is missing" },
		{ "{\"reason\":\"r\",\"expires\":\"2026-12-31\",\"action\":\"deny\"}",
		  "t.json: /: `tune` is missing" },
		{ "{\"tune\":\"X\"}", "t.json: /tune: must be 1 to 64" },
		{ "{\"expires\":7}", "t.json: /expires: must be a date" },
		{ "{\"expires\":\"\"}", "t.json: /expires: must be a date" },
		{ "{\"expires\":\"2026-2-28\"}", "t.json: /expires: must be a date" },
		{ "{\"expires\":\"2027-02-29\"}", "t.json: /expires: must be a date" },
		{ "{\"expires\":\"2027-06-31\"}", "t.json: /expires: must be a date" },
		{ "{\"expires\":\"2027-01-01T\"}", "t.json: /expires: must be a date" },
		{ "{\"expires\":\"31-12-2027\"}", "t.json: /expires: must be a date" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct error e = { 0 };
		struct tuning t;

		if (parse(&t, table[i].text, &e) != -EINVAL ||
		    strncmp(e.text, table[i].want, strlen(table[i].want)) != 0)
			fail_msg("%s: `%s`", table[i].text, e.text);
		assert_null(t.tune);
	}
}

/* A day begins and ends at midnight UTC; whatever the date, it can be read. */
static void test_days_left(void **state)
{
	static const struct {
		const char *expires;
		time_t now;
		long days;
	} table[] = {
		{ "2026-02-28", 1772236800 - 1, 1 }, /* 2026-02-28T00:00:00Z, less a second */
		{ "2026-02-28", 1772236800, 0 },
		{ "2026-02-28", 1772236800 + 86399, 0 },
		{ "2026-02-28", 1772236800 + 86400, -1 },
		{ "2028-02-29", 1772236800, 731 },
		{ "1970-01-01", 0, 0 },
		{ "9999-12-31", 1772236800, 2912384 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct tuning t = { .expires = (char *)table[i].expires };

		if (tuning_days_left(&t, table[i].now) != table[i].days)
			fail_msg("row %zu: %ld", i, tuning_days_left(&t, table[i].now));
	}
}

static void apply(struct rule *r, const char *text, int want, struct error *e)
{
	struct tuning t;

	assert_int_equal(parse(&t, text, NULL), 0);
	assert_int_equal(tuning_apply(&t, r, e), want);
	tuning_done(&t);
}

static void test_apply(void **state)
{
	CLEANUP(rule_done)
	struct rule r = { .action = WS_KILL,
			  .severity = WS_SEV_HIGH,
			  .ops = 1u << WS_OP_READ,
			  .actors = 1u << WS_ACTOR_PACKAGE,
			  .unless_places = 1u << WS_PLACE_OWN };
	struct error e = { 0 };

	(void)state;
	r.file = strdup("rule.json");
	strings_add(&r.path, "/p");
	strings_add(&r.unless_exe, "/e");
	apply(&r, "{" GOOD ",\"action\":\"alert\",\"unless\":{\"exe\":[\"/f\",\"/g\"]}}", 0, &e);
	assert_int_equal(r.action, WS_ALERT);
	assert_int_equal(r.severity, WS_SEV_HIGH);
	assert_int_equal(r.unless_exe.count, 3);
	assert_string_equal(r.unless_exe.at[2], "/g");
	assert_string_equal(r.unless_exe.at[1], "/f");
	assert_int_equal(r.unless_places, 1u << WS_PLACE_OWN);
	assert_string_equal(r.tuned, "action kill -> alert, exceptions, until 2026-12-31 (t.json): "
				     "because");
	/* a second one is added to the note */
	apply(&r,
	      "{" GOOD ",\"severity\":\"low\",\"unless\":{\"path\":[\"/p/x\"],\"package\":[\"q\"],"
	      "\"place\":[\"tmp\"]}}",
	      0, &e);
	assert_int_equal(r.action, WS_ALERT);
	assert_int_equal(r.severity, WS_SEV_LOW);
	assert_string_equal(r.unless_path.at[0], "/p/x");
	assert_string_equal(r.unless_package.at[0], "q");
	assert_int_equal(r.unless_places, 1u << WS_PLACE_OWN | 1u << WS_PLACE_TMP);
	assert_string_equal(r.tuned, "action kill -> alert, exceptions, until 2026-12-31 (t.json): "
				     "because; severity high -> low, exceptions, until 2026-12-31 "
				     "(t.json): because");
}

static void test_apply_makes_it_wrong(void **state)
{
	struct rule r = { .file = "rule.json",
			  .action = WS_KILL,
			  .ops = 1u << WS_OP_CONNECT,
			  .actors = 1u << WS_ACTOR_JOB };
	struct error e = { 0 };

	(void)state;
	apply(&r, "{" GOOD ",\"action\":\"hide\"}", -EINVAL, &e);
	assert_string_equal(e.text, "t.json: /action: does not apply to operation `connect`");
	r.file = NULL;
	rule_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	 cmocka_unit_test(test_one_change),
		cmocka_unit_test(test_mistakes), cmocka_unit_test(test_days_left),
		cmocka_unit_test(test_apply),	 cmocka_unit_test(test_apply_makes_it_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
