// SPDX-License-Identifier: GPL-2.0-only
/* test_spool.c - what was appended is there again, in order, whatever happened in between. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/spool.h"
#include "delivery/spool_reader.h"
#include "delivery/spool_verify.h"

static char path[64];
static int dir;
static const struct spool_limits limits = SPOOL_LIMITS;

static int setup(void **state)
{
	(void)state;
	strcpy(path, "/tmp/spool.XXXXXX");
	if (!mkdtemp(path))
		return -1;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	close(dir);
	snprintf(command, sizeof(command), "rm -rf %s", path);
	return system(command);
}

static struct spool *open_spool(const struct spool_limits *l)
{
	struct error e = { 0 };
	struct spool *s = NULL;

	assert_int_equal(spool_open(&s, dir, l, &e), 0);
	return s;
}

static void add(struct spool *s, enum spool_stream stream, int from, int to)
{
	for (int i = from; i <= to; i++) {
		char id[32], body[64];
		int len = snprintf(body, sizeof(body), "{\"n\":%d}", i);

		snprintf(id, sizeof(id), "id-%d", i);
		assert_int_equal(spool_append(s, stream, id, body, (size_t)len, NULL), 0);
	}
	assert_int_equal(spool_sync(s, NULL), 0);
}

/* The bodies of a stream from `next` on, one after the other. */
static void is(enum spool_stream stream, uint64_t next, const char *want, uint64_t skipped,
	       uint64_t missing)
{
	_buf_ struct buf all = BUF_INIT;
	struct spool_record record;
	struct spool_reader r;
	struct error e = { 0 };
	int n;

	spool_reader_open(&r, dir, stream, next);
	while ((n = spool_reader_next(&r, UINT64_MAX, &record, &e)) > 0)
		buf_add(&all, record.body, record.body_len);
	assert_string_equal(e.text, "");
	assert_int_equal(n, 0);
	assert_string_equal(all.at, want);
	assert_int_equal(r.skipped, skipped);
	assert_int_equal(r.missing, missing);
	spool_reader_close(&r);
}

static uint64_t faults(enum spool_stream stream)
{
	_fclose_ FILE *null = fopen("/dev/null", "we");
	struct spool_verify v = { 0 };

	assert_int_equal(spool_verify(&v, dir, stream, null, NULL), 0);
	return v.faults;
}

static void damage(const char *name, off_t at, const char *bytes, size_t len)
{
	_close_ int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, at), len);
}

#define FIRST "alert-0000000000000001.seg"
#define EACH  (SPOOL_RECORD_LEAST + 4 + 7) /* a record of add(): id and body */

static void goes_on(void **state)
{
	struct spool *s = open_spool(&limits);

	(void)state;
	assert_int_equal(spool_end(s, SPOOL_ALERTS), 1);
	add(s, SPOOL_ALERTS, 1, 3);
	add(s, SPOOL_EVENTS, 8, 8);
	assert_int_equal(spool_end(s, SPOOL_ALERTS), 4);
	spool_close(s);
	s = open_spool(&limits);
	add(s, SPOOL_ALERTS, 4, 4);
	spool_close(s);
	is(SPOOL_ALERTS, 1, "{\"n\":1}{\"n\":2}{\"n\":3}{\"n\":4}", 0, 0);
	is(SPOOL_ALERTS, 3, "{\"n\":3}{\"n\":4}", 0, 0);
	is(SPOOL_EVENTS, 1, "{\"n\":8}", 0, 0);
	assert_int_equal(faults(SPOOL_ALERTS), 0);
}

static void unfinished_record_is_cut(void **state)
{
	struct spool *s = open_spool(&limits);
	struct stat st;

	(void)state;
	add(s, SPOOL_ALERTS, 1, 2);
	spool_close(s);
	assert_int_equal(fstatat(dir, FIRST, &st, 0), 0);
	assert_int_equal(st.st_size, SPOOL_HEADER + 2 * EACH);
	for (off_t cut = SPOOL_HEADER + EACH; cut < st.st_size; cut += 5) {
		{
			_close_ int fd = openat(dir, FIRST, O_WRONLY | O_CLOEXEC);

			assert_int_equal(ftruncate(fd, cut), 0);
		}
		s = open_spool(&limits);
		assert_int_equal(spool_counts(s).torn, cut - SPOOL_HEADER - EACH);
		add(s, SPOOL_ALERTS, 2, 2);
		spool_close(s);
		is(SPOOL_ALERTS, 1, "{\"n\":1}{\"n\":2}", 0, 0);
	}
	assert_int_equal(faults(SPOOL_ALERTS), 0);
}

static void header_only_in_part(void **state)
{
	struct spool *s = open_spool(&limits);

	(void)state;
	spool_close(s);
	{
		_close_ int fd = openat(dir, FIRST, O_WRONLY | O_CLOEXEC);

		assert_int_equal(ftruncate(fd, 10), 0);
	}
	s = open_spool(&limits);
	assert_int_equal(spool_counts(s).torn, 10);
	add(s, SPOOL_ALERTS, 1, 1);
	spool_close(s);
	is(SPOOL_ALERTS, 1, "{\"n\":1}", 0, 0);
}

/* Killed while the next segment was made: nothing is missing, and nothing looks removed. */
static void next_header_in_part(void **state)
{
	const struct spool_limits small = { .segment_bytes = 1, .event_bytes = 1 << 20 };

	(void)state;
	for (int zeros = 0; zeros < 2; zeros++) {
		struct spool *s = open_spool(&small);
		int n = zeros * 3;
		char name[40];
		int fd;

		add(s, SPOOL_ALERTS, n + 1, n + 2);
		spool_close(s);
		snprintf(name, sizeof(name), "alert-%016x.seg", n + 3);
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (zeros)
			assert_int_equal(ftruncate(fd, SPOOL_HEADER), 0);
		else
			assert_int_equal(write(fd, "WSSPOOL", 8), 8);
		close(fd);
		s = open_spool(&small);
		add(s, SPOOL_ALERTS, n + 3, n + 3);
		spool_close(s);
	}
	is(SPOOL_ALERTS, 1, "{\"n\":1}{\"n\":2}{\"n\":3}{\"n\":4}{\"n\":5}{\"n\":6}", 0, 0);
	assert_int_equal(faults(SPOOL_ALERTS), 0);
}

/* Somebody has removed the segments, and not the cursors: what comes now has numbers that the
 * sinks have not passed. */
static void segments_without_cursors(void **state)
{
	const struct spool_cursor c = { .next = { 5000, 1 } };
	struct spool *s;

	(void)state;
	assert_int_equal(spool_cursor_write(dir, "x", &c, NULL), 0);
	s = open_spool(&limits);
	add(s, SPOOL_ALERTS, 1, 1);
	assert_int_equal(spool_end(s, SPOOL_ALERTS), 5001);
	spool_close(s);
	is(SPOOL_ALERTS, 5000, "{\"n\":1}", 0, 0);
}

/* A record in the middle is destroyed: the others are delivered, and verify shows it. */
static void damaged_record(void **state)
{
	struct spool *s = open_spool(&limits);

	(void)state;
	add(s, SPOOL_ALERTS, 1, 3);
	spool_close(s);
	damage(FIRST, SPOOL_HEADER + EACH + 60, "XX", 2);
	is(SPOOL_ALERTS, 1, "{\"n\":1}{\"n\":3}", EACH, 1);
	assert_true(faults(SPOOL_ALERTS) > 0);
	/* the writer goes on in a new segment, with the next number */
	s = open_spool(&limits);
	assert_int_equal(spool_end(s, SPOOL_ALERTS), 4);
	add(s, SPOOL_ALERTS, 4, 4);
	spool_close(s);
	is(SPOOL_ALERTS, 1, "{\"n\":1}{\"n\":3}{\"n\":4}", EACH, 1);
	/* a size that cannot be is skipped, too */
	damage(FIRST, SPOOL_HEADER + EACH, "\xff\xff\xff\xff", 4);
	is(SPOOL_ALERTS, 1, "{\"n\":1}{\"n\":3}{\"n\":4}", EACH, 1);
}

/* Records of the same length are exchanged, with their checksums: the chain shows it. */
static void exchanged_records(void **state)
{
	char a[EACH], b[EACH];
	struct spool *s = open_spool(&limits);

	(void)state;
	add(s, SPOOL_ALERTS, 1, 4);
	spool_close(s);
	assert_int_equal(faults(SPOOL_ALERTS), 0);
	{
		_close_ int fd = openat(dir, FIRST, O_RDONLY | O_CLOEXEC);

		assert_int_equal(pread(fd, a, EACH, SPOOL_HEADER + EACH), EACH);
		assert_int_equal(pread(fd, b, EACH, SPOOL_HEADER + 2 * EACH), EACH);
	}
	damage(FIRST, SPOOL_HEADER + EACH, b, EACH);
	damage(FIRST, SPOOL_HEADER + 2 * EACH, a, EACH);
	assert_true(faults(SPOOL_ALERTS) >= 2);
}

static int no_cursor(void *arg, const char *sink, const struct spool_cursor *c)
{
	(void)arg;
	(void)sink;
	(void)c;
	return 1;
}

static void segments_wait_for_cursors(void **state)
{
	struct spool_limits small = limits;
	struct spool_cursor slow = { { 1, 1 } }, fast = { { 21, 1 } };
	CLEANUP(spool_segments_free) struct spool_segments list = { 0 };
	struct spool *s;

	(void)state;
	small.segment_bytes = SPOOL_HEADER + 3 * EACH;
	s = open_spool(&small);
	add(s, SPOOL_ALERTS, 1, 9);
	assert_int_equal(spool_cursors(dir, no_cursor, NULL, NULL), 0);
	assert_int_equal(spool_clean(s, NULL), 0); /* no sink: nothing has been delivered */
	is(SPOOL_ALERTS, 1,
	   "{\"n\":1}{\"n\":2}{\"n\":3}{\"n\":4}{\"n\":5}{\"n\":6}{\"n\":7}{\"n\":8}{\"n\":9}", 0,
	   0);
	assert_int_equal(spool_cursor_write(dir, "slow", &slow, NULL), 0);
	assert_int_equal(spool_cursor_write(dir, "fast", &fast, NULL), 0);
	assert_int_equal(spool_clean(s, NULL), 0);
	assert_int_equal(spool_segments_list(&list, dir, SPOOL_ALERTS, NULL), 0);
	assert_int_equal(list.count, 3);
	slow.next[SPOOL_ALERTS] = 6; /* within the second segment, which stays */
	assert_int_equal(spool_cursor_write(dir, "slow", &slow, NULL), 0);
	assert_int_equal(spool_clean(s, NULL), 0);
	is(SPOOL_ALERTS, 6, "{\"n\":6}{\"n\":7}{\"n\":8}{\"n\":9}", 0, 0);
	is(SPOOL_ALERTS, 4, "{\"n\":4}{\"n\":5}{\"n\":6}{\"n\":7}{\"n\":8}{\"n\":9}", 0, 0);
	spool_close(s);
	assert_int_equal(faults(SPOOL_ALERTS), 0);
}

static void oldest_events_are_dropped(void **state)
{
	struct spool_limits small = limits;
	struct spool_cursor c = { { 1, 2 } };
	struct spool_record record;
	struct spool_reader r;
	struct spool *s;
	uint64_t alerts = 0, gap = 0;

	(void)state;
	small.segment_bytes = SPOOL_HEADER + 3 * EACH;
	small.event_bytes = 4 * small.segment_bytes;
	s = open_spool(&small);
	assert_int_equal(spool_cursor_write(dir, "sink", &c, NULL), 0);
	add(s, SPOOL_ALERTS, 1, 100);
	add(s, SPOOL_EVENTS, 1, 30);
	assert_int_equal(spool_clean(s, NULL), 0);
	assert_true(spool_counts(s).dropped >= 17);
	spool_close(s);
	spool_reader_open(&r, dir, SPOOL_ALERTS, 1);
	while (spool_reader_next(&r, UINT64_MAX, &record, NULL) > 0)
		alerts++;
	spool_reader_close(&r);
	assert_int_equal(alerts, 100);
	/* what is lost is written into its place */
	spool_reader_open(&r, dir, SPOOL_EVENTS, 1);
	while (spool_reader_next(&r, UINT64_MAX, &record, NULL) > 0)
		gap += record.kind == SPOOL_OWN;
	spool_reader_close(&r);
	assert_true(gap > 0);
}

/* Three full segments, of an age that the machine's clock has no say in. */
static struct spool *open_with_age(const struct spool_limits *l, const char *clock)
{
	if (clock) {
		_close_ int fd = openat(dir, "clock", O_WRONLY | O_TRUNC | O_CLOEXEC);

		assert_int_equal(write(fd, clock, strlen(clock)), strlen(clock));
	}
	return open_spool(l);
}

/* Somebody sets the machine's clock ten years forward: to the files, they were written so long ago.
 * No event is dropped for that. What is old by the spool's own clock is. */
static void age_is_not_the_machines_time(void **state)
{
	struct spool_limits small = limits;
	const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	static const char *const names[] = { "event-0000000000000001.seg",
					     "event-0000000000000004.seg" };
	struct spool *s;

	(void)state;
	small.segment_bytes = SPOOL_HEADER + 3 * EACH;
	small.event_age = 3600;
	s = open_spool(&small);
	add(s, SPOOL_EVENTS, 1, 7);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(utimensat(dir, names[i], old, 0), 0);
	assert_int_equal(spool_clean(s, NULL), 0);
	assert_int_equal(spool_counts(s).dropped, 0);
	spool_close(s);
	/* of another boot: what it showed is kept, and no time has passed since */
	s = open_with_age(&small, "wormsign-clock 1 boot 0-0 at 5 shown 3000000000000\n");
	assert_int_equal(spool_clean(s, NULL), 0);
	assert_int_equal(spool_counts(s).dropped, 0);
	spool_close(s);
	s = open_with_age(&small, "wormsign-clock 1 boot 0-0 at 5 shown 3700000000000\n");
	assert_int_equal(spool_clean(s, NULL), 0);
	assert_int_equal(spool_counts(s).dropped, 6);
	spool_close(s);
}

/* What somebody else has put there is not waited for, followed, or read into memory; which file it
 * is, is said. */
static void no_segments(void **state)
{
	static const struct {
		const char *command, *says;
	} cases[] = {
		{ "mkfifo", "alert-0000000000000001.seg is no regular file" },
		{ "ln -s /etc/passwd", "alert-0000000000000001.seg is no regular file" },
		{ "mkdir", "alert-0000000000000001.seg " },
		{ "truncate -s 100G", "alert-0000000000000001.seg is larger than any segment" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error e = { 0 };
		struct spool *s = NULL;
		char command[256];

		snprintf(command, sizeof(command), "rm -rf %s/*; %s %s/alert-0000000000000001.seg",
			 path, cases[i].command, path);
		assert_int_equal(system(command), 0);
		assert_true(spool_open(&s, dir, &limits, &e) < 0);
		if (!strstr(e.text, cases[i].says))
			assert_string_equal(e.text, cases[i].says);
	}
}

static void versions_and_strangers(void **state)
{
	struct spool *s = open_spool(&limits);
	struct error e = { 0 };

	(void)state;
	spool_close(s);
	damage(FIRST, 8, "\2", 1);
	assert_int_equal(spool_open(&s, dir, &limits, &e), -EPROTO);
	assert_non_null(strstr(e.text, FIRST " is of version 2, this wormsign knows version 1"));
	e = (struct error){ 0 };
	damage(FIRST, 0, "GARBAGE!", 8);
	assert_int_equal(spool_open(&s, dir, &limits, &e), -EBADMSG);
	assert_non_null(strstr(e.text, FIRST " is no segment"));
}

static void one_writer(void **state)
{
	struct error e = { 0 };
	int first, second;

	(void)state;
	assert_int_equal(spool_lock(&first, dir, &e), 0);
	assert_int_equal(spool_lock(&second, dir, &e), -EBUSY);
	assert_non_null(strstr(e.text, "in use by process"));
	close(first);
	assert_int_equal(spool_lock(&second, dir, &e), 0);
	close(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(unfinished_record_is_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(header_only_in_part, setup, teardown),
		cmocka_unit_test_setup_teardown(next_header_in_part, setup, teardown),
		cmocka_unit_test_setup_teardown(segments_without_cursors, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_record, setup, teardown),
		cmocka_unit_test_setup_teardown(exchanged_records, setup, teardown),
		cmocka_unit_test_setup_teardown(segments_wait_for_cursors, setup, teardown),
		cmocka_unit_test_setup_teardown(oldest_events_are_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(age_is_not_the_machines_time, setup, teardown),
		cmocka_unit_test_setup_teardown(versions_and_strangers, setup, teardown),
		cmocka_unit_test_setup_teardown(no_segments, setup, teardown),
		cmocka_unit_test_setup_teardown(one_writer, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
