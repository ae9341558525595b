// SPDX-License-Identifier: GPL-2.0-only
/* test_small_file.c - only what is a small regular file is read, and only its owner's. */
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/small_file.h"
#include "tree.h"

static void files(void **state)
{
	char *top = tree_new(), *text;
	struct buf large = BUF_INIT;
	size_t len = 0;

	(void)state;
	tree_add(top, "a", "hello\n");
	text = small_file_read(tree_path(top, "a"), getuid(), &len);
	assert_string_equal(text, "hello\n");
	assert_int_equal(len, 6);
	free(text);
	text = small_file_read(tree_path(top, "a"), (uid_t)-1, NULL);
	assert_string_equal(text, "hello\n");
	free(text);
	if (getuid()) /* root's files are everybody's */
		assert_null(small_file_read(tree_path(top, "a"), getuid() + 1, NULL));
	assert_null(small_file_read(tree_path(top, "b"), (uid_t)-1, NULL));
	assert_null(small_file_read(top, (uid_t)-1, NULL));
	assert_null(small_file_read("/dev/zero", (uid_t)-1, NULL));
	assert_int_equal(mkfifo(tree_path(top, "fifo"), 0600), 0);
	assert_null(small_file_read(tree_path(top, "fifo"), (uid_t)-1, NULL));
	buf_fill(&large, 'x', SMALL_FILE_MAX);
	tree_add(top, "large", large.at);
	text = small_file_read(tree_path(top, "large"), (uid_t)-1, &len);
	assert_int_equal(len, SMALL_FILE_MAX);
	free(text);
	buf_addc(&large, 'x');
	tree_add(top, "larger", large.at);
	assert_null(small_file_read(tree_path(top, "larger"), (uid_t)-1, NULL));
	buf_free(&large);
	tree_free(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(files) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
