// SPDX-License-Identifier: GPL-2.0-only
/* test_rules_list.c - rules as tables: what a rule has is there, and no row for what it has not. */
#include <string.h>

#include "base/cleanup.h"
#include "captured.h"
#include "cmd/rules_list.h"
#include "cmocka_all.h"
#include "some_rules.h"

static struct captured shown;

static char *names[] = { "a", "b\033[2J" };

static const struct rule full = {
	.id = "full",
	.title = "All there is",
	.file = "f/full.json",
	.action = WS_KILL,
	.severity = WS_SEV_HIGH,
	.ops = 1u << WS_OP_READ | 1u << WS_OP_WRITE,
	.actors = 1u << WS_ACTOR_PACKAGE,
	.path = { names, 2 },
	.places = 1u << WS_PLACE_HOME,
	.exe = { names, 1 },
	.address = { names, 1 },
	.unless_exe = { names, 2 },
	.unless_places = 1u << WS_PLACE_TMP | 1u << WS_PLACE_CACHE,
	.after = { names, 1 },
	.label = "secret-read",
	.count_of = WS_COUNT_BYTES,
	.over = 100,
	.within_ms = 1000,
	.why = "so",
	.remedy = "do",
	.tuned = "by x",
};

static const char *const rows = "full: All there is\n"
				"  verdict        kill, high (f/full.json)\n"
				"  on             read, write\n"
				"  actor          package\n"
				"  path           a\n"
				"                 b\\x1b[2J\n"
				"  place          home\n"
				"  exe            a\n"
				"  address        a\n"
				"  unless place   tmp, cache\n"
				"  unless exe     a\n"
				"                 b\\x1b[2J\n"
				"  after          a\n"
				"  count          over 100 bytes within a window\n"
				"  label          secret-read\n"
				"  why            so\n"
				"  remedy         do\n"
				"  tuned          by x\n";

static int one(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	rules_list_one(&full);
	return 0;
}

static int all(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	rules_list(some_rules(false));
	return 0;
}

static void everything_about_one(void **state)
{
	(void)state;
	captured_call(&shown, one, "");
	assert_string_equal(shown.out, rows);
}

static void a_line_each(void **state)
{
	(void)state;
	captured_call(&shown, all, "");
	assert_string_equal(
		shown.out,
		"kill   critical  cloud-credentials-read      Install script reads cloud "
		"credentials\n"
		"hide   info      home-hidden                 The rest of the home\n"
		"alert  low       npmrc-read                  Install script reads npmrc\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_about_one),
		cmocka_unit_test(a_line_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
