// SPDX-License-Identifier: GPL-2.0-only
/* test_command_label.c - commands as people name and type them. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/command_label.h"
#include "policy/managers.h"
#include "records.h"

static const struct actor who = { 10, 9, 1, 7, WS_ACTOR_PACKAGE, "node" };

static unsigned kind(const char *name)
{
	for (size_t i = 0; i < manager_count; i++)
		if (strcmp(managers[i].name, name) == 0)
			return (unsigned)i + 1;
	return 0;
}

static void labels(void **state)
{
	static const struct {
		const char *words, *manager, *label;
	} table[] = {
		{ "/usr/bin/curl|-s|https://h/", NULL, "curl -s https://h/" },
		{ "sh|-c|node install.js", NULL, "sh -c node install.js" },
		{ "npm|install", "npm", "npm install" },
		{ "node|/usr/lib/node_modules/npm/bin/npm-cli.js|ci|--silent", "npm",
		  "npm ci --silent" },
		{ "node|/usr/bin/npm|install", "npm", "npm install" },
		{ "node|x.js|--token|abc", NULL, "node x.js --token [redacted]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct buf out = BUF_INIT;
		struct ws_rec_exec r;

		record_exec(&r, &who, 1, "/bin/x", table[i].words);
		r.manager = table[i].manager ? kind(table[i].manager) : 0;
		command_label(&out, &r);
		assert_string_equal(out.at, table[i].label);
		buf_free(&out);
	}
}

static void without_words(void **state)
{
	struct buf out = BUF_INIT;
	struct ws_rec_exec r;

	(void)state;
	record_exec(&r, &who, 1, "/tmp/x", "");
	r.argv.len = 0;
	command_label(&out, &r);
	assert_string_equal(out.at, "/tmp/x");
	buf_reset(&out);
	r.exe_len = 0;
	command_label(&out, &r);
	assert_string_equal(out.at, "node");
	buf_free(&out);
}

static void long_ones_are_cut_between_characters(void **state)
{
	struct buf out = BUF_INIT;
	struct ws_rec_exec r;

	(void)state;
	record_exec(&r, &who, 1, "/bin/x", "x");
	r.argv.len = WS_ARGV_BYTES;
	for (size_t i = 0; i + 1 < WS_ARGV_BYTES; i += 2)
		memcpy(r.argv.bytes + i, "\xc3\xa9", 2);
	command_label(&out, &r);
	assert_in_range(out.len, COMMAND_LABEL_MAX - 2, COMMAND_LABEL_MAX + 3);
	assert_string_equal(out.at + out.len - 3, "...");
	assert_int_equal((unsigned char)out.at[out.len - 4], 0xa9);
	buf_free(&out);
}

static void lines(void **state)
{
	static const char argv[] = "sh\0-c\0echo 'a' > \"$b\"\0\0x=y";
	struct spans none = { 0 };
	struct buf out = BUF_INIT;

	(void)state;
	command_line(&out, &none, argv, sizeof(argv) - 1, false);
	assert_string_equal(out.at, "sh -c 'echo '\\''a'\\'' > \"$b\"' '' x=y");
	buf_reset(&out);
	command_line(&out, &none, argv, 5, true);
	assert_string_equal(out.at, "sh -c ...");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels),
		cmocka_unit_test(without_words),
		cmocka_unit_test(long_ones_are_cut_between_characters),
		cmocka_unit_test(lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
