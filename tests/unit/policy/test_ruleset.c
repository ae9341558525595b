// SPDX-License-Identifier: GPL-2.0-only
/* test_ruleset.c - what is read from rule files, and that every mistake in one is found and
 * located. */
#include "ruleset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "cmocka_all.h"
#include "rule_dir.h"

/* Loading what d holds fails with err, and the error has `want` in it and begins with d's path. */
static void refuses(const struct rule_dir *d, int err, const char *want)
{
	CLEANUP(ruleset_freep) struct ruleset *r = NULL;
	const char *const dirs[] = { d->path };
	struct error e = { 0 };
	int got = ruleset_load(&r, dirs, 1, &e);

	if (got != err || !strstr(e.text, want) || strncmp(e.text, d->path, strlen(d->path)) != 0)
		fail_msg("wanted %d `%s`, got %d `%s`", err, want, got, e.text);
}

#define GOOD                                                                              \
	"\"id\":\"x\",\"title\":\"t\",\"severity\":\"low\",\"on\":[\"read\"],\"actor\":[" \
	"\"package\"],"                                                                   \
	"\"action\":\"kill\",\"why\":\"w\",\"remedy\":\"r\""

/* A rule that is right but for what `more` adds or spoils. */
static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
		{ "{" GOOD ",}", "/f/x.json:1:" },
		{ "", "/f/x.json:1:" },
		{ "[]", "x.json: /: must be an object" },
		{ "{" GOOD ",\"id\":\"x\"}", "duplicate" },
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
		{ "{" GOOD ",\"path\":[\"/a\",\"/a\"]}", "/path/1: `/a` is there twice" },
		{ "{" GOOD ",\"exe\":[\"/a/../b\"]}", "/exe/0: pattern `/a/../b`: never matches" },
		{ "{" GOOD ",\"place\":[\"house\"]}",
		  "/place/0: there is no `house` here; one of: elsewhere" },
		{ "{" GOOD ",\"place\":[\"unknown\"]}", "/place: `unknown` cannot be asked for" },
		{ "{" GOOD ",\"place\":[\"home\",\"home\"]}", "/place/1: `home` is there twice" },
		{ "{" GOOD ",\"place\":[\"home\"],\"unless\":{\"place\":[\"home\",\"tmp\"]}}",
		  "leaves none" },
		{ "{" GOOD ",\"argv\":[\"a **\"]}", "/argv: means nothing for operation `read`" },
		{ "{" GOOD ",\"address\":[\"10.0.0.1\"]}",
		  "/address: means nothing for operation `read`" },
		{ "{" GOOD ",\"port\":[80]}", "/port: means nothing for operation `read`" },
		{ "{" GOOD ",\"port\":[0]}", "/port/0: must be a port" },
		{ "{" GOOD ",\"port\":[65536]}", "/port/0: must be a port" },
		{ "{" GOOD ",\"port\":[80,80]}", "/port/1: 80 is there twice" },
		{ "{" GOOD ",\"port\":[\"80\"]}", "/port/0: must be a port" },
		{ "{" GOOD ",\"address\":[\"10.0.0.1/8\"]}",
		  "/address/0: `10.0.0.1/8`: has bits set beyond" },
		{ "{" GOOD ",\"address\":[\"10.0.0.0/33\"]}", "no prefix length from 0 to 32" },
		{ "{" GOOD ",\"address\":[\"10.0.0.0/\"]}", "no prefix length" },
		{ "{" GOOD ",\"address\":[\"10.0.0.0/8x\"]}", "no prefix length" },
		{ "{" GOOD ",\"address\":[\"localhost\"]}", "is no IP address" },
		{ "{" GOOD ",\"address\":[\"::ffff:10.0.0.1\"]}", "IPv4 in disguise" },
		{ "{" GOOD ",\"unless\":{}}", "/unless: must be an object with at least one" },
		{ "{" GOOD ",\"unless\":{\"argv\":[\"a\"]}}", "/unless/argv: unknown key" },
		{ "{" GOOD ",\"unless\":{\"path\":[\"b\"]}}", "/unless/path/0: pattern `b`" },
		{ "{" GOOD ",\"path\":[\"/a\"],\"unless\":{\"path\":[\"/a\"]}}",
		  "/unless/path/0: takes back what /path/0" },
		{ "{" GOOD ",\"after\":[\"nobody-sets-this\"]}",
		  "/after/0: no rule sets the label `nobody-sets-this`" },
		{ "{" GOOD ",\"after\":[\"session:nobody\"]}",
		  "/after/0: no rule sets the label `nobody`" },
		{ "{" GOOD ",\"after\":[\"a b\"]}", "/after/0: must be a label" },
		{ "{" GOOD ",\"after\":[\"own\"],\"label\":\"own\"}",
		  "/after/0: the rule waits for the label it sets itself" },
		{ "{" GOOD ",\"label\":\"A\"}", "/label: must be 1 to 64" },
		{ "{" GOOD ",\"count\":{\"within\":\"10s\"}}", "/count: needs `over`" },
		{ "{" GOOD ",\"count\":{\"over\":-1}}", "/count/over: must be a number" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"within\":\"10\"}}",
		  "/count/within: must be a time" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"within\":\"0s\"}}",
		  "/count/within: must be a time" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"within\":\"9999h\"}}",
		  "/count/within: must be a time" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"of\":\"bytes\"}}",
		  "/count/of: means nothing for operation `read`" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"of\":\"bytes\",\"distinct\":\"path\"}}",
		  "either" },
		{ "{" GOOD ",\"count\":{\"over\":500,\"distinct\":\"path\"}}",
		  "/count/over: more than 200" },
		{ "{" GOOD ",\"count\":{\"over\":1,\"per\":1}}", "/count/per: unknown key" },
		{ "{" GOOD ",\"attack\":[\"T12\"]}", "/attack/0: `T12` is no ATT&CK technique" },
		{ "{" GOOD ",\"references\":[\"http://x\"]}", "/references/0: must be an https" },
		{ "{" GOOD ",\"tests\":{\"fires\":[{\"op\":\"read\"}]}}",
		  "/tests/fires/0: `op` and `actor` are needed" },
		{ "{" GOOD ",\"tests\":{\"fires\":[{\"op\":\"read\",\"actor\":\"job\"}]}}",
		  "/tests/fires/0: `path` is needed" },
		{ "{" GOOD ",\"tests\":{\"fire\":[]}}", "/tests/fire: unknown key" },
		{ "{" GOOD ",\"tests\":{\"quiet\":[{\"op\":\"bpf\",\"actor\":\"job\",\"x\":1}]}}",
		  "unknown key `x`" },
		{ "{\"id\":\"y\",\"title\":\"t\",\"severity\":\"low\",\"on\":[\"read\"],\"actor\":["
		  "\"package\"],"
		  "\"action\":\"kill\",\"why\":\"w\",\"remedy\":\"r\"}",
		  "/id: the file must be called y.json" },
		{ "{\"id\":\"x\",\"title\":\"\"}", "/title: must not be empty" },
		{ "{\"id\":\"x\",\"title\":\"a\\u001b[2J\"}", "/title: must not hold control" },
		{ "{\"id\":\"../x\"}", "/id: must be 1 to 64" },
		{ "{\"on\":[\"fly\"]}", "/on/0: there is no `fly` here; one of: exec, read" },
		{ "{\"on\":[]}", "/on: must be a list" },
		{ "{\"actor\":[\"mallory\"]}",
		  "/actor/0: there is no `mallory` here; one of: job" },
		{ "{\"action\":\"murder\"}", "/action: there is no `murder` here; one of: allow, "
					     "alert, hide, deny, kill, stop" },
		{ "{\"severity\":3}", "/severity: must be a string, one of: info" },
	};
	struct rule_dir d;

	(void)state;
	rule_dir_make(&d);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		rule_dir_put(&d, "f/x.json", table[i].text);
		refuses(&d, -EINVAL, table[i].want);
	}
	rule_dir_remove(&d);
}

static void test_mistakes_of_operations(void **state)
{
	struct rule_dir d;

	(void)state;
	rule_dir_make(&d);
	rule_dir_rule(&d, "x", "send", "hide", "");
	refuses(&d, -EINVAL, "/action: means nothing for operation `send`");
	rule_dir_rule(&d, "x", "send", "deny", ",\"path\":[\"/a\"]");
	refuses(&d, -EINVAL, "/path: means nothing for operation `send`");
	rule_dir_put(&d, "f/x.json",
		     "{\"id\":\"x\",\"title\":\"t\",\"severity\":\"low\",\"on\":[\"read\"],"
		     "\"actor\":[\"job\"],"
		     "\"package\":[\"a\"],\"action\":\"kill\",\"why\":\"w\",\"remedy\":\"r\"}");
	refuses(&d, -EINVAL, "/package: means nothing for actor `job`");
	rule_dir_remove(&d);
}

static void test_one_bad_rule_stops_the_load(void **state)
{
	struct rule_dir d;

	(void)state;
	rule_dir_make(&d);
	rule_dir_rule(&d, "a", "read", "kill", "");
	rule_dir_rule(&d, "b", "read", "kill", ",\"x\":1");
	rule_dir_rule(&d, "c", "read", "kill", "");
	refuses(&d, -EINVAL, "/f/b.json: /x: unknown key");
	rule_dir_remove(&d);
}

static void test_files(void **state)
{
	struct rule_dir d;
	char path[128];

	(void)state;
	rule_dir_make(&d);
	refuses(&d, -ENOENT, "no rule found");
	rule_dir_put(&d, "schema.json", "not even JSON");
	rule_dir_put(&d, "README.md", "text");
	rule_dir_put(&d, ".hidden.json", "{");
	refuses(&d, -ENOENT, "no rule found");
	rule_dir_rule(&d, "a", "read", "kill", "");
	rule_dir_put(&d, "g/a.json", "{" GOOD "}");
	refuses(&d, -EINVAL, "must be called x.json");
	rule_dir_remove(&d);

	rule_dir_make(&d);
	rule_dir_put(&d, "f/x.json", "{" GOOD "}");
	rule_dir_put(&d, "g/x.json", "{" GOOD "}");
	refuses(&d, -EINVAL, "/g/x.json: /id: `x` is the id of");
	snprintf(path, sizeof(path), "%s/g/x.json", d.path);
	unlink(path);
	assert_int_equal(symlink("/dev/zero", path), 0);
	refuses(&d, -EINVAL, "no regular file");
	unlink(path);
	assert_int_equal(symlink("nowhere", path), 0);
	refuses(&d, -ENOENT, "cannot be read");
	unlink(path);
	assert_int_equal(symlink(".", path), 0); /* a loop of directories */
	refuses(&d, -ELOOP, "directories deep");
	rule_dir_remove(&d);

	{
		CLEANUP(ruleset_freep) struct ruleset *r = NULL;
		const char *const dirs[] = { "/nonexistent" };
		struct error e = { 0 };

		assert_int_equal(ruleset_load(&r, dirs, 1, &e), -ENOENT);
		assert_non_null(strstr(e.text, "/nonexistent: cannot be read"));
	}
}

static void test_order_and_content(void **state)
{
	CLEANUP(ruleset_freep) struct ruleset *set = NULL;
	struct rule_dir d;
	const char *const dirs[] = { d.path };
	const struct rule *r;
	struct error e = { 0 };

	(void)state;
	rule_dir_make(&d);
	rule_dir_rule(&d, "z", "read", "stop", "");
	rule_dir_rule(&d, "b", "read", "kill",
		      ",\"label\":\"seen\",\"path\":[\"~/"
		      ".x\"],\"count\":{\"over\":20,\"distinct\":\"path\","
		      "\"within\":\"10s\"},\"attack\":[\"T1552.001\"],\"references\":[\"https://"
		      "x.example/\"]");
	rule_dir_rule(&d, "a", "read", "kill", ",\"after\":[\"seen\",\"session:seen\"]");
	rule_dir_rule(&d, "c", "read", "allow", "");
	rule_dir_put(&d, "d.json",
		     "{\"id\":\"d\",\"title\":\"t\",\"severity\":\"high\",\"on\":[\"connect\","
		     "\"send\"],\"actor\":[\"project\"],"
		     "\"action\":\"alert\",\"why\":\"a\\nb\",\"remedy\":\"r\",\"port\":[22,443],"
		     "\"address\":[\"::/0\"]}");
	assert_int_equal(ruleset_load(&set, dirs, 1, &e), 0);
	assert_int_equal(set->count, 5);
	assert_string_equal(set->rules[0].id, "z");
	assert_string_equal(set->rules[1].id, "b"); /* names a path */
	assert_string_equal(set->rules[2].id, "a");
	assert_string_equal(set->rules[3].id, "d");
	assert_string_equal(set->rules[4].id, "c");
	assert_int_equal(set->labels.count, 1);
	assert_string_equal(set->labels.at[0], "seen");

	r = ruleset_find(set, "b");
	assert_string_equal(r->family, "f");
	assert_string_equal(r->path.at[0], "~/.x");
	assert_int_equal(r->count_of, WS_COUNT_PATHS);
	assert_int_equal(r->over, 20);
	assert_int_equal(r->within_ms, 10000);
	assert_string_equal(r->attack.at[0], "T1552.001");
	assert_null(r->tuned);
	r = ruleset_find(set, "d");
	assert_string_equal(r->family, "site");
	assert_int_equal(r->severity, WS_SEV_HIGH);
	assert_int_equal(r->ops, 1u << WS_OP_CONNECT | 1u << WS_OP_SEND);
	assert_int_equal(r->actors, 1u << WS_ACTOR_PROJECT);
	assert_int_equal(r->port_count, 2);
	assert_string_equal(r->why, "a\nb");
	assert_null(ruleset_find(set, "nobody"));
	rule_dir_remove(&d);
}

/* ---- tuning ---- */

static void put_tuning(const struct rule_dir *d, const char *name, const char *id, const char *more,
		       int days)
{
	_free_ char *text = NULL;
	time_t then = time(NULL) + days * 86400;
	char date[16];
	struct tm tm;

	strftime(date, sizeof(date), "%Y-%m-%d", gmtime_r(&then, &tm));
	assert_true(asprintf(&text, "{\"tune\":\"%s\",\"reason\":\"because\",\"expires\":\"%s\"%s}",
			     id, date, more) > 0);
	rule_dir_put(d, name, text);
}

static int load_two(struct ruleset **ret, const struct rule_dir *a, const struct rule_dir *b,
		    struct error *e)
{
	const char *const dirs[] = { a->path, b->path };

	*e = (struct error){ 0 };
	return ruleset_load(ret, dirs, 2, e);
}

static void test_tuning(void **state)
{
	struct rule_dir a, b;
	struct ruleset *set = NULL;
	const struct rule *r;
	struct error e;

	(void)state;
	rule_dir_make(&a);
	rule_dir_make(&b);
	rule_dir_rule(&a, "x", "read", "kill", ",\"path\":[\"/a\"],\"unless\":{\"exe\":[\"/e\"]}");
	put_tuning(&b, "t.json", "x",
		   ",\"action\":\"alert\",\"severity\":\"info\",\"unless\":{\"exe\":[\"/"
		   "f\"],\"place\":[\"tmp\"]}",
		   1);
	assert_int_equal(load_two(&set, &a, &b, &e), 0);
	r = ruleset_find(set, "x");
	assert_int_equal(r->action, WS_ALERT);
	assert_int_equal(r->severity, WS_SEV_INFO);
	assert_int_equal(r->unless_exe.count, 2);
	assert_int_equal(r->unless_places, 1u << WS_PLACE_TMP);
	assert_non_null(strstr(r->tuned, "action kill -> alert"));
	assert_non_null(strstr(r->tuned, "because"));
	ruleset_free(set);

	/* the last day still holds; the day after does not */
	put_tuning(&b, "t.json", "x", ",\"action\":\"deny\"", 0);
	assert_int_equal(load_two(&set, &a, &b, &e), 0);
	ruleset_free(set);
	put_tuning(&b, "t.json", "x", ",\"action\":\"deny\"", -1);
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "t.json: /expires: expired"));

	put_tuning(&b, "t.json", "x", "", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "changes nothing"));
	put_tuning(&b, "t.json", "y", ",\"action\":\"deny\"", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "/tune: there is no rule `y`"));
	put_tuning(&b, "t.json", "x", ",\"why\":\"w\"", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "/why: unknown key"));
	rule_dir_put(&b, "t.json",
		     "{\"tune\":\"x\",\"action\":\"deny\",\"expires\":\"2999-01-01\"}");
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "`reason` is missing"));
	rule_dir_put(&b, "t.json", "{\"tune\":\"x\",\"action\":\"deny\",\"reason\":\"r\"}");
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "`expires` is missing"));
	rule_dir_put(
		&b, "t.json",
		"{\"tune\":\"x\",\"action\":\"deny\",\"reason\":\"r\",\"expires\":\"2999-02-30\"}");
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "/expires: must be a date"));
	/* a tuning that makes a rule wrong names its own file */
	put_tuning(&b, "t.json", "x", ",\"unless\":{\"path\":[\"/a\"]}", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "t.json: /unless/path/0: takes back"));

	put_tuning(&b, "t.json", "x", ",\"action\":\"deny\"", 1);
	put_tuning(&b, "u.json", "x", ",\"action\":\"deny\"", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "is tuned by"));
	rule_dir_remove(&b);

	/* a rule of the same directory is not tuned, it is changed */
	put_tuning(&a, "f/t.json", "x", ",\"action\":\"deny\"", 1);
	refuses(&a, -EINVAL, "/tune: `x` is a rule of this directory");
	rule_dir_remove(&a);
}

static void test_disabling(void **state)
{
	struct rule_dir a, b;
	struct ruleset *set = NULL;
	struct error e;

	(void)state;
	rule_dir_make(&a);
	rule_dir_make(&b);
	rule_dir_rule(&a, "x", "read", "kill", ",\"label\":\"seen\"");
	rule_dir_rule(&a, "y", "read", "kill", "");
	put_tuning(&b, "t.json", "x", ",\"enabled\":false", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), 0);
	assert_int_equal(set->count, 1);
	assert_null(ruleset_find(set, "x"));
	ruleset_free(set);
	/* what waits for its label would never fire: no smaller set in silence */
	rule_dir_rule(&a, "y", "read", "kill", ",\"after\":[\"seen\"]");
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "y.json: /after/0: no rule sets the label `seen`"));
	rule_dir_remove(&a);
	rule_dir_remove(&b);
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned n = 1; n < WS_OP_MAX; n++)
		assert_int_equal(op_from_name(op_name(n)), n);
	for (unsigned n = 1; n < WS_ACTOR_MAX; n++)
		assert_int_equal(actor_from_name(actor_name(n)), n);
	for (unsigned n = 0; n < WS_ACTION_MAX; n++)
		assert_int_equal(action_from_name(action_name(n)), n);
	for (unsigned n = 0; n < WS_PLACE_MAX; n++)
		assert_int_equal(place_from_name(place_name(n)), n);
	for (unsigned n = 0; n <= WS_SEV_CRITICAL; n++)
		assert_int_equal(severity_from_name(severity_name(n)), n);
	assert_null(op_name(WS_OP_NONE));
	assert_null(op_name(WS_OP_MAX));
	assert_null(actor_name(99));
	assert_true(op_from_name("none") < 0);
	assert_true(op_from_name("") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_mistakes_of_operations),
		cmocka_unit_test(test_one_bad_rule_stops_the_load),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_order_and_content),
		cmocka_unit_test(test_tuning),
		cmocka_unit_test(test_disabling),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
