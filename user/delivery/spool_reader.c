// SPDX-License-Identifier: GPL-2.0-only
/* spool_reader.c - see spool_reader.h. */
#include "delivery/spool_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define CHUNK (256 * 1024)

void spool_reader_open(struct spool_reader *r, int dir, enum spool_stream s, uint64_t next)
{
	*r = (struct spool_reader){
		.dir = dir, .stream = s, .next = next, .fd = -1, .bytes = BUF_INIT
	};
}

static void leave_segment(struct spool_reader *r)
{
	if (r->fd >= 0)
		close(TAKE_FD(r->fd));
	buf_reset(&r->bytes);
	r->at = 0;
}

void spool_reader_close(struct spool_reader *r)
{
	leave_segment(r);
	buf_free(&r->bytes);
}

/* Read more of the segment behind what is there. Bytes read, 0 at its end. */
static ssize_t fill(struct spool_reader *r)
{
	static _Thread_local char chunk[CHUNK];
	ssize_t n;

	if (r->at) { /* forget what was used */
		memmove(r->bytes.at, r->bytes.at + r->at, r->bytes.len - r->at);
		r->offset += r->at;
		buf_cut(&r->bytes, r->bytes.len - r->at);
		r->at = 0;
	}
	do
		n = pread(r->fd, chunk, sizeof(chunk), r->offset + (off_t)r->bytes.len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	buf_add(&r->bytes, chunk, n);
	return r->bytes.failed ? -ENOMEM : n;
}

/* Open the segment and get over its header. 1; 0: it is no segment, and is passed over. */
static int enter_segment(struct spool_reader *r, uint64_t first, struct error *e)
{
	struct spool_header h = { 0 };
	struct stat st;
	ssize_t n;
	int err;

	leave_segment(r);
	r->first = first;
	r->offset = 0;
	r->fd = spool_segment_open(r->dir, r->stream, first, O_RDONLY);
	if (r->fd == -ENOENT) /* dropped or delivered meanwhile */
		return 0;
	if (r->fd < 0)
		return error_set(e, r->fd, "segment %s-%016" PRIx64 ".seg: %s",
				 spool_stream_name(r->stream), first, strerror(-r->fd));
	if (fstat(r->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	n = fill(r);
	if (n < 0)
		return error_set(e, (int)n, "segment %s-%016" PRIx64 ".seg: %s",
				 spool_stream_name(r->stream), first, strerror((int)-n));
	err = spool_header_read(&h, r->bytes.at, r->bytes.len);
	if (err == -EPROTO)
		return error_set(e, err,
				 "segment %s-%016" PRIx64 ".seg is of version %" PRIu32
				 ", this wormsign knows version %d: use a newer one",
				 spool_stream_name(r->stream), first, h.version, SPOOL_VERSION);
	if (err < 0) {
		/* a damaged header says nothing about the records */
		r->skipped += r->bytes.len < SPOOL_HEADER ? r->bytes.len : SPOOL_HEADER;
		if (r->bytes.len < SPOOL_HEADER)
			return 0;
	}
	r->at = SPOOL_HEADER;
	return 1;
}

/* Go to the segment that holds r->next; from_next: the one after the open one. 1; 0: none. */
static int find_segment(struct spool_reader *r, bool after, struct error *e)
{
	CLEANUP(spool_segments_free) struct spool_segments list = { 0 };
	size_t i = 0;
	int err = spool_segments_list(&list, r->dir, r->stream, e);

	if (err < 0)
		return err;
	if (after)
		while (i < list.count && list.at[i].first <= r->first)
			i++;
	else
		while (i + 1 < list.count && list.at[i + 1].first <= r->next)
			i++;
	for (; i < list.count; i++) {
		err = enter_segment(r, list.at[i].first, e);
		if (err)
			return err;
		leave_segment(r);
	}
	return 0;
}

/* Whether a record begins at the offset `at` of r->bytes: its length, 0 if there is none. */
static int record_at(struct spool_reader *r, size_t at, struct spool_record *ret)
{
	int n = spool_record_read(ret, r->bytes.at + at, r->bytes.len - at, NULL);

	return n > 0 ? n : 0;
}

/* Skip what is no record. 1: there is one at r->at; 0: none in this segment (yet). */
static int resynchronise(struct spool_reader *r)
{
	struct spool_record record;
	ssize_t n;

	do
		n = fill(r);
	while (n > 0 && r->bytes.len < 4 * SPOOL_RECORD_MOST);
	if (n < 0)
		return (int)n;
	for (size_t at = r->at + 1; at + SPOOL_RECORD_LEAST <= r->bytes.len; at++) {
		if (record_at(r, at, &record) && record.sequence >= r->next &&
		    record.sequence < r->next + (1 << 24)) {
			r->skipped += at - r->at;
			r->at = at;
			return 1;
		}
	}
	return 0;
}

/* The record at r->at: 1; 0: no more in this segment. */
static int read_one(struct spool_reader *r, struct spool_record *ret, int *ret_len)
{
	bool again = false;

	for (;;) {
		int n = spool_record_read(ret, r->bytes.at + r->at, r->bytes.len - r->at, NULL);
		ssize_t more = 0;

		if (n == 0) {
			more = fill(r);
			if (more < 0)
				return (int)more;
			if (more > 0)
				continue;
		}
		if (n > 0) {
			*ret_len = n;
			return 1;
		}
		if (r->bytes.len == r->at)
			return 0;
		/* A write that failed may have been read ahead, and written over since. */
		if (!again) {
			again = true;
			buf_cut(&r->bytes, r->at);
			continue;
		}
		n = resynchronise(r);
		if (n <= 0)
			return n;
	}
}

int spool_reader_next(struct spool_reader *r, uint64_t end, struct spool_record *ret,
		      struct error *e)
{
	int err = 1, len = 0;

	if (r->next >= end)
		return 0;
	if (r->fd < 0)
		err = find_segment(r, false, e);
	while (err > 0) {
		err = read_one(r, ret, &len);
		if (err < 0)
			return error_set(e, err, "the spool cannot be read: %s", strerror(-err));
		if (err == 0) {
			size_t rest = r->bytes.len - r->at;

			err = find_segment(r, true, e);
			if (err > 0)
				r->skipped += rest;
			continue;
		}
		if (ret->sequence >= end)
			return 0;
		r->at += len;
		if (ret->sequence < r->next)
			continue;
		r->missing += ret->sequence - r->next;
		r->next = ret->sequence + 1;
		return 1;
	}
	return err;
}
