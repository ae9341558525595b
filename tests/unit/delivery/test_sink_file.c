// SPDX-License-Identifier: GPL-2.0-only
/* test_sink_file.c - lines, rotation, compression, and what somebody else does to the file. */
#define _GNU_SOURCE /* statx */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/sink_file.h"

static char path[96];
static char top[64];

static void begin(void)
{
	strcpy(top, "/tmp/sink-file.XXXXXX");
	assert_non_null(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/log", top);
}

static void end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", top);
	assert_int_equal(system(command), 0);
}

static void send_one(void *sink, const char *body)
{
	struct sink_event e = { .id = "x",
				.body = body,
				.body_len = strlen(body),
				.text = body,
				.text_len = strlen(body) };
	struct sink_result r = { 0 };

	sink_file.send(sink, &e, 1, &r);
	assert_string_equal(r.why, "");
	assert_int_equal(e.fate, SINK_DONE);
}

static void holds(const char *suffix, const char *want)
{
	char name[128], text[256] = { 0 };
	gzFile z;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	z = gzopen(name, "rb"); /* reads plain files, too */
	assert_non_null(z);
	assert_true(gzread(z, text, sizeof(text) - 1) >= 0);
	gzclose(z);
	assert_string_equal(text, want);
}

static void lines(void **state)
{
	struct sink_settings s = {
		.type = "file", .target = path, .rotate_bytes = 1000, .rotate_files = 2
	};
	char other[128];
	void *sink;

	(void)state;
	begin();
	assert_int_equal(sink_file.check(&s, NULL), 0);
	assert_int_equal(sink_file.open(&sink, &s, NULL), 0);
	send_one(sink, "{1}");
	send_one(sink, "{2}");
	holds("", "{1}\n{2}\n");
	/* logrotate */
	snprintf(other, sizeof(other), "%s.old", path);
	assert_int_equal(rename(path, other), 0);
	send_one(sink, "{3}");
	holds("", "{3}\n");
	assert_int_equal(truncate(path, 2), 0); /* a line cut by a full disk */
	send_one(sink, "{4}");
	holds("", "{3\n{4}\n");
	sink_file.close(sink);
	end();
}

static void rotation(void **state)
{
	struct sink_settings s = {
		.type = "file", .target = path, .rotate_bytes = 4, .rotate_files = 2, .gzip = true
	};
	char name[128];
	void *sink;

	(void)state;
	begin();
	assert_int_equal(sink_file.open(&sink, &s, NULL), 0);
	for (int i = 1; i <= 4; i++) {
		char body[8];

		snprintf(body, sizeof(body), "{%d}", i);
		send_one(sink, body);
	}
	holds("", "{4}\n");
	holds(".1.gz", "{3}\n");
	holds(".2.gz", "{2}\n");
	snprintf(name, sizeof(name), "%s.3.gz", path);
	assert_int_equal(access(name, F_OK), -1);
	snprintf(name, sizeof(name), "%s.1", path);
	assert_int_equal(access(name, F_OK), -1);
	sink_file.close(sink);
	end();
}

/* By age: of the file, not of the process that opened it. */
static void old_files(void **state)
{
	struct sink_settings s = { .type = "file",
				   .target = path,
				   .rotate_bytes = 1000,
				   .rotate_age_ms = 1000,
				   .rotate_files = 2 };
	struct statx st;
	void *sink;

	(void)state;
	begin();
	assert_int_equal(sink_file.open(&sink, &s, NULL), 0);
	if (statx(AT_FDCWD, path, 0, STATX_BTIME, &st) < 0 || !(st.stx_mask & STATX_BTIME)) {
		sink_file.close(sink);
		end();
		skip();
	}
	send_one(sink, "{1}");
	send_one(sink, "{2}");
	holds("", "{1}\n{2}\n");
	sink_file.close(sink);
	sleep(2);
	assert_int_equal(sink_file.open(&sink, &s, NULL), 0);
	send_one(sink, "{3}");
	send_one(sink, "{4}");
	holds("", "{3}\n{4}\n");
	holds(".1", "{1}\n{2}\n");
	sink_file.close(sink);
	end();
}

static void not_a_file(void **state)
{
	struct sink_settings s = { .type = "file", .target = path };
	struct error e = { 0 };
	void *sink;

	(void)state;
	begin();
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(sink_file.open(&sink, &s, &e) < 0);
	assert_non_null(strstr(e.text, path));
	s.target = "relative";
	assert_true(sink_file.check(&s, NULL) < 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(rotation),
		cmocka_unit_test(old_files),
		cmocka_unit_test(not_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
