// SPDX-License-Identifier: GPL-2.0-only
/* test_git_includes.c - which files a configuration of git includes: as git itself reads it. */
#include "session/git_includes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

static char said[1024];

static int say(void *arg, const char *path)
{
	(void)arg;
	strncat(said, path, sizeof(said) - strlen(said) - 1);
	strncat(said, "|", sizeof(said) - strlen(said) - 1);
	return strcmp(path, "stop") == 0 ? 7 : 0;
}

static int read_text(const char *text, size_t len)
{
	/* no byte behind it may be looked at */
	_free_ char *copy = malloc(len ? len : 1);

	memcpy(copy, text, len);
	said[0] = '\0';
	return git_includes_each(copy, len, say, NULL);
}

static void paths(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
		{ "[include]\n\tpath = /a/b\n\tpath = c\n", "/a/b|c|" },
		{ "[include] path=a\n[core]\n\tpath = b\n[INCLUDE]\nPath=c", "a|c|" },
		{ "[includeIf \"gitdir:/x/]y\\\"z/\"]\n path = ~/a b  # c\n", "~/a b|" },
		{ "[includeif \"onbranch:main\"]path=a;b\n", "a|" },
		{ "[include]\n path = \"a # \\\"b\\\"  \" \n", "a # \"b\"  |" },
		{ "[include]\n path = a\\\n  b\r\n", "a  b|" },
		{ "\xef\xbb\xbf[include]\npath=a\n", "a|" },
		{ "# [include]\npath = a\n; [include]\npath = b\n", "" },
		{ "[includes]\npath=a\n[include.x]\npath=b\n", "b|" },
		{ "[include]\npath\npath =\npath=\"\"\npaths=x\npat=y\n", "" },
		{ "[include]\n\tpath = stop\n\tpath = a\n", "stop|" },
		{ "[include", "" },
		{ "[include \"", "" },
		{ "[include]\npath = \\", "\\|" },
		{ "[include]\npath = \"a", "a|" },
		{ "", "" },
	};
	static char text[GIT_INCLUDE_PATH + 64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		int r = read_text(table[i].text, strlen(table[i].text));

		assert_int_equal(r, strstr(table[i].want, "stop") ? 7 : 0);
		if (strcmp(said, table[i].want) != 0)
			fail_msg("%s: %s", table[i].text, said);
	}
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "[include]\npath=", 15);
	assert_int_equal(read_text(text, strlen(text)), 0);
	assert_string_equal(said, "");
	assert_int_equal(read_text("[include]\npath=a\0b\npath=c\n", 26), 0);
	assert_string_equal(said, "c|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
