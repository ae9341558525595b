// SPDX-License-Identifier: GPL-2.0-only
/* test_unjudged.c - what a session ran that no rule on packages applies to, and nothing else. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "records.h"
#include "session/unjudged.h"

#define CWD "/home/ci/work/app"

static struct unjudged u;

static int begin(void **state)
{
	(void)state;
	u = (struct unjudged){ 0 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	unjudged_free(&u);
	return 0;
}

static const char *run(uint32_t actor, const char *words, const char *cwd)
{
	struct actor who = { 12, 10, 300, 7, actor, "node" };
	struct ws_rec_exec r;

	record_exec(&r, &who, 400, "/usr/bin/node", words);
	return unjudged_exec(&u, &r, cwd);
}

/* Programs of packages that are not the project's. */
static void programs(void **state)
{
	static const struct {
		const char *words, *want, *cwd;
	} cases[] = {
		{ "node|/home/ci/.npm/_npx/a9/node_modules/.bin/semver|1.2.3", "semver", CWD },
		{ "/usr/bin/env|node|/home/ci/.npm/_npx/a9/node_modules/.bin/ng", "ng", CWD },
		{ "node|/home/ci/.cache/pnpm/dlx/a/node_modules/.pnpm/x@1/node_modules/@s/x/c.js",
		  "@s/x", CWD },
		{ "/tmp/bunx-1000-x@latest/node_modules/.bin/x|y", "x", CWD },
		/* the home is the project */
		{ "node|/home/ci/.npm/_npx/a9/node_modules/.bin/semver", "semver", "/home/ci" },
		/* the project's own, where it is, and at the root of a monorepo */
		{ "node|/home/ci/work/app/node_modules/.bin/tsc", NULL, CWD },
		{ "node|/home/ci/work/app/packages/a/node_modules/.bin/tsc", NULL, CWD },
		{ "node|/home/ci/work/node_modules/.bin/tsc", NULL, CWD },
		{ "node|node_modules/.bin/tsc", NULL, CWD },
		/* what the machine has */
		{ "node|/usr/lib/node_modules/npm/bin/npm-cli.js", NULL, CWD },
		{ "node|/home/ci/.nvm/versions/node/v20/lib/node_modules/x/x.js", NULL, CWD },
		{ "node|x.js|/home/ci/.npm/y", NULL, CWD },
		{ "", NULL, CWD },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got = run(WS_ACTOR_PROJECT, cases[i].words, cases[i].cwd);

		if (cases[i].want)
			assert_string_equal(got, cases[i].want);
		else
			assert_null(got);
	}
	assert_int_equal(u.programs.count, 4);
	/* a package's own processes are judged, and npm is npm */
	assert_null(run(WS_ACTOR_PACKAGE, "node|/x/_npx/a/node_modules/.bin/y", CWD));
	assert_null(run(WS_ACTOR_MANAGER, "node|/x/_npx/a/node_modules/.bin/y", CWD));
}

static void managers(void **state)
{
	_buf_ struct buf text = BUF_INIT;
	char words[64];

	(void)state;
	run(WS_ACTOR_JOB, "pdm|sync", CWD);
	run(WS_ACTOR_JOB, "go|test", CWD);
	run(WS_ACTOR_PROJECT, "pdm|sync|y", CWD);
	run(WS_ACTOR_PACKAGE, "gem|install|y", CWD); /* is judged as the package that runs it */
	unjudged_list_text(&text, &u.managers);
	assert_string_equal(text.at, "pdm sync, go test");
	for (unsigned i = 0; i < 40; i++) {
		snprintf(words, sizeof(words), "/x/_npx/a/node_modules/.bin/t%u", i);
		run(WS_ACTOR_JOB, words, CWD);
	}
	buf_reset(&text);
	unjudged_list_text(&text, &u.programs);
	assert_non_null(strstr(text.at, "t15 and 24 more"));
}

/* Names are the watched side's: secrets in them are left out. */
static void redacted(void **state)
{
	(void)state;
	assert_string_equal(
		run(WS_ACTOR_JOB,
		    "/x/_npx/a/node_modules/.bin/ghp_0123456789abcdefghijABCDEFGHIJ012345", CWD),
		"[redacted]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(programs, begin, end),
		cmocka_unit_test_setup_teardown(managers, begin, end),
		cmocka_unit_test_setup_teardown(redacted, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
