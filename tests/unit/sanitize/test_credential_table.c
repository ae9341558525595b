// SPDX-License-Identifier: GPL-2.0-only
/* test_credential_table.c - the table of credential options: what its faults are called, and that
 * the shipped one is the compiled one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/credential_table.h"

#define TABLE(s) "{\"table\": \"credential-options\", \"commands\": [" s "]}"
#define HEAD	 "{\"programs\": [\"a\"], \"source\": \"s\", "

static const struct {
	const char *text, *error;
} bad[] = {
	{ "{", "t.json:1: " },
	{ "[]", "t.json: /table: must be \"credential-options\"" },
	{ "{\"table\": \"credential-options\"}", "t.json: /commands: must be an array" },
	{ "{\"table\": \"credential-options\", \"x\": 1, \"commands\": [1]}",
	  "t.json: /x: unknown" },
	{ TABLE("1"), "t.json: /commands/0: must be an object" },
	{ TABLE("{\"x\": 1}"), "t.json: /commands/0/x: unknown key" },
	{ TABLE("{}"), "t.json: /commands/0/source: must say where" },
	{ TABLE("{\"source\": \"s\"}"), "t.json: /commands/0/programs: must be an array" },
	{ TABLE("{\"source\": \"s\", \"programs\": [\"/a\"]}"),
	  "t.json: /commands/0/programs: must be base names" },
	{ TABLE("{\"source\": \"s\", \"programs\": [\"\"]}"),
	  "t.json: /commands/0/programs: must be base names" },
	{ TABLE("{\"source\": \"s\", \"programs\": [\"a\"]}"),
	  "t.json: /commands/0: names neither options nor arguments" },
	{ TABLE(HEAD "\"options\": 1}"), "t.json: /commands/0/options: must be an object" },
	{ TABLE(HEAD "\"options\": {\"x\": \"secret\"}}"),
	  "t.json: /commands/0/x: an option begins" },
	{ TABLE(HEAD "\"options\": {\"-\": \"secret\"}}"),
	  "t.json: /commands/0/-: an option begins" },
	{ TABLE(HEAD "\"options\": {\"-a=\": \"secret\"}}"), "t.json: /commands/0/-a=: an option" },
	{ TABLE(HEAD "\"options\": {\"-a\": \"x\"}}"), "t.json: /commands/0/-a: must be" },
	{ TABLE(HEAD "\"options\": {\"-a\": 1}}"), "t.json: /commands/0/-a: must be" },
	{ TABLE(HEAD "\"options\": {\"-a\": \"user\"}}"), "t.json: /commands/0/-a: must be" },
	{ TABLE(HEAD "\"options\": {\"-a\": \"userx\"}}"), "t.json: /commands/0/-a: must be" },
	{ TABLE(HEAD "\"arguments\": []}"), "t.json: /commands/0/arguments: must be an array" },
	{ TABLE(HEAD "\"arguments\": [0]}"), "t.json: /commands/0/arguments: must be numbers" },
	{ TABLE(HEAD "\"arguments\": [32]}"), "t.json: /commands/0/arguments: must be numbers" },
	{ TABLE(HEAD "\"arguments\": [1], \"argument_separator\": \"x\"}"),
	  "t.json: /commands/0/argument_separator: must be" },
	{ TABLE(HEAD "\"arguments\": [1], \"attached\": \"-\"}"),
	  "t.json: /commands/0/attached: must be a string" },
	{ TABLE(HEAD "\"arguments\": [1], \"valued\": 1}"),
	  "t.json: /commands/0/valued: must be a string" },
	{ TABLE(HEAD "\"arguments\": [1], \"command\": \"\"}"),
	  "t.json: /commands/0/command: must be a word" },
	{ TABLE(HEAD "\"arguments\": [1], \"runs\": false}"),
	  "t.json: /commands/0/runs: must be true" },
	{ TABLE(HEAD "\"reads\": 1}"), "t.json: /commands/0/reads: must be true" },
};

static void faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct credential_table *t = NULL;
		struct error e = { 0 };

		assert_int_equal(
			credential_table_read(&t, "t.json", bad[i].text, strlen(bad[i].text), &e),
			-EINVAL);
		assert_null(t);
		if (strncmp(e.text, bad[i].error, strlen(bad[i].error)) != 0)
			fail_msg("%s: %s", bad[i].text, e.text);
	}
}

static void same(const char *a, const char *b)
{
	assert_int_equal(!a, !b);
	if (a)
		assert_string_equal(a, b);
}

static void shipped(void **state)
{
	CLEANUP(credential_table_freep) struct credential_table *t = NULL;
	struct error e = { 0 };
	struct buf text = BUF_INIT;
	FILE *f = fopen("rules/data/credential-options.json", "re");
	int c;

	(void)state;
	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		buf_addc(&text, c);
	fclose(f);
	if (credential_table_read(&t, "credential-options.json", text.at, text.len, &e))
		fail_msg("%s", e.text);
	assert_int_equal(t->count, credential_options.count);
	for (size_t i = 0; i < t->count; i++) {
		const struct credential_command *a = &t->commands[i],
						*b = &credential_options.commands[i];

		same(a->command, b->command);
		same(a->attached, b->attached);
		same(a->valued, b->valued);
		assert_int_equal(a->arguments, b->arguments);
		assert_int_equal(a->argument_separator, b->argument_separator);
		assert_int_equal(a->runs, b->runs);
		assert_int_equal(a->reads, b->reads);
		for (size_t p = 0; a->programs[p] || b->programs[p]; p++)
			same(a->programs[p], b->programs[p]);
		for (size_t o = 0; a->options[o].name || b->options[o].name; o++) {
			same(a->options[o].name, b->options[o].name);
			assert_int_equal(a->options[o].credential, b->options[o].credential);
			assert_int_equal(a->options[o].separator, b->options[o].separator);
		}
	}
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults),
		cmocka_unit_test(shipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
