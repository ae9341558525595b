// SPDX-License-Identifier: GPL-2.0-only
/* test_path_below.c - below a directory means below it, not beginning with its letters. */
#include <stddef.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/path_below.h"

static void below(void **state)
{
	static const struct {
		const char *path, *dir, *wanted;
	} cases[] = {
		{ "/a/b", "/a", "/b" },
		{ "/a/b/c", "/a/b", "/c" },
		{ "/a", "/a", "" },
		{ "/ab", "/a", NULL },
		{ "/a", "/a/b", NULL },
		{ "/b", "/a", NULL },
		{ "/a/b", "/a/", "/b" },
		{ "/a/b", "/a//", "/b" },
		{ "/a", "/a/", "" },
		{ "/a", "/", "/a" },
		{ "/", "/", "" },
		{ "/a/b", "//", "/a/b" },
		{ "/a/../b", "/a", "/../b" },
		{ "", "/", "" },
		{ "", "/a", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got = path_below(cases[i].path, cases[i].dir);

		if (cases[i].wanted)
			assert_string_equal(got, cases[i].wanted);
		else
			assert_null(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
