// SPDX-License-Identifier: GPL-2.0-only
/* spool_verify.c - see spool_verify.h. */
#include "delivery/spool_verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "delivery/spool_record.h"

struct walk {
	struct spool_verify counts;
	enum spool_stream stream;
	uint64_t first; /* of the segment */
	FILE *to;
	bool chained; /* hash and next are those of the last record */
	uint64_t next;
	uint8_t hash[SPOOL_HASH];
};

static void fault(struct walk *w, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void fault(struct walk *w, size_t at, const char *format, ...)
{
	va_list ap;

	fprintf(w->to, "%s-%016" PRIx64 ".seg: byte %zu: ", spool_stream_name(w->stream), w->first,
		at);
	va_start(ap, format);
	vfprintf(w->to, format, ap);
	va_end(ap);
	fputc('\n', w->to);
	w->counts.faults++;
}

static void check_record(struct walk *w, const struct spool_record *r, size_t at)
{
	if (w->chained && r->sequence != w->next)
		fault(w, at, "records %" PRIu64 " to %" PRIu64 " are missing", w->next,
		      r->sequence - 1);
	else if (w->chained && memcmp(r->before, w->hash, SPOOL_HASH) != 0)
		fault(w, at, "record %" PRIu64 " does not follow the one before: one was changed",
		      r->sequence);
	w->chained = true;
	w->next = r->sequence + 1;
	w->counts.records++;
}

static void check_records(struct walk *w, const char *bytes, size_t len)
{
	size_t at = SPOOL_HEADER;

	while (at < len) {
		struct spool_record r;
		uint8_t hash[SPOOL_HASH];
		size_t bad = at;
		int n = 0;

		while (at < len && (n = spool_record_read(&r, bytes + at, len - at, hash)) <= 0)
			at++;
		if (at > bad)
			fault(w, bad, "%zu bytes that are no record", at - bad);
		if (at == len)
			return;
		check_record(w, &r, at);
		memcpy(w->hash, hash, SPOOL_HASH);
		at += n;
	}
}

static int check_header(struct walk *w, const char *bytes, size_t len, struct error *e)
{
	struct spool_header h = { 0 };
	int err = spool_header_read(&h, bytes, len);

	if (err == -EPROTO)
		return error_set(e, err,
				 "%s-%016" PRIx64 ".seg is of version %" PRIu32
				 ", this wormsign knows version %d: use a newer one",
				 spool_stream_name(w->stream), w->first, h.version, SPOOL_VERSION);
	if (err < 0) {
		fault(w, 0, "%s", err == -EBADMSG ? "this is no segment" : "the header is damaged");
		return 0;
	}
	if (h.first != w->first)
		fault(w, 0, "it was renamed: it begins with record %" PRIu64, h.first);
	if (w->chained && h.first != w->next)
		fault(w, 0, "records %" PRIu64 " to %" PRIu64 " are missing", w->next, h.first - 1);
	else if (w->chained && memcmp(h.before, w->hash, SPOOL_HASH) != 0)
		fault(w, 0, "it does not follow the segment before");
	w->chained = true;
	w->next = h.first;
	memcpy(w->hash, h.before, SPOOL_HASH);
	return 0;
}

static int check_segment(struct walk *w, int dir, struct error *e)
{
	_close_ int fd = spool_segment_open(dir, w->stream, w->first, O_RDONLY);
	_free_ char *bytes = NULL;
	struct stat st;
	ssize_t n;
	int err;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return error_set(e, fd < 0 ? fd : -EINVAL, "%s-%016" PRIx64 ".seg cannot be read",
				 spool_stream_name(w->stream), w->first);
	bytes = malloc(st.st_size + 1);
	n = bytes ? pread(fd, bytes, st.st_size, 0) : -1;
	if (n < 0)
		return error_set(e, -EIO, "%s-%016" PRIx64 ".seg cannot be read",
				 spool_stream_name(w->stream), w->first);
	w->counts.segments++;
	err = check_header(w, bytes, n, e);
	if (err == 0 && n > SPOOL_HEADER)
		check_records(w, bytes, n);
	return err;
}

int spool_verify(struct spool_verify *ret, int dir, enum spool_stream s, FILE *to, struct error *e)
{
	CLEANUP(spool_segments_free) struct spool_segments list = { 0 };
	struct walk w = { .stream = s, .to = to };
	int err = spool_segments_list(&list, dir, s, e);

	for (size_t i = 0; err == 0 && i < list.count; i++) {
		w.first = list.at[i].first;
		err = check_segment(&w, dir, e);
	}
	if (err == 0)
		*ret = w.counts;
	return err;
}
