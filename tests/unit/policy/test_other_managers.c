// SPDX-License-Identifier: GPL-2.0-only
/* test_other_managers.c - which commands run packages' code that nobody judges. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/managers.h"
#include "policy/other_managers.h"

/* words: separated by '|'. Returns "pip install", "". */
static const char *of(const char *words)
{
	static char out[128];
	const char *program, *command = NULL;
	char argv[256];
	size_t n = strlen(words);

	for (size_t i = 0; i <= n; i++)
		argv[i] = words[i] == '|' ? '\0' : words[i];
	program = other_manager_of(argv, n + 1, &command);
	if (!program)
		return "";
	snprintf(out, sizeof(out), "%s%s%s", program, command[0] ? " " : "", command);
	return out;
}

static void known(void **state)
{
	static const struct {
		const char *words, *want;
	} cases[] = {
		{ "rye|install", "rye install" },
		{ "/usr/bin/python3|/usr/bin/pdm|--quiet|install|x", "pdm install" },
		{ "python3.12|-m|hatch|env", "hatch env" },
		{ "/opt/v/bin/pdm3.12|install|x", "pdm install" },
		{ "/usr/local/go/bin/go|-x|test", "go test" },
		{ "deno|install|--allow-scripts", "deno install" },
		{ "node|/usr/local/bin/cnpm|i", "cnpm i" },
		{ "cnpm.cmd|i", "" },
		{ "/usr/bin/ruby|/usr/bin/pod|install", "pod install" },
		{ "php|composer.phar|install", "composer install" },
		{ "easy_install|x", "easy_install" },
		{ "sh|./gradlew|build", "gradlew" },
		{ "apt-get|-y|install|x", "apt-get install" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(of(cases[i].words), cases[i].want);
}

/* What runs no code of packages, and what only looks like it. */
static void others(void **state)
{
	static const char *const cases[] = {
		"pip|install|x",  "cargo|build",    "uv|sync",
		"poetry|add",	  "go|fmt",	    "go",
		"gopher|install", "cat|pdm|sync",   "node|x.js",
		"echo|go|build",  "deno|lint",	    "pdm-audit|sync",
		"go-x|run",	  "sh|-c|pdm sync", "",
		"python3|-c|x",	  "npm|install",
	};
	const char *command;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(of(cases[i]), "");
	assert_null(other_manager_of("rye\0sy", 6, &command)); /* cut */
	assert_null(other_manager_of("", 0, &command));
}

/* None of them is one that is judged. */
static void not_judged(void **state)
{
	(void)state;
	assert_true(other_manager_count > 10);
	for (size_t i = 0; i < other_manager_count; i++)
		for (const char *const *p = other_managers[i].programs; *p; p++)
			for (size_t m = 0; m < manager_count; m++)
				assert_string_not_equal(*p, managers[m].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known),
		cmocka_unit_test(others),
		cmocka_unit_test(not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
