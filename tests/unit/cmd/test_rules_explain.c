// SPDX-License-Identifier: GPL-2.0-only
/* test_rules_explain.c - words of the command line as an operation: each is understood or refused.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "cmd/rules_explain.h"

/* "read package /x" */
static int describe(json_t **ret, const char *line, char *const *argv, struct error *e)
{
	char *words[16] = { 0 }, *copy = strdup(line), *at = copy;
	size_t n = 0;
	int r;

	while (n < 15 && (words[n] = strsep(&at, " ")))
		n++;
	*e = (struct error){ 0 };
	r = explain_describe(ret, words, argv, e);
	free(copy);
	return r;
}

static void understood(void **state)
{
	static const struct {
		const char *line, *json;
	} table[] = {
		{ "read package /x", "{\"op\":\"read\",\"actor\":\"package\",\"path\":\"/x\"}" },
		{ "read package ~/.npmrc",
		  "{\"op\":\"read\",\"actor\":\"package\",\"path\":\"/home/ci/.npmrc\"}" },
		{ "connect job 1.2.3.4:80",
		  "{\"op\":\"connect\",\"actor\":\"job\",\"port\":80,\"address\":\"1.2.3.4\"}" },
		{ "connect job 1.2.3.4",
		  "{\"op\":\"connect\",\"actor\":\"job\",\"address\":\"1.2.3.4\"}" },
		{ "connect job ::1", "{\"op\":\"connect\",\"actor\":\"job\",\"address\":\"::1\"}" },
		{ "connect job [::1]",
		  "{\"op\":\"connect\",\"actor\":\"job\",\"address\":\"::1\"}" },
		{ "send job [::1]:443 http=PUT bytes=5 times=2",
		  "{\"op\":\"send\",\"actor\":\"job\",\"port\":443,\"address\":\"::1\","
		  "\"http\":\"PUT\",\"bytes\":5,\"times\":2}" },
		{ "read package /x label=a label=b session-label=c exe=/e package=p place=own "
		  "place=tmp",
		  "{\"op\":\"read\",\"actor\":\"package\",\"path\":\"/x\",\"labels\":[\"a\",\"b\"],"
		  "\"session_labels\":[\"c\"],\"exe\":\"/"
		  "e\",\"package\":\"p\",\"place\":[\"own\",\"tmp\"]}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		_json_ json_t *op = NULL;
		_free_ char *text = NULL;
		struct error e;

		assert_int_equal(describe(&op, table[i].line, NULL, &e), 0);
		text = json_dumps(op, JSON_COMPACT);
		assert_string_equal(text, table[i].json);
	}
}

static void refused(void **state)
{
	static const struct {
		const char *line, *words;
	} table[] = {
		{ "read", "needs an operation and an actor" },
		{ "read package x", "neither an object of read nor one of" },
		{ "read package colour=red", "neither an object of read nor one of" },
		{ "read package /x /y", "a second path" },
		{ "read package /x exe=/a exe=/a", "a second exe" },
		{ "read package /x bytes=5", "does not apply to read" },
		{ "exec package /x http=GET", "does not apply to exec" },
		{ "memory package /x", "not about a path" },
		{ "connect package /x", "not about a path" },
		{ "memory package place=own", "does not apply to memory" },
		{ "send package 1.2.3.4 bytes=5x", "must be a number" },
		{ "send package 1.2.3.4 bytes=99999999999999999999", "must be a number" },
		{ "read package /x times=-1", "must be a number" },
		{ "connect package 1.2.3.4:", "the port must be" },
		{ "connect package 1.2.3.4:0", "the port must be" },
		{ "connect package 1.2.3.4:65536", "the port must be" },
		{ "connect package 1.2.3.4 5.6.7.8", "a second address" },
		{ "connect package [::1", "is not [ADDRESS]" },
		{ "connect package [::1]80", "is not [ADDRESS]" },
		{ "read package /x/../y", "resolved" },
		{ "read package /x/..", "resolved" },
		{ "read package /x/.", "resolved" },
		{ "read package /./x", "resolved" },
		{ "read package //x", "resolved" },
		{ "read package /x/", "resolved" },
		{ "read package ~/", "resolved" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		json_t *op = NULL;
		struct error e;

		if (describe(&op, table[i].line, NULL, &e) == 0 || !strstr(e.text, table[i].words))
			fail_msg("%s: %s", table[i].line, e.text);
	}
}

static void an_argv(void **state)
{
	char *argv[] = { "node", "x", NULL };
	_json_ json_t *op = NULL;
	_free_ char *text = NULL;
	json_t *none = NULL;
	struct error e;

	(void)state;
	assert_int_equal(describe(&op, "exec package /usr/bin/node", argv, &e), 0);
	text = json_dumps(json_object_get(op, "argv"), JSON_COMPACT);
	assert_string_equal(text, "[\"node\",\"x\"]");
	assert_true(describe(&none, "read package /x", argv, &e) < 0);
	assert_non_null(strstr(e.text, "apply to exec only"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(understood),
		cmocka_unit_test(refused),
		cmocka_unit_test(an_argv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
