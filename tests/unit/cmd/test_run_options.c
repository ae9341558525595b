// SPDX-License-Identifier: GPL-2.0-only
/* test_run_options.c - the options of `wormsign run`; what follows the command is the command's. */
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmocka_all.h"
#include "cmd/run_options.h"

#define MOST_WORDS 80

static struct run_options options;
static char *words[MOST_WORDS], text[1024];

/* Parse words separated by single blanks, with stdout and stderr away. */
static int parse(const char *line)
{
	int out = dup(1), err = dup(2), null = open("/dev/null", O_WRONLY), n = 0, r;
	char *rest = text;

	snprintf(text, sizeof(text), "run %s", line);
	for (char *word; (word = strsep(&rest, " "));)
		if (*word)
			words[n++] = word;
	words[n] = NULL;
	dup2(null, 1);
	dup2(null, 2);
	optind = 0;
	r = run_options_parse(&options, n, words);
	dup2(out, 1);
	dup2(err, 2);
	close(out);
	close(err);
	close(null);
	return r;
}

static void defaults(void **state)
{
	(void)state;
	assert_int_equal(parse("npm ci"), -1);
	assert_int_equal(options.mode, WS_MODE_ENFORCE);
	assert_int_equal(options.backend, WS_BACKEND_NONE);
	assert_null(options.log);
	assert_int_equal(options.grace_ms, 200);
	assert_false(options.quiet || options.verbose);
	assert_null(options.rules[0]);
	assert_false(options.no_agent);
	assert_null(options.socket);
	assert_string_equal(options.command[0], "npm");
	assert_string_equal(options.command[1], "ci");
	assert_null(options.command[2]);
}

static void each(void **state)
{
	(void)state;
	assert_int_equal(
		parse("--mode audit --log=l -qv --grace 0 --backend watch --rules a --rules=b "
		      "--cache c --tmp t -- x"),
		-1);
	assert_int_equal(options.mode, WS_MODE_AUDIT);
	assert_false(options.tools);
	assert_int_equal(parse("--tools enforce x"), -1);
	assert_true(options.tools);
	assert_int_equal(parse("--tools=enforce --tools=alert x"), -1);
	assert_false(options.tools);
	assert_int_equal(
		parse("--mode audit --log=l -qv --grace 0 --backend watch --rules a --rules=b "
		      "--cache c --tmp t -- x"),
		-1);
	assert_int_equal(options.backend, WS_BACKEND_WATCH);
	assert_string_equal(options.log, "l");
	assert_true(options.quiet && options.verbose);
	assert_int_equal(options.grace_ms, 0);
	assert_string_equal(options.rules[0], "a");
	assert_string_equal(options.rules[1], "b");
	assert_null(options.rules[2]);
	assert_string_equal(options.cache[0], "c");
	assert_string_equal(options.tmp[0], "t");
	assert_string_equal(options.command[0], "x");
	assert_int_equal(parse("--no-agent --mode=enforce --backend=deny x"), -1);
	assert_true(options.no_agent);
	assert_int_equal(options.mode, WS_MODE_ENFORCE);
	assert_int_equal(options.backend, WS_BACKEND_DENY);
	assert_int_equal(parse("--socket /s x"), -1);
	assert_string_equal(options.socket, "/s");
	assert_int_equal(parse("--sink journal --spool=s --flush 1s x"), -1);
	assert_int_equal(parse("--flush 1s --config=c x"), -1);
}

static void commands_own(void **state)
{
	(void)state;
	assert_int_equal(parse("x --mode=nonsense --help -q -- y"), -1);
	assert_string_equal(options.command[1], "--mode=nonsense");
	assert_string_equal(options.command[4], "--");
	assert_false(options.quiet);
	assert_int_equal(parse("-- -x"), -1);
	assert_string_equal(options.command[0], "-x");
	assert_int_equal(parse("-- -- x"), -1);
	assert_string_equal(options.command[0], "--");
}

static void wrong(void **state)
{
	static const char *const lines[] = {
		"",
		"--",
		"-q",
		"--no-such x",
		"--mode x y",
		"--mode",
		"--tools=kill x",
		"--backend=x y",
		"--grace=-1 x",
		"--grace=1s x",
		"--grace=600001 x",
		"--grace= x",
		"-z x",
		/* what would be ignored */
		"--no-agent --socket /s x",
		"--socket=/s --no-agent x",
		"--spool=s x",
		"--flush=0s x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(parse(lines[i]), STATUS_TROUBLE);
}

static void help(void **state)
{
	(void)state;
	assert_int_equal(parse("--help"), 0);
	assert_int_equal(parse("-h"), 0);
	assert_int_equal(parse("--version"), 0);
}

static void too_many(void **state)
{
	char line[1024] = "";

	(void)state;
	for (int i = 0; i < RUN_MOST_DIRS; i++)
		strcat(line, "--tmp a ");
	strcat(line, "x");
	assert_int_equal(parse(line), -1);
	strcpy(line + strlen(line) - 1, "--tmp a x");
	assert_int_equal(parse(line), STATUS_TROUBLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults), cmocka_unit_test(each), cmocka_unit_test(commands_own),
		cmocka_unit_test(wrong),    cmocka_unit_test(help), cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
