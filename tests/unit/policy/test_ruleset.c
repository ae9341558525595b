// SPDX-License-Identifier: GPL-2.0-only
/* test_ruleset.c - what is read from rule files, and that every mistake in one is found and
 * located. */
#include "policy/ruleset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
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

/* What is only seen with the file, or with the other rules. What is wrong with a rule by itself:
 * test_rule_parse.c. */
static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
		{ "{" GOOD ",}", "/f/x.json:1:" },
		{ "", "/f/x.json:1:" },
		{ "{" GOOD ",\"id\":\"x\"}", "duplicate" },
		{ "{" GOOD ",\"after\":[\"nobody-sets-this\"]}",
		  "/after/0: no rule sets the label `nobody-sets-this`" },
		{ "{" GOOD ",\"after\":[\"session:nobody\"]}",
		  "/after/0: no rule sets the label `nobody`" },
		{ "{\"id\":\"y\",\"title\":\"t\",\"severity\":\"low\",\"on\":[\"read\"],\"actor\":["
		  "\"package\"],"
		  "\"action\":\"kill\",\"why\":\"w\",\"remedy\":\"r\"}",
		  "/id: the file must be called y.json" },
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
	rule_dir_put(&d, "data/x.json", "{\"table\": \"x\"}");
	refuses(&d, -ENOENT, "no rule found");
	rule_dir_put(&d, "f/y.json", "{\"table\": \"x\"}"); /* a table belongs to data/ */
	refuses(&d, -EINVAL, "/f/y.json: /table: unknown key");
	rule_dir_remove(&d);

	rule_dir_make(&d);
	rule_dir_put(&d, "data/x.json", "{" GOOD ",\"x\":1}"); /* and a rule is one there, too */
	refuses(&d, -EINVAL, "/data/x.json: /x: unknown key");
	rule_dir_remove(&d);

	rule_dir_make(&d);
	rule_dir_rule(&d, "a", "read", "kill", "");
	rule_dir_put(&d, "g/a.json", "{" GOOD "}");
	refuses(&d, -EINVAL, "must be called x.json");
	rule_dir_remove(&d);

	rule_dir_make(&d);
	rule_dir_put(&d, "f/x.json", "{" GOOD "}");
	rule_dir_put(&d, "g/x.json", "{" GOOD "}");
	refuses(&d, -EINVAL, "/g/x.json: /id: `x` is already the id of");
	snprintf(path, sizeof(path), "%s/g/x.json", d.path);
	unlink(path);
	assert_int_equal(symlink("/dev/zero", path), 0);
	refuses(&d, -EINVAL, "not a regular file");
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

/* Of rules that are equally strong, those that name an object come first, whichever kind it is. */
/* The digest is that of what the files say: not of how they are laid out, nor of where they lie. */
static void test_digest(void **state)
{
	static const char *const texts[] = { "{" GOOD "}", "{ " GOOD "\n}\n",
					     "{" GOOD ",\"path\":[\"/x\"]}" };
	char digests[ARRAY_SIZE(texts)][65];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(ruleset_freep) struct ruleset *set = NULL;
		const char *dirs[1];
		struct rule_dir d;

		rule_dir_make(&d);
		dirs[0] = d.path;
		rule_dir_put(&d, "f/x.json", texts[i]);
		assert_int_equal(ruleset_load(&set, dirs, 1, NULL), 0);
		strcpy(digests[i], set->digest);
		rule_dir_remove(&d);
	}
	assert_int_equal(strlen(digests[0]), 64);
	assert_string_equal(digests[0], digests[1]);
	assert_string_not_equal(digests[0], digests[2]);
}

static void test_order_of_equals(void **state)
{
	static const struct {
		const char *id, *on, *more;
	} table[] = {
		{ "z-path", "read", ",\"path\":[\"/a\"]" },
		{ "z-argv", "exec", ",\"argv\":[\"a\"]" },
		{ "z-address", "connect", ",\"address\":[\"1.2.3.4\"]" },
		{ "z-port", "connect", ",\"port\":[80]" },
		{ "a-place", "read", ",\"place\":[\"home\"],\"label\":\"last\"" },
		{ "b-exe", "read", ",\"exe\":[\"/x\"],\"after\":[\"last\"]" },
	};
	static const char *const order[] = { "z-address", "z-argv",  "z-path",
					     "z-port",	  "a-place", "b-exe" };
	CLEANUP(ruleset_freep) struct ruleset *set = NULL;
	struct rule_dir d;
	const char *const dirs[] = { d.path };

	(void)state;
	rule_dir_make(&d);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		rule_dir_rule(&d, table[i].id, table[i].on, "kill", table[i].more);
	assert_int_equal(ruleset_load(&set, dirs, 1, NULL), 0);
	assert_int_equal(set->count, ARRAY_SIZE(order));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		assert_string_equal(set->rules[i].id, order[i]);
	assert_int_equal(ruleset_label(set, "last"), 0);
	assert_int_equal(ruleset_label(set, "lost"), -ENOENT);
	rule_dir_remove(&d);
}

/* unless.path_of: the patterns of other rules, wherever they stand. */
static void test_path_of(void **state)
{
	static const struct {
		const char *more, *want;
	} wrong[] = {
		{ ",\"unless\":{\"path_of\":[\"b\",\"nobody\"]}",
		  "/f/a.json: /unless/path_of/1: `nobody` is not a rule that has `path`" },
		{ ",\"unless\":{\"path_of\":[\"c\"]}", "/f/a.json: /unless/path_of/0: `c` is not" },
		{ ",\"path\":[\"/x\"],\"unless\":{\"path_of\":[\"a\"]}",
		  "/f/a.json: /unless/path_of/0: `a` is not" },
	};
	CLEANUP(ruleset_freep) struct ruleset *set = NULL;
	struct rule_dir d;
	const char *const dirs[] = { d.path };
	const struct rule *r;

	(void)state;
	rule_dir_make(&d);
	rule_dir_rule(&d, "b", "read", "kill", ",\"path\":[\"/b1\",\"/b2\"]");
	rule_dir_rule(&d, "c", "read", "kill", "");
	rule_dir_rule(&d, "z", "read", "alert", ",\"path\":[\"/b2\",\"/z\"]");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		rule_dir_rule(&d, "a", "read", "kill", wrong[i].more);
		refuses(&d, -EINVAL, wrong[i].want);
	}
	rule_dir_rule(&d, "a", "connect", "kill", ",\"unless\":{\"path_of\":[\"b\"]}");
	refuses(&d, -EINVAL, "/unless/path_of: does not apply to operation `connect`");
	rule_dir_rule(&d, "a", "read", "kill",
		      ",\"unless\":{\"path\":[\"/own\"],\"path_of\":[\"z\",\"b\"]}");
	assert_int_equal(ruleset_load(&set, dirs, 1, NULL), 0);
	r = ruleset_find(set, "a");
	assert_int_equal(r->unless_path.count, 4);
	assert_string_equal(r->unless_path.at[0], "/own");
	assert_string_equal(r->unless_path.at[1], "/b2");
	assert_string_equal(r->unless_path.at[2], "/z");
	assert_string_equal(r->unless_path.at[3], "/b1");
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

/* 14 days before its last day people begin to be warned. */
static void test_expiring(void **state)
{
	static const struct {
		int days;
		size_t expiring, expired;
		const char *words;
	} table[] = {
		{ 15, 0, 0, NULL },
		{ 14, 1, 0, "expires in 14 days: " },
		{ 1, 1, 0, "expires in 1 day: " },
		{ 0, 1, 0, "expires in 0 days: " },
		{ -1, 0, 1, NULL },
		{ -400, 0, 1, NULL },
	};
	struct rule_dir a, b;

	(void)state;
	rule_dir_make(&a);
	rule_dir_make(&b);
	rule_dir_rule(&a, "x", "read", "kill", ",\"path\":[\"/a\"]");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ruleset *set = NULL;
		struct error e;

		put_tuning(&b, "t.json", "x", ",\"enabled\":true,\"action\":\"alert\"",
			   table[i].days);
		assert_int_equal(load_two(&set, &a, &b, &e), 0);
		assert_int_equal(set->expiring.count, table[i].expiring);
		assert_int_equal(set->expired.count, table[i].expired);
		assert_int_equal(ruleset_find(set, "x")->action,
				 table[i].expired ? WS_KILL : WS_ALERT);
		if (table[i].words)
			assert_non_null(strstr(set->expiring.at[0], table[i].words));
		ruleset_free(set);
	}
	rule_dir_remove(&a);
	rule_dir_remove(&b);
}

/* Who removes a rule does not get another one in its place; a tuning can name rules, too. */
static void test_tuned_path_of(void **state)
{
	struct ruleset *set = NULL;
	struct rule_dir a, b;
	struct error e;

	(void)state;
	rule_dir_make(&a);
	rule_dir_make(&b);
	rule_dir_rule(&a, "one", "read", "kill", ",\"path\":[\"/one\"]");
	rule_dir_rule(&a, "two", "read", "kill", ",\"path\":[\"/two\"]");
	rule_dir_rule(&a, "rest", "read", "kill", ",\"unless\":{\"path_of\":[\"one\"]}");
	put_tuning(&b, "t.json", "one", ",\"enabled\":false", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), 0);
	assert_null(ruleset_find(set, "one"));
	assert_int_equal(ruleset_find(set, "rest")->unless_path.count, 1);
	ruleset_free(set);
	set = NULL;
	put_tuning(&b, "t.json", "rest", ",\"unless\":{\"path_of\":[\"two\"]}", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), 0);
	assert_int_equal(ruleset_find(set, "rest")->unless_path.count, 2);
	assert_non_null(strstr(ruleset_find(set, "rest")->tuned, "exceptions, "));
	ruleset_free(set);
	set = NULL;
	put_tuning(&b, "t.json", "rest", ",\"unless\":{\"path_of\":[\"three\"]}", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	if (!strstr(e.text, "/t.json: /unless/path_of/1: `three` is not a rule"))
		fail_msg("%s", e.text);
	rule_dir_remove(&a);
	rule_dir_remove(&b);
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
	assert_int_equal(load_two(&set, &a, &b, &e), 0);
	assert_int_equal(ruleset_find(set, "x")->action, WS_KILL);
	assert_null(ruleset_find(set, "x")->tuned);
	assert_int_equal(set->expired.count, 1);
	assert_int_equal(set->expiring.count, 0);
	assert_non_null(strstr(set->expired.at[0], "t.json: expired on "));
	assert_non_null(strstr(set->expired.at[0], "`x` is as shipped again"));
	ruleset_free(set);

	put_tuning(&b, "t.json", "y", ",\"action\":\"deny\"", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "/tune: there is no rule `y`"));
	/* a tuning that makes a rule wrong names its own file */
	put_tuning(&b, "t.json", "x", ",\"unless\":{\"path\":[\"/a\"]}", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "t.json: /unless/path/0: excludes all"));

	/* one that has expired stands in nobody's way, even if its rule is gone */
	put_tuning(&b, "t.json", "x", ",\"action\":\"deny\"", 1);
	put_tuning(&b, "u.json", "x", ",\"enabled\":false", -30);
	put_tuning(&b, "v.json", "gone", ",\"action\":\"deny\"", -1);
	assert_int_equal(load_two(&set, &a, &b, &e), 0);
	assert_int_equal(ruleset_find(set, "x")->action, WS_DENY);
	assert_int_equal(set->expired.count, 2);
	ruleset_free(set);
	put_tuning(&b, "v.json", "x", ",\"action\":\"deny\"", -1);

	put_tuning(&b, "u.json", "x", ",\"action\":\"deny\"", 1);
	assert_int_equal(load_two(&set, &a, &b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "is already tuned by"));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_one_bad_rule_stops_the_load),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_order_and_content),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_order_of_equals),
		cmocka_unit_test(test_path_of),
		cmocka_unit_test(test_tuned_path_of),
		cmocka_unit_test(test_tuning),
		cmocka_unit_test(test_expiring),
		cmocka_unit_test(test_disabling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
