// SPDX-License-Identifier: GPL-2.0-only
/* Values longer than jansson's buffer, errors of syntax, and of reading. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json_read.h"
#include "cmocka_all.h"

/* A file that holds text, read from its begin. */
static int file_with(const char *text, size_t len)
{
	char name[] = "/tmp/json_read.XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void test_long(void **state)
{
	char text[10002];
	json_error_t why;
	json_t *got;
	int fd;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "[\"", 2);
	memcpy(text + sizeof(text) - 2, "\"]", 2);
	fd = file_with(text, sizeof(text));
	got = json_read(fd, &why);
	assert_non_null(got);
	assert_int_equal(json_string_length(json_array_get(got, 0)), sizeof(text) - 4);
	json_decref(got);
	assert_int_equal(close(fd), 0);
}

static void test_errors(void **state)
{
	static const struct {
		const char *text;
		int line;
	} table[] = {
		{ "", 1 },
		{ "{\n\"a\": 1,\n\"a\": 2}", 3 },
		{ "[1,\n2", 2 },
		{ "[] []", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		int fd = file_with(table[i].text, strlen(table[i].text));
		json_error_t why;

		assert_null(json_read(fd, &why));
		assert_int_equal(why.line, table[i].line);
		assert_true(why.text[0] != '\0');
		assert_int_equal(close(fd), 0);
	}
}

static void test_unreadable(void **state)
{
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY);
	json_error_t why;

	(void)state;
	assert_true(fd >= 0);
	assert_null(json_read(fd, &why));
	assert_int_equal(close(fd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
