// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_spool.c - any bytes as a segment, as a record, and as the answer of a RELP receiver: what is
 * read lies within the bytes, and reading ends.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "delivery/sink_http.h"
#include "delivery/sink_syslog.h"
#include "delivery/spool_reader.h"
#include "delivery/spool_verify.h"

static void check(const struct spool_record *r, const char *begin, size_t len)
{
	if (r->id < begin || r->body < r->id || r->body + r->body_len > begin + len)
		abort();
}

/* Bytes as the one segment of a spool, read and verified as such. */
static void read_segment(const uint8_t *data, size_t size)
{
	static int dir = -1, fd = -1;
	static FILE *null;
	static char path[] = "/tmp/fuzz-spool.XXXXXX";
	struct spool_verify v;
	struct spool_record record;
	struct spool_reader r;
	size_t count = 0;

	if (dir < 0) {
		if (!mkdtemp(path))
			abort();
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		fd = spool_segment_open(dir, SPOOL_ALERTS, 1, O_RDWR | O_CREAT);
		null = fopen("/dev/null", "we");
		if (fd < 0 || !null)
			abort();
	}
	if (ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	spool_reader_open(&r, dir, SPOOL_ALERTS, 1);
	while (spool_reader_next(&r, UINT64_MAX, &record, NULL) > 0)
		if (++count > size)
			abort();
	spool_reader_close(&r);
	spool_verify(&v, dir, SPOOL_ALERTS, null, NULL);
}

static void read_answers(const char *data, size_t size)
{
	static const struct http_profile *const profiles[] = { &profile_elastic, &profile_splunk,
							       &profile_otlp };
	unsigned txnr;
	int status, n;

	n = relp_answer(data, size, &txnr, &status);
	if (n > (int)size)
		abort();
	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++) {
		struct sink_event events[2] = { { .id = "1", .body = "{}" },
						{ .id = "2", .body = "{}" } };
		struct sink_result result = { 0 };

		http_judge(profiles[i], 200, 0, data, size, events, 2, &result);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spool_header h;
	struct spool_record r;
	uint8_t hash[SPOOL_HASH];
	size_t at = 0;
	int n;

	read_segment(data, size);
	spool_header_read(&h, data, size);
	while (at < size && (n = spool_record_read(&r, data + at, size - at, hash)) > 0) {
		check(&r, (const char *)data + at, size - at);
		at += (size_t)n;
	}
	read_answers((const char *)data, size);
	return 0;
}
