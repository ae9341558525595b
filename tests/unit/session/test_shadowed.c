// SPDX-License-Identifier: GPL-2.0-only
/* test_shadowed.c - which execs run a package's program in place of the system's, and whose. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "records.h"
#include "session/shadowed.h"

static const char *exec(uint32_t actor, const char *exe, const char *words)
{
	static char out[256];
	struct actor who = { 12, 10, 300, 7, actor, "node" };
	_buf_ struct buf name = BUF_INIT, file = BUF_INIT;
	struct ws_rec_exec r;

	record_exec(&r, &who, 400, exe, words);
	if (!shadowed_exec(&r, &name, &file))
		return "";
	snprintf(out, sizeof(out), "%s %s", name.at, file.at);
	return out;
}

static void execs(void **state)
{
	static const struct {
		const char *exe, *words, *want;
	} cases[] = {
		{ "/usr/bin/node", "node|/w/node_modules/.bin/sh|-c|echo honest",
		  "sh /w/node_modules/.bin/sh" },
		{ "/usr/bin/env", "/usr/bin/env|node|/w/node_modules/.bin/cat|x",
		  "cat /w/node_modules/.bin/cat" },
		{ "/w/node_modules/evil/bin/x", "node|build.js",
		  "node /w/node_modules/evil/bin/x" },
		{ "/w/node_modules/evil/sh", "", "sh /w/node_modules/evil/sh" },
		/* the system's own, and bins with names of their own */
		{ "/usr/bin/dash", "sh|-c|node_modules/.bin/tsc", "" },
		{ "/usr/bin/node", "node|/w/node_modules/.bin/tsc-x9", "" },
		{ "/w/node_modules/esbuild/bin/esbuild-x9", "esbuild-x9|--version", "" },
		{ "/usr/bin/node", "node|build.js|/w/node_modules/evil/sh", "" },
		{ "/usr/bin/node", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(exec(WS_ACTOR_PROJECT, cases[i].exe, cases[i].words),
				    cases[i].want);
	/* a package's own scripts are judged as it is; what the job types is the job's */
	assert_string_equal(exec(WS_ACTOR_PACKAGE, "/usr/bin/node", "node|/w/node_modules/.bin/sh"),
			    "");
	assert_string_equal(exec(WS_ACTOR_JOB, "/usr/bin/node", "node|/w/node_modules/.bin/sh"),
			    "");
}

static void packages(void **state)
{
	static const struct {
		const char *file, *link, *want;
	} cases[] = {
		{ "/w/node_modules/.bin/sh", "../evil/sh.js", "evil" },
		{ "/w/node_modules/.bin/sh", "../@acme/evil/sh.js", "@acme/evil" },
		{ "/w/node_modules/.bin/sh", "../../x", "" },
		{ "/w/node_modules/.bin/sh", "", "" },
		{ "/w/node_modules/.bin/sh", "/w/node_modules/.pnpm/e@1/node_modules/e/x", "e" },
		{ "/w/node_modules/a/node_modules/evil/bin/x", "", "evil" },
		{ "/w/node_modules/@s/evil/x", "", "@s/evil" },
		{ "/w/x", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_buf_ struct buf out = BUF_INIT;

		shadowed_package(&out, cases[i].file, cases[i].link);
		assert_string_equal(out.len ? out.at : "", cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(execs),
		cmocka_unit_test(packages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
