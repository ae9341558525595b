// SPDX-License-Identifier: GPL-2.0-only
/* test_dead_letter.c - each line is whole, whatever happened to the one before. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/dead_letter.h"

static char top[64];
static int dir;

static int setup(void **state)
{
	(void)state;
	strcpy(top, "/tmp/dead-letter.XXXXXX");
	if (!mkdtemp(top))
		return -1;
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	close(dir);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

static void is(const char *want)
{
	char text[4096] = { 0 };
	_close_ int fd = openat(dir, "siem.dead", O_RDONLY | O_CLOEXEC);

	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	assert_string_equal(text, want);
}

static int add(const char *id, const char *body, size_t len)
{
	return dead_letter_add(dir, "siem", id, body, len, "no");
}

#define ONE "{\"id\":\"1\",\"reason\":\"no\",\"event\":{\"n\":1}}\n"
#define TWO "{\"id\":\"2\",\"reason\":\"no\",\"event\":{\"n\":2}}\n"

static void lines(void **state)
{
	(void)state;
	assert_int_equal(add("1", "{\"n\":1}", 7), 0);
	assert_int_equal(add("2", "{\"n\":2}", 7), 0);
	assert_int_equal(add("", "\x1b[2J\xff\n", 6), 0);
	is(ONE TWO "{\"id\":\"\",\"reason\":\"no\",\"text\":\"\\\\x1b[2J\\\\xff\\\\x0a\"}\n");
}

/* The process was killed within a line. */
static void torn_line_is_ended(void **state)
{
	(void)state;
	{
		_close_ int fd = openat(dir, "siem.dead", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		assert_int_equal(write(fd, "{\"id\":\"0", 8), 8);
	}
	assert_int_equal(add("1", "{\"n\":1}", 7), 0);
	is("{\"id\":\"0\n" ONE);
}

/* A disk that takes only a part of the line: none of it stays. */
static void no_room(void **state)
{
	struct rlimit before, little = { .rlim_cur = sizeof(ONE) + 10 };

	(void)state;
	assert_int_equal(add("1", "{\"n\":1}", 7), 0);
	getrlimit(RLIMIT_FSIZE, &before);
	little.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &little);
	assert_int_equal(add("2", "{\"n\":2}", 7), -ENOSPC);
	setrlimit(RLIMIT_FSIZE, &before);
	is(ONE);
	assert_int_equal(add("2", "{\"n\":2}", 7), 0);
	is(ONE TWO);
}

static void not_a_file(void **state)
{
	(void)state;
	assert_int_equal(symlinkat("elsewhere", dir, "siem.dead"), 0);
	assert_int_equal(add("1", "{}", 2), -ELOOP);
	assert_int_equal(unlinkat(dir, "siem.dead", 0), 0);
	assert_int_equal(mkfifoat(dir, "siem.dead", 0600), 0);
	assert_int_equal(add("1", "{}", 2), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines, setup, teardown),
		cmocka_unit_test_setup_teardown(torn_line_is_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(no_room, setup, teardown),
		cmocka_unit_test_setup_teardown(not_a_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
