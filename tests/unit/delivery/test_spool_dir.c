// SPDX-License-Identifier: GPL-2.0-only
/* test_spool_dir.c - names of segments, and cursors. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/spool_dir.h"

static char path[64];

static int make(void)
{
	strcpy(path, "/tmp/spool-dir.XXXXXX");
	assert_non_null(mkdtemp(path));
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void clear(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", path);
	assert_int_equal(system(command), 0);
}

static void segments(void **state)
{
	CLEANUP(spool_segments_free) struct spool_segments list = { 0 };
	_close_ int dir = make(), other = -1;
	static const uint64_t firsts[] = { 0x100, 1, 0xffffffffffffffff, 0x20 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(firsts); i++) {
		_close_ int fd = spool_segment_open(dir, SPOOL_ALERTS, firsts[i], O_RDWR | O_CREAT);

		assert_true(fd >= 0);
	}
	other = openat(dir, "alert-1.seg", O_RDWR | O_CREAT | O_CLOEXEC, 0600); /* not ours */
	assert_int_equal(spool_segments_list(&list, dir, SPOOL_ALERTS, NULL), 0);
	assert_int_equal(list.count, 4);
	assert_int_equal(list.at[0].first, 1);
	assert_int_equal(list.at[1].first, 0x20);
	assert_true(list.at[3].first == 0xffffffffffffffff);
	assert_int_equal(spool_segment_remove(dir, SPOOL_ALERTS, 1), 0);
	assert_int_equal(spool_segment_open(dir, SPOOL_ALERTS, 1, O_RDONLY), -ENOENT);
	assert_int_equal(spool_segment_open(dir, SPOOL_EVENTS, 0x20, O_RDONLY), -ENOENT);
	clear();
}

static void cursors(void **state)
{
	struct spool_cursor c = { { 3, UINT64_MAX } }, out;
	_close_ int dir = make(), fd = -1;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(spool_cursor_read(&out, dir, "siem", &e), -ENOENT);
	assert_int_equal(spool_cursor_write(dir, "siem", &c, &e), 0);
	c.next[0] = 4;
	assert_int_equal(spool_cursor_write(dir, "siem", &c, &e), 0);
	assert_int_equal(spool_cursor_read(&out, dir, "siem", &e), 0);
	assert_true(out.next[0] == 4 && out.next[1] == UINT64_MAX);
	fd = openat(dir, "siem.cursor", O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, "wormsign-cursor 2 x\n", 20), 20);
	assert_int_equal(spool_cursor_read(&out, dir, "siem", &e), -EBADMSG);
	assert_non_null(strstr(e.text, "siem.cursor is not a cursor of this version"));
	clear();
}

static void names(void **state)
{
	char longest[SPOOL_NAME_MAX + 1];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[SPOOL_NAME_MAX] = 0;
	assert_false(spool_name_ok(longest));
	longest[SPOOL_NAME_MAX - 1] = 0;
	assert_true(spool_name_ok(longest));
	assert_true(spool_name_ok("a.b-c_9"));
	assert_false(spool_name_ok(""));
	assert_false(spool_name_ok(".."));
	assert_false(spool_name_ok("a/b"));
	assert_false(spool_name_ok("a b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments),
		cmocka_unit_test(cursors),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
