// SPDX-License-Identifier: GPL-2.0-only
/* test_rule_parse.c - what is read from the keys of a rule, and that every mistake in one is found
 * and located. */
#include "policy/rule_parse.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "wire.h"

static int parse(struct rule *r, const char *text, struct error *e)
{
	_json_ json_t *v = json_loads(text, 0, NULL);

	if (!v)
		fail_msg("no JSON: %s", text);
	*r = (struct rule){ 0 };
	return rule_parse(r, v, "f.json", e);
}

#define GOOD                                                                              \
	"\"id\":\"x\",\"title\":\"t\",\"severity\":\"low\",\"on\":[\"read\"],\"actor\":[" \
	"\"package\"],"                                                                   \
	"\"action\":\"kill\",\"why\":\"w\",\"remedy\":\"r\""

/* A rule that is right but for what is added or spoiled. */
static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
		{ "[]", "f.json: /: must be an object" },
		{ "{" GOOD ",\"pth\":[\"/a\"]}", "/pth: unknown key" },
		{ "{\"id\":\"x\"}", "/: `title` is missing" },
		{ "{" GOOD ",\"path\":[]}", "/path: must be a list" },
		{ "{" GOOD ",\"path\":\"/a\"}", "/path: must be a list" },
		{ "{" GOOD ",\"path\":[\"/a\",7]}", "/path/1: must be a string" },
		{ "{" GOOD ",\"path\":[\"\"]}", "/path/0: pattern ``: an empty pattern" },
		{ "{" GOOD ",\"path\":[\"/a\",\"a/b\"]}",
		  "/path/1: pattern `a/b`: must begin with" },
		{ "{" GOOD ",\"path\":[\"/a/**/b\"]}",
		  "/path/0: pattern `/a/**/b`: `**` may only be" },
		{ "{" GOOD ",\"path\":[\"/a\",\"/a\"]}", "/path/1: `/a` is listed twice" },
		{ "{" GOOD ",\"exe\":[\"/a/../b\"]}", "/exe/0: pattern `/a/../b`: never matches" },
		{ "{" GOOD ",\"place\":[\"house\"]}",
		  "/place/0: unknown name `house`, must be one of: elsewhere" },
		{ "{" GOOD ",\"place\":[\"unknown\"]}", "/place: `unknown` is not a condition" },
		{ "{" GOOD ",\"place\":[\"home\",\"home\"]}", "/place/1: `home` is listed twice" },
		{ "{" GOOD ",\"place\":[\"home\"],\"unless\":{\"place\":[\"home\",\"tmp\"]}}",
		  "excludes every place" },
		{ "{" GOOD ",\"argv\":[\"a **\"]}", "/argv: does not apply to operation `read`" },
		{ "{" GOOD ",\"address\":[\"10.0.0.1\"]}",
		  "/address: does not apply to operation `read`" },
		{ "{" GOOD ",\"port\":[80]}", "/port: does not apply to operation `read`" },
		{ "{" GOOD ",\"port\":[0]}", "/port/0: must be a port" },
		{ "{" GOOD ",\"port\":[65536]}", "/port/0: must be a port" },
		{ "{" GOOD ",\"port\":[80,80]}", "/port/1: 80 is listed twice" },
		{ "{" GOOD ",\"port\":[\"80\"]}", "/port/0: must be a port" },
		{ "{" GOOD ",\"address\":[\"10.0.0.1/8\"]}",
		  "/address/0: `10.0.0.1/8`: has bits set beyond" },
		{ "{" GOOD ",\"address\":[\"10.0.0.0/33\"]}",
		  "needs a prefix length from 0 to 32" },
		{ "{" GOOD ",\"address\":[\"10.0.0.0/\"]}", "needs a prefix length" },
		{ "{" GOOD ",\"address\":[\"10.0.0.0/8x\"]}", "needs a prefix length" },
		{ "{" GOOD ",\"address\":[\"localhost\"]}", "is not an IP address" },
		{ "{" GOOD ",\"address\":[\"::ffff:10.0.0.1\"]}", "an IPv4 address mapped" },
		{ "{" GOOD ",\"unless\":{}}", "/unless: must be an object with at least one" },
		{ "{" GOOD ",\"unless\":{\"argv\":[\"a\"]}}", "/unless/argv: unknown key" },
		{ "{" GOOD ",\"unless\":{\"path_of\":[\"a b\"]}}",
		  "/unless/path_of/0: `a b` is not the id of a rule" },
		{ "{" GOOD ",\"unless\":{\"path_of\":[]}}", "/unless/path_of: must be" },
		{ "{" GOOD ",\"unless\":{\"path\":[\"b\"]}}", "/unless/path/0: pattern `b`" },
		{ "{" GOOD ",\"path\":[\"/a\"],\"unless\":{\"path\":[\"/a\"]}}",
		  "/unless/path/0: excludes all that /path/0" },
		{ "{" GOOD ",\"after\":[\"a b\"]}", "/after/0: must be a label" },
		{ "{" GOOD ",\"after\":[\"own\"],\"label\":\"own\"}",
		  "/after/0: the rule waits for a label that it sets itself" },
		{ "{" GOOD ",\"label\":\"A\"}", "/label: must be 1 to 64" },
		{ "{" GOOD ",\"count\":{\"within\":\"10s\"}}", "/count: `over` is missing" },
		{ "{" GOOD ",\"count\":{\"over\":-1}}", "/count/over: must be a number" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"within\":\"10\"}}",
		  "/count/within: must be a time" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"within\":\"0s\"}}",
		  "/count/within: must be a time" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"within\":\"9999h\"}}",
		  "/count/within: must be a time" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"of\":\"bytes\"}}",
		  "/count/of: does not apply to operation `read`" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"of\":\"bytes\",\"distinct\":\"path\"}}",
		  "exclude each other" },
		{ "{" GOOD ",\"count\":{\"over\":500,\"distinct\":\"path\"}}",
		  "/count/over: different objects are only counted up to 200" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"per\":1}}", "/count/per: unknown key" },
		{ "{" GOOD ",\"attack\":[\"T12\"]}",
		  "/attack/0: `T12` is not an ATT&CK technique" },
		{ "{" GOOD ",\"references\":[\"http://x\"]}", "/references/0: must be an https" },
		{ "{" GOOD ",\"tests\":{\"fires\":[{\"op\":\"read\"}]}}",
		  "/tests/fires/0: `actor` is missing" },
		{ "{" GOOD ",\"tests\":{\"fires\":[{\"op\":\"read\",\"actor\":\"job\"}]}}",
		  "/tests/fires/0: `path` is needed" },
		{ "{" GOOD ",\"tests\":{\"fire\":[]}}", "/tests/fire: unknown key" },
		{ "{" GOOD ",\"tests\":{\"quiet\":[{\"op\":\"bpf\",\"actor\":\"job\",\"x\":1}]}}",
		  "/tests/quiet/0/x: unknown key, must be one of: op, actor" },
		{ "{\"id\":\"x\",\"title\":\"\"}", "/title: must not be empty" },
		{ "{\"id\":\"x\",\"title\":\"a\\u001b[2J\"}", "/title: must not contain control" },
		{ "{\"id\":\"../x\"}", "/id: must be 1 to 64" },
		{ "{\"on\":[\"fly\"]}", "/on/0: unknown name `fly`, must be one of: exec, read" },
		{ "{\"on\":[]}", "/on: must be a list" },
		{ "{\"actor\":[\"mallory\"]}",
		  "/actor/0: unknown name `mallory`, must be one of: job" },
		{ "{\"action\":\"murder\"}",
		  "/action: unknown name `murder`, must be one of: allow, "
		  "alert, hide, deny, kill, stop" },
		{ "{\"severity\":3}", "/severity: must be a string, one of: info" },
		/* what a rule demands as a whole */
		{ "{\"id\":\"x\",\"title\":\"t\",\"severity\":\"low\",\"on\":[\"connect\"],"
		  "\"actor\":["
		  "\"package\"],\"action\":\"hide\",\"why\":\"w\",\"remedy\":\"r\"}",
		  "/action: does not apply to operation `connect`" },
		{ "{" GOOD ",\"unless\":[]}", "/unless: must be an object with at least one" },
		{ "{" GOOD ",\"after\":\"x\"}", "/after: must be a list" },
		{ "{" GOOD ",\"attack\":[\"T12345\"]}", "/attack/0: `T12345` is not" },
		{ "{" GOOD ",\"attack\":[\"T1234.01\"]}", "/attack/0: `T1234.01` is not" },
		{ "{" GOOD ",\"attack\":[\"T1234x001\"]}", "/attack/0: `T1234x001` is not" },
		{ "{" GOOD ",\"attack\":[\"t1234\"]}", "/attack/0: `t1234` is not" },
		{ "{" GOOD ",\"attack\":[\"T1552\",\"T1552.099\"]}",
		  "has no technique `T1552.099`" },
		{ "{" GOOD ",\"references\":[\"https://x y\"]}",
		  "/references/0: must be an https" },
		{ "{" GOOD ",\"http\":[\"BREW\"]}", "/http/0: unknown name `BREW`" },
		{ "{" GOOD ",\"count\":7}", "/count: must be an object" },
		{ "{" GOOD ",\"count\":{\"over\":4294967296}}",
		  "/count/over: must be a number from 0 to "
		  "4294967295" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"distinct\":\"bytes\"}}",
		  "/count/distinct: must be \"path\"" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"of\":1}}", "/count/of: must be \"bytes\"" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"within\":\"s\"}}",
		  "/count/within: must be a time" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"within\":\"-1s\"}}",
		  "/count/within: must be a time" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"within\":10}}",
		  "/count/within: must be a time" },
		{ "{" GOOD ",\"tests\":[]}", "/tests: must be an object" },
		{ "{" GOOD ",\"tests\":{\"quiet\":[]}}",
		  "/tests/quiet: must be a list of at least one operation" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct error e = { 0 };
		struct rule r;

		if (parse(&r, table[i].text, &e) != -EINVAL || !strstr(e.text, table[i].want) ||
		    strncmp(e.text, "f.json: /", 9) != 0)
			fail_msg("%s: `%s`", table[i].text, e.text);
		assert_null(r.id); /* set only on success */
	}
}

/* GOOD has the needed keys and no others. */
static void test_needed_keys(void **state)
{
	_json_ json_t *good = json_loads("{" GOOD "}", 0, NULL);
	const char *key;
	json_t *v;

	(void)state;
	assert_int_equal(json_object_size(good), 8);
	json_object_foreach(good, key, v) {
		_json_ json_t *without = json_copy(good);
		struct error e = { 0 };
		struct rule r;
		char want[64];

		json_object_del(without, key);
		snprintf(want, sizeof(want), "f.json: /: `%s` is missing", key);
		assert_int_equal(rule_parse(&r, without, "f.json", &e), -EINVAL);
		assert_string_equal(e.text, want);
	}
}

static void test_every_key(void **state)
{
	CLEANUP(rule_done) struct rule r = { 0 };
	struct error e = { 0 };

	(void)state;
	if (parse(&r,
		  "{\"id\":\"x-1\",\"title\":\"t\",\"severity\":\"high\",\"on\":[\"send\"],"
		  "\"actor\":[\"package\",\"project\"],\"exe\":[\"/e\"],\"package\":[\"p\",\"@q/"
		  "*\"],"
		  "\"address\":[\"10.0.0.0/8\"],\"port\":[22,65535],\"http\":[\"PUT\",\"POST\"],"
		  "\"unless\":{\"exe\":[\"/"
		  "f\"],\"package\":[\"z\"]},\"after\":[\"l\",\"session:m\"],"
		  "\"count\":{\"over\":7,\"of\":\"bytes\",\"within\":\"2m\"},\"label\":\"n\","
		  "\"backend\":\"watch\","
		  "\"action\":\"deny\",\"attack\":[\"T1552.001\",\"T1195\"],"
		  "\"references\":[\"https://x.example/\"],\"why\":\"a\\nb\",\"remedy\":\"r\","
		  "\"tests\":{\"fires\":[{\"op\":\"send\",\"actor\":\"package\",\"address\":"
		  "\"10.0.0.1\"}]}}",
		  &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(r.id, "x-1");
	assert_string_equal(r.file, "f.json");
	assert_string_equal(r.title, "t");
	assert_int_equal(r.severity, WS_SEV_HIGH);
	assert_int_equal(r.ops, 1u << WS_OP_SEND);
	assert_int_equal(r.actors, 1u << WS_ACTOR_PACKAGE | 1u << WS_ACTOR_PROJECT);
	assert_string_equal(r.exe.at[0], "/e");
	assert_string_equal(r.package.at[1], "@q/*");
	assert_string_equal(r.address.at[0], "10.0.0.0/8");
	assert_int_equal(r.port_count, 2);
	assert_int_equal(r.ports[0], 22);
	assert_int_equal(r.ports[1], 65535);
	assert_int_equal(r.http, 1u << WS_HTTP_PUT | 1u << WS_HTTP_POST);
	assert_string_equal(r.unless_exe.at[0], "/f");
	assert_string_equal(r.unless_package.at[0], "z");
	assert_string_equal(r.after.at[1], "session:m");
	assert_int_equal(r.count_of, WS_COUNT_BYTES);
	assert_int_equal(r.over, 7);
	assert_int_equal(r.within_ms, 120000);
	assert_string_equal(r.label, "n");
	assert_int_equal(r.backend, WS_BACKEND_WATCH);
	assert_int_equal(r.action, WS_DENY);
	assert_int_equal(r.attack.count, 2);
	assert_string_equal(r.references.at[0], "https://x.example/");
	assert_string_equal(r.why, "a\nb");
	assert_string_equal(r.remedy, "r");
	assert_int_equal(json_array_size(json_object_get(r.tests, "fires")), 1);
	assert_null(r.tuned);
}

static void test_paths_and_counts(void **state)
{
	static const struct {
		const char *within;
		unsigned ms;
	} times[] = { { "500ms", 500 },
		      { "10s", 10000 },
		      { "5m", 300000 },
		      { "1h", 3600000 },
		      { "1193h", 4294800000u } };
	struct rule r;
	char text[512];

	(void)state;
	assert_int_equal(parse(&r,
			       "{" GOOD ",\"path\":[\"~/a\"],\"place\":[\"home\",\"own\"],"
			       "\"unless\":{\"path\":[\"/b\"],\"place\":[\"own\"]},\"after\":[]}",
			       NULL),
			 0);
	assert_string_equal(r.path.at[0], "~/a");
	assert_int_equal(r.places, 1u << WS_PLACE_HOME | 1u << WS_PLACE_OWN);
	assert_string_equal(r.unless_path.at[0], "/b");
	assert_int_equal(r.unless_places, 1u << WS_PLACE_OWN);
	assert_int_equal(r.after.count, 0);
	assert_int_equal(r.count_of, WS_COUNT_NONE);
	rule_done(&r);
	assert_int_equal(
		parse(&r,
		      "{\"id\":\"x\",\"title\":\"t\",\"severity\":\"low\",\"on\":[\"create\"],"
		      "\"actor\":[\"package\"],\"action\":\"kill\",\"why\":\"w\","
		      "\"remedy\":\"r\",\"unless\":{\"new_directory\":[\"~/.*\"]}}",
		      NULL),
		0);
	assert_int_equal(r.unless_new_directory.count, 1);
	assert_string_equal(r.unless_new_directory.at[0], "~/.*");
	rule_done(&r);
	assert_int_equal(parse(&r, "{" GOOD ",\"count\":{\"over\":4294967295}}", NULL), 0);
	assert_int_equal(r.over, UINT32_MAX);
	rule_done(&r);
	assert_int_equal(parse(&r, "{" GOOD ",\"count\":{\"over\":0,\"distinct\":\"path\"}}", NULL),
			 0);
	assert_int_equal(r.count_of, WS_COUNT_PATHS);
	rule_done(&r);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		snprintf(text, sizeof(text), "{" GOOD ",\"count\":{\"over\":1,\"within\":\"%s\"}}",
			 times[i].within);
		assert_int_equal(parse(&r, text, NULL), 0);
		assert_int_equal(r.count_of, WS_COUNT_TIMES);
		assert_int_equal(r.within_ms, times[i].ms);
		rule_done(&r);
	}
}

static void test_keys(void **state)
{
	size_t n = 0;

	(void)state;
	assert_string_equal(rule_key(0), "id");
	while (rule_key(n))
		n++;
	assert_int_equal(n, 25);
	assert_string_equal(rule_key(n - 1), "tests");
	assert_null(rule_key(n + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),  cmocka_unit_test(test_needed_keys),
		cmocka_unit_test(test_every_key), cmocka_unit_test(test_paths_and_counts),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
