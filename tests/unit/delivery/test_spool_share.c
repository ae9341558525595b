// SPDX-License-Identifier: GPL-2.0-only
/* test_spool_share.c - each process gets a directory, and what is left in it is not forgotten. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/spool_reader.h"
#include "delivery/spool_share.h"

static char top[64];
static int dir;
static const struct spool_limits limits = SPOOL_LIMITS;

static int setup(void **state)
{
	(void)state;
	strcpy(top, "/tmp/spool-share.XXXXXX");
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

static void is_directory(int fd, const char *name)
{
	struct stat a, b;

	assert_int_equal(fstat(fd, &a), 0);
	assert_int_equal(fstatat(dir, name, &b, 0), 0);
	assert_true(a.st_ino == b.st_ino);
}

static void one_each(void **state)
{
	int dirs[4], locks[4] = { -1, -1, -1, -1 };
	struct error e = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		dirs[i] = dup(dir);
		assert_int_equal(spool_share_take(&dirs[i], &locks[i], &e), i > 0);
	}
	is_directory(dirs[0], ".");
	is_directory(dirs[1], "2");
	is_directory(dirs[2], "3");
	/* the second has ended */
	close(locks[1]);
	dirs[3] = dup(dir);
	assert_int_equal(spool_share_take(&dirs[3], &locks[3], &e), 1);
	is_directory(dirs[3], "2");
	locks[1] = -1;
	for (int i = 0; i < 4; i++) {
		close(dirs[i]);
		if (locks[i] >= 0)
			close(locks[i]);
	}
}

static void all_in_use(void **state)
{
	int locks[SPOOL_SHARE_LAST], mine, lock;
	struct error e = { 0 };

	(void)state;
	for (int i = 0; i < SPOOL_SHARE_LAST; i++) {
		mine = dup(dir);
		assert_true(spool_share_take(&mine, &locks[i], &e) >= 0);
		close(mine);
	}
	mine = dup(dir);
	assert_int_equal(spool_share_take(&mine, &lock, &e), -EBUSY);
	assert_non_null(strstr(e.text, "in use by process"));
	close(mine);
	for (int i = 0; i < SPOOL_SHARE_LAST; i++)
		close(locks[i]);
}

/* Records n..to of a spool below, of which a sink has had those before `next`. */
static void leave(const char *name, int n, int to, uint64_t next)
{
	_close_ int below = -1;
	struct spool *s;

	mkdirat(dir, name, 0700);
	below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(spool_open(&s, below, &limits, NULL), 0);
	for (; n <= to; n++) {
		char id[16], body[32];
		const struct spool_record r = { .kind = SPOOL_EVENT,
						.time = 1000,
						.id = id,
						.id_len = (size_t)sprintf(id, "id-%d", n),
						.body = body,
						.body_len =
							(size_t)sprintf(body, "{\"n\":%d}", n) };

		assert_int_equal(spool_append_record(s, SPOOL_ALERTS, &r, NULL), 0);
	}
	assert_int_equal(spool_sync(s, NULL), 0);
	if (next)
		assert_int_equal(spool_cursor_write(below, "siem",
						    &(struct spool_cursor){ { next, 1 } }, NULL),
				 0);
	spool_close(s);
}

static void holds(const char *want)
{
	_buf_ struct buf all = BUF_INIT;
	struct spool_record record;
	struct spool_reader r;

	spool_reader_open(&r, dir, SPOOL_ALERTS, 1);
	while (spool_reader_next(&r, UINT64_MAX, &record, NULL) > 0) {
		buf_add(&all, record.id, record.id_len);
		buf_addc(&all, ' ');
		assert_int_equal(record.time, 1000);
	}
	spool_reader_close(&r);
	assert_string_equal(all.at, want);
}

static void gathers(void **state)
{
	struct spool_cursor c;
	struct error e = { 0 };
	uint64_t moved;
	struct spool *s;

	(void)state;
	leave("2", 1, 3, 2);
	leave("7", 4, 4, 0);
	assert_int_equal(spool_open(&s, dir, &limits, NULL), 0);
	assert_int_equal(spool_share_gather(s, dir, &moved, &e), 0);
	assert_int_equal(moved, 3);
	holds("id-2 id-3 id-4 ");
	/* the sink that waited for them waits for them here */
	assert_int_equal(spool_cursor_read(&c, dir, "siem", NULL), 0);
	assert_int_equal(c.next[SPOOL_ALERTS], 1);
	/* once */
	assert_int_equal(spool_share_gather(s, dir, &moved, &e), 0);
	assert_int_equal(moved, 0);
	/* a cursor that is here stays where it is; a sink that has had all makes none */
	assert_int_equal(spool_cursor_write(dir, "siem", &(struct spool_cursor){ { 4, 1 } }, NULL),
			 0);
	leave("2", 5, 5, 1);
	assert_int_equal(spool_share_gather(s, dir, &moved, &e), 0);
	assert_int_equal(spool_cursor_read(&c, dir, "siem", NULL), 0);
	assert_int_equal(c.next[SPOOL_ALERTS], 4);
	holds("id-2 id-3 id-4 id-5 ");
	assert_int_equal(unlinkat(dir, "siem.cursor", 0), 0);
	leave("2", 6, 6, 2);
	assert_int_equal(spool_share_gather(s, dir, &moved, &e), 0);
	assert_int_equal(moved, 0);
	assert_int_equal(spool_cursor_read(&c, dir, "siem", NULL), -ENOENT);
	spool_close(s);
}

static void leaves_alone(void **state)
{
	_close_ int below = -1, segment = -1, lock = -1;
	struct error e = { 0 };
	uint64_t moved;
	struct spool *s;

	(void)state;
	leave("2", 1, 1, 0);
	leave("3", 2, 4, 0);
	below = spool_share_open(dir, 2);
	assert_int_equal(spool_lock(&lock, below, NULL), 0);
	close(below);
	/* a record within is changed: moved, that would not show any more */
	below = spool_share_open(dir, 3);
	segment = spool_segment_open(below, SPOOL_ALERTS, 1, O_WRONLY);
	assert_int_equal(pwrite(segment, "X", 1, SPOOL_HEADER + SPOOL_RECORD_LEAST), 1);
	assert_int_equal(spool_open(&s, dir, &limits, NULL), 0);
	assert_int_equal(spool_share_gather(s, dir, &moved, &e), -EUCLEAN);
	assert_string_equal(e.text, "spool directory 3 is damaged and stays as it is: see wormsign "
				    "spool verify");
	assert_int_equal(moved, 0);
	close(TAKE_FD(lock));
	assert_int_equal(spool_share_gather(s, dir, &moved, NULL), -EUCLEAN);
	assert_int_equal(moved, 1);
	holds("id-1 ");
	spool_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_each, setup, teardown),
		cmocka_unit_test_setup_teardown(all_in_use, setup, teardown),
		cmocka_unit_test_setup_teardown(gathers, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_alone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
