// SPDX-License-Identifier: GPL-2.0-only
/* test_options.c - options that are given twice. */
#include "base/options.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"

static const struct option table[] = {
	{ "one", required_argument, NULL, 'o' },
	{ "many", required_argument, NULL, 'm' },
	{ "flag", no_argument, NULL, 'f' },
	{ 0 },
};

/* What comes of the options in `line`, a letter each; stderr is away. */
static const char *read_all(const char *line)
{
	static const int lists[] = { 'm', 0 };
	static char text[256], letters[16];
	char *words[16], *rest = text;
	int err = dup(2), null = open("/dev/null", O_WRONLY), n = 0, opt;
	uint64_t seen = 0;
	size_t len = 0;

	snprintf(text, sizeof(text), "program %s", line);
	for (char *word; (word = strsep(&rest, " "));)
		words[n++] = word;
	words[n] = NULL;
	dup2(null, 2);
	optind = 0;
	while ((opt = options_next(n, words, "+f", table, lists, &seen)) >= 0)
		letters[len++] = (char)opt;
	letters[len] = 0;
	dup2(err, 2);
	close(err);
	close(null);
	return letters;
}

static void twice(void **state)
{
	(void)state;
	assert_string_equal(read_all("--one a --many b --flag"), "omf");
	assert_string_equal(read_all("--one a --one b"), "o?");
	assert_string_equal(read_all("--one=a --on=a"), "o?");
	assert_string_equal(read_all("--many a --many b"), "mm");
	assert_string_equal(read_all("-f --flag -f"), "fff");
	assert_string_equal(read_all("--one a command --one b"), "o");
	assert_string_equal(read_all("--none --one a"), "?o");
	assert_string_equal(read_all("--one"), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
