// SPDX-License-Identifier: GPL-2.0-only
/* spool.c - the writer's side of the spool. */
#include "delivery/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/write_quietly.h"
#include "delivery/json_path.h"
#include "delivery/own_event.h"
#include "delivery/spool_clock.h"
#include "delivery/spool_reader.h"

/* Of a file that is read whole: the largest that can be configured, and its last record. */
#define MOST_SEGMENT ((1 << 30) + (1 << 20))

/* A cursor with a greater number is damaged: so many records are never written. */
#define MOST_SEQUENCE (UINT64_MAX >> 8)

#define SAVE_CLOCK_MS 60000

struct stream {
	enum spool_stream which;
	int fd;		/* of the last segment; -1: none yet */
	uint64_t first; /* its first sequence */
	uint64_t next;	/* of the record that is written next */
	off_t offset;	/* where it goes */
	uint8_t hash[SPOOL_HASH];
	bool unsynced;
};

struct spool {
	int dir;
	struct spool_limits limits;
	struct spool_clock clock;
	int64_t clock_saved; /* clock_ms() */
	struct stream stream[SPOOL_STREAMS];
	struct buf record;
	struct spool_counts counts;
	pthread_mutex_t mutex; /* of `end` and `woken` */
	pthread_cond_t more;
	uint64_t end[SPOOL_STREAMS];
	unsigned woken;
};

/* What the spool's own clock showed when the segment was begun. -errno: its header is not to be
 * read; -EUCLEAN and the like as spool_header_read() says it. */
static int segment_clock(uint64_t *ret, int dir, enum spool_stream which, uint64_t first)
{
	_close_ int fd = spool_segment_open(dir, which, first, O_RDONLY);
	struct spool_header h = { 0 };
	uint8_t bytes[SPOOL_HEADER];
	ssize_t n = fd < 0 ? -1 : pread(fd, bytes, sizeof(bytes), 0);
	int err = n < 0 ? -EIO : spool_header_read(&h, bytes, (size_t)n);

	if (err == 0)
		*ret = h.clock;
	return err;
}

/* The latest that a segment of the stream says. */
static uint64_t latest_clock(int dir, enum spool_stream which)
{
	CLEANUP(spool_segments_free) struct spool_segments list = { 0 };
	uint64_t latest = 0;

	if (spool_segments_list(&list, dir, which, NULL) == 0)
		for (size_t i = list.count; i-- > 0;)
			if (segment_clock(&latest, dir, which, list.at[i].first) == 0)
				break;
	return latest;
}

/* ---- open ---- */

/* Read the last segment, to know its last record's hash and where it ends. */
static int scan_segment(struct spool *s, struct stream *t, off_t size, struct error *e)
{
	struct spool_header h = { 0 };
	_free_ char *bytes = size > MOST_SEGMENT ? NULL : malloc(size + 1);
	struct spool_record record;
	off_t at = SPOOL_HEADER;
	int err, n;

	if (size > MOST_SEGMENT)
		return error_set(e, -EFBIG,
				 "%s-%016" PRIx64 ".seg is larger than any segment of a spool",
				 spool_stream_name(t->which), t->first);
	if (!bytes)
		return error_set(e, -ENOMEM, "no memory to open the spool");
	if (pread(t->fd, bytes, size, 0) != size)
		return error_set(e, -EIO, "the spool cannot be read: %s", strerror(errno));
	err = spool_header_read(&h, bytes, size);
	if (err == -EPROTO)
		return error_set(e, err,
				 "segment %s-%016" PRIx64 ".seg is of version %" PRIu32
				 ", this wormsign knows version %d: use a newer one, or another "
				 "directory",
				 spool_stream_name(t->which), t->first, h.version, SPOOL_VERSION);
	if (err == -EBADMSG)
		return error_set(e, err, "%s-%016" PRIx64 ".seg is no segment of a spool",
				 spool_stream_name(t->which), t->first);
	if (err < 0) /* a header that was being written when the machine stopped, or damage */
		return err;
	t->next = h.first;
	memcpy(t->hash, h.before, SPOOL_HASH);
	while ((n = spool_record_read(&record, bytes + at, size - at, t->hash)) > 0) {
		t->next = record.sequence + 1;
		at += n;
	}
	t->offset = at;
	if (at == size)
		return 0;
	/* Something is behind the last good record: damage, if a good one follows; else it is the
	 * record that was being written. */
	for (off_t i = at + 1; i + SPOOL_RECORD_LEAST <= size; i++) {
		n = spool_record_read(&record, bytes + i, size - i, NULL);
		if (n > 0 && record.sequence >= t->next && record.sequence < t->next + (1 << 24))
			return -EUCLEAN;
	}
	s->counts.torn += size - at;
	if (ftruncate(t->fd, at) < 0)
		return error_set(e, -errno, "the spool's end cannot be cut: %s", strerror(errno));
	return 0;
}

/* The highest sequence in a damaged segment, so that numbers are not used twice. */
static int last_of_damaged(struct spool *s, struct stream *t, struct error *e)
{
	struct spool_reader r;
	struct spool_record record;
	int err;

	spool_reader_open(&r, s->dir, t->which, t->first);
	t->next = t->first;
	while ((err = spool_reader_next(&r, UINT64_MAX, &record, e)) > 0)
		t->next = record.sequence + 1;
	spool_reader_close(&r);
	return err;
}

static int begin_segment(struct spool *s, struct stream *t, struct error *e)
{
	struct spool_header h = { .version = SPOOL_VERSION,
				  .first = t->next,
				  .created = clock_ns(CLOCK_REALTIME),
				  .clock = spool_clock_now(&s->clock) };
	uint8_t bytes[SPOOL_HEADER];
	int fd, err = 0;

	memcpy(h.before, t->hash, SPOOL_HASH);
	spool_header_write(bytes, &h);
	fd = spool_segment_open(s->dir, t->which, t->next, O_RDWR | O_CREAT | O_EXCL);
	if (fd < 0)
		return error_set(e, fd, "a segment of the spool cannot be made: %s", strerror(-fd));
	if (write_quietly(fd, bytes, sizeof(bytes)) != sizeof(bytes))
		err = -(errno ?: ENOSPC);
	else if (fsync(fd) < 0 || fsync(s->dir) < 0)
		err = -errno;
	if (err < 0) {
		spool_segment_remove(s->dir, t->which, t->next);
		close(fd);
		return error_set(e, err, "a segment of the spool cannot be made: %s",
				 strerror(-err));
	}
	if (t->fd >= 0)
		close(t->fd);
	t->fd = fd;
	t->first = t->next;
	t->offset = SPOOL_HEADER;
	return 0;
}

static int take_most(void *arg, const char *sink, const struct spool_cursor *c)
{
	struct spool_cursor *most = arg;

	(void)sink;
	for (int i = 0; i < SPOOL_STREAMS; i++)
		if (c->next[i] > most->next[i])
			most->next[i] = c->next[i];
	return 0;
}

/* Where numbers begin in a spool without segments: not before a cursor that is there (somebody
 * has removed the segments only), because a sink passes over what is before its cursor. */
static int first_number(struct spool *s, struct stream *t, struct error *e)
{
	struct spool_cursor most = { .next = { 1, 1 } };
	int err = spool_cursors(s->dir, take_most, &most, e);

	t->next = most.next[t->which] > MOST_SEQUENCE ? 1 : most.next[t->which];
	return err;
}

/* Remove a last segment without a record and with an incomplete header: it was being created when
 * the process or the machine stopped. 1: it was removed. */
static int remove_unmade(struct spool *s, struct stream *t, const struct spool_segment *last,
			 struct error *e)
{
	_close_ int fd = last->size > SPOOL_HEADER
				 ? -ENOENT
				 : spool_segment_open(s->dir, t->which, last->first, O_RDONLY);
	uint8_t bytes[SPOOL_HEADER];
	struct spool_header h = { 0 };
	ssize_t n = fd < 0 ? -1 : pread(fd, bytes, sizeof(bytes), 0), zeros = 0;
	int err;

	if (n < 0 || n != last->size)
		return 0;
	/* A file's length can be on disk before what is in it: all is zero then. */
	while (zeros < n && !bytes[zeros])
		zeros++;
	err = zeros == n ? -ENODATA : spool_header_read(&h, bytes, (size_t)n);
	if (err != -ENODATA && err != -EUCLEAN)
		return 0;
	err = spool_segment_remove(s->dir, t->which, last->first);
	if (err < 0)
		return error_set(e, err, "an unfinished segment cannot be removed: %s",
				 strerror(-err));
	s->counts.torn += last->size;
	return 1;
}

static int open_stream(struct spool *s, struct stream *t, struct error *e)
{
	CLEANUP(spool_segments_free) struct spool_segments list = { 0 };
	struct spool_segment *last;
	int err = spool_segments_list(&list, s->dir, t->which, e);

	while (err == 0 && list.count) {
		err = remove_unmade(s, t, &list.at[list.count - 1], e);
		if (err == 0)
			break;
		if (err > 0) {
			list.count--;
			err = 0;
		}
	}
	if (err == 0 && !list.count)
		err = first_number(s, t, e);
	if (err < 0)
		return err;
	if (!list.count) {
		/* A random start: the chain of one spool cannot be continued by another. */
		if (RAND_bytes(t->hash, SPOOL_HASH) != 1)
			return error_set(e, -EIO, "there is no random number for the spool");
		return begin_segment(s, t, e);
	}
	last = &list.at[list.count - 1];
	t->first = last->first;
	t->fd = spool_segment_open(s->dir, t->which, t->first, O_RDWR);
	if (t->fd < 0)
		return error_set(e, t->fd, "%s-%016" PRIx64 ".seg %s", spool_stream_name(t->which),
				 t->first,
				 t->fd == -EINVAL || t->fd == -ELOOP
					 ? "is no regular file, and so no segment of a spool"
					 : strerror(-t->fd));
	err = scan_segment(s, t, last->size, e);
	if (err != -EUCLEAN && err != -ENODATA)
		return err;
	/* Leave the damaged segment as it is, and begin another: verify shows what is lost. */
	err = last_of_damaged(s, t, e);
	if (err < 0)
		return err;
	if (t->next == t->first)
		t->next++; /* its name is taken */
	return begin_segment(s, t, e);
}

static void save_clock(struct spool *s)
{
	spool_clock_save(&s->clock, s->dir);
	s->clock_saved = clock_ms();
}

int spool_open(struct spool **ret, int dir, const struct spool_limits *limits, struct error *e)
{
	struct spool *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;
	int err = 0;

	if (!s)
		return error_set(e, -ENOMEM, "no memory for the spool");
	s->dir = dir;
	s->limits = *limits;
	s->record = (struct buf)BUF_INIT;
	pthread_mutex_init(&s->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->more, &attr);
	pthread_condattr_destroy(&attr);
	for (int i = 0; i < SPOOL_STREAMS; i++)
		s->stream[i] = (struct stream){ .which = i, .fd = -1 };
	spool_clock_open(&s->clock, dir, latest_clock(dir, SPOOL_EVENTS));
	save_clock(s);
	for (int i = 0; err == 0 && i < SPOOL_STREAMS; i++) {
		err = open_stream(s, &s->stream[i], e);
		s->end[i] = s->stream[i].next;
	}
	if (err < 0) {
		spool_close(s);
		return err;
	}
	*ret = s;
	return 0;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	for (int i = 0; i < SPOOL_STREAMS; i++)
		if (s->stream[i].fd >= 0)
			close(s->stream[i].fd);
	buf_free(&s->record);
	pthread_cond_destroy(&s->more);
	pthread_mutex_destroy(&s->mutex);
	free(s);
}

int spool_lock(int *ret_fd, int dir, struct error *e)
{
	_close_ int fd = openat(dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	char text[32] = { 0 };
	int len;

	if (fd < 0)
		return error_set(e, -errno, "the spool's lock: %s", strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return error_set(e, -errno, "the spool's lock: %s", strerror(errno));
		if (pread(fd, text, sizeof(text) - 1, 0) < 0)
			text[0] = 0;
		return error_set(e, -EBUSY,
				 "the spool is in use by process %d; wait for it, or name another "
				 "directory with --spool",
				 atoi(text));
	}
	len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, len, 0) != len)
		text[0] = 0; /* only for that message */
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* ---- write ---- */

static int append(struct spool *s, struct stream *t, struct spool_record *r, struct error *e)
{
	uint8_t hash[SPOOL_HASH];
	ssize_t n;
	int err;

	if (t->offset > SPOOL_HEADER && (uint64_t)t->offset >= s->limits.segment_bytes) {
		if (t->unsynced && fdatasync(t->fd) < 0)
			return error_set(e, -errno, "the spool cannot be synced: %s",
					 strerror(errno));
		t->unsynced = false;
		err = begin_segment(s, t, e);
		if (err < 0)
			return err;
	}
	r->sequence = t->next;
	if (!r->time)
		r->time = clock_ns(CLOCK_REALTIME);
	memcpy(r->before, t->hash, SPOOL_HASH);
	buf_reset(&s->record);
	err = spool_record_write(&s->record, r, hash);
	if (err < 0)
		return error_set(e, err, "an event cannot be spooled: %s", strerror(-err));
	do
		n = pwrite(t->fd, s->record.at, s->record.len, t->offset);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)s->record.len) {
		err = n < 0 ? -errno : -ENOSPC;
		/* If this fails, too, the next record is written over it. */
		if (ftruncate(t->fd, t->offset) < 0)
			error_set(e, err, "the spool cannot be written: %s", strerror(-err));
		return error_set(e, err, "the spool cannot be written: %s", strerror(-err));
	}
	memcpy(t->hash, hash, SPOOL_HASH);
	t->offset += n;
	t->next++;
	t->unsynced = true;
	s->counts.written[t->which]++;
	return 0;
}

static void announce(struct spool *s)
{
	pthread_mutex_lock(&s->mutex);
	for (int i = 0; i < SPOOL_STREAMS; i++)
		s->end[i] = s->stream[i].next;
	pthread_cond_broadcast(&s->more);
	pthread_mutex_unlock(&s->mutex);
}

static int drop_oldest(struct spool *s, const struct spool_segments *list, size_t count,
		       struct error *e);

static bool is_full(int err)
{
	return err == -ENOSPC || err == -EDQUOT;
}

/* Where there is no room for an alert, events make it. */
static int make_room(struct spool *s, struct error *e)
{
	CLEANUP(spool_segments_free) struct spool_segments list = { 0 };
	int err = spool_segments_list(&list, s->dir, SPOOL_EVENTS, e);

	if (err == 0 && list.count < 2)
		return error_set(e, -ENOSPC, "there is no room in the spool");
	return err ?: drop_oldest(s, &list, 1, e);
}

int spool_append_record(struct spool *s, enum spool_stream stream, const struct spool_record *given,
			struct error *e)
{
	struct spool_record r = *given;
	struct error full = { 0 };
	int err = append(s, &s->stream[stream], &r, &full);

	while (is_full(err) && stream == SPOOL_ALERTS && make_room(s, NULL) == 0)
		err = append(s, &s->stream[stream], &r, NULL);
	if (err < 0)
		return error_set(e, err, "%s", full.text);
	return 0;
}

int spool_append(struct spool *s, enum spool_stream stream, const char *id, const char *body,
		 size_t len, struct error *e)
{
	const struct spool_record r = {
		.kind = SPOOL_EVENT, .id = id, .id_len = strlen(id), .body = body, .body_len = len
	};

	return spool_append_record(s, stream, &r, e);
}

int spool_append_gap(struct spool *s, uint64_t count, const char *why, struct error *e)
{
	struct stream *t = &s->stream[SPOOL_EVENTS];
	struct own_event o = { .action = "gap", .kind = "pipeline_error", .sequence = t->next };
	_buf_ struct buf body = BUF_INIT, text = BUF_INIT;
	char id[OWN_EVENT_ID];
	struct spool_record r = { .kind = SPOOL_OWN, .id = id };
	json_t *event;

	memcpy(&o.origin, t->hash, sizeof(o.origin)); /* the hash is unique among spools */
	own_event_id(id, &o);
	buf_addf(&text, "%" PRIu64 " events were lost: %s", count, why);
	event = own_event_new(&o, text.at);
	json_path_set(event, "wormsign.lost.events", json_integer((json_int_t)count));
	own_event_write(&body, event);
	if (body.failed)
		return error_set(e, -ENOMEM, "no memory for a record");
	r.id_len = strlen(id);
	r.body = body.at;
	r.body_len = body.len;
	return append(s, t, &r, e);
}

int spool_sync(struct spool *s, struct error *e)
{
	for (int i = 0; i < SPOOL_STREAMS; i++) {
		struct stream *t = &s->stream[i];

		if (!t->unsynced)
			continue;
		if (fdatasync(t->fd) < 0)
			return error_set(e, -errno, "the spool cannot be synced: %s",
					 strerror(errno));
		t->unsynced = false;
	}
	announce(s);
	return 0;
}

/* ---- for readers ---- */

uint64_t spool_end(struct spool *s, enum spool_stream stream)
{
	uint64_t end;

	pthread_mutex_lock(&s->mutex);
	end = s->end[stream];
	pthread_mutex_unlock(&s->mutex);
	return end;
}

void spool_wait(struct spool *s, const struct spool_cursor *seen, int ms)
{
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + (uint64_t)ms * 1000000;
	struct timespec ts = { .tv_sec = (time_t)(until / 1000000000),
			       .tv_nsec = (long)(until % 1000000000) };
	unsigned woken;

	pthread_mutex_lock(&s->mutex);
	woken = s->woken;
	while (s->woken == woken &&
	       !(seen && (s->end[SPOOL_ALERTS] > seen->next[SPOOL_ALERTS] ||
			  s->end[SPOOL_EVENTS] > seen->next[SPOOL_EVENTS])) &&
	       pthread_cond_timedwait(&s->more, &s->mutex, &ts) == 0)
		;
	pthread_mutex_unlock(&s->mutex);
}

void spool_wake(struct spool *s)
{
	pthread_mutex_lock(&s->mutex);
	s->woken++;
	pthread_cond_broadcast(&s->more);
	pthread_mutex_unlock(&s->mutex);
}

struct spool_counts spool_counts(struct spool *s)
{
	return s->counts;
}

uint64_t spool_age(const struct spool *s)
{
	return spool_clock_now(&s->clock);
}

/* ---- clean ---- */

static int take_least(void *arg, const char *sink, const struct spool_cursor *c)
{
	struct spool_cursor *least = arg;

	(void)sink;
	for (int i = 0; i < SPOOL_STREAMS; i++)
		if (c->next[i] < least->next[i])
			least->next[i] = c->next[i];
	return 0;
}

/* How far all sinks have come; 0 if there is none. */
static int least_cursor(struct spool *s, struct spool_cursor *ret, struct error *e)
{
	struct spool_cursor least = { .next = { UINT64_MAX, UINT64_MAX } };
	int err = spool_cursors(s->dir, take_least, &least, e);

	for (int i = 0; i < SPOOL_STREAMS; i++)
		if (least.next[i] == UINT64_MAX)
			least.next[i] = 0;
	*ret = least;
	return err;
}

/*
 * Remove the first `count` segments of the events, list holding more, and say what that takes away:
 * in one record, so that the records of many small losses do not fill the spool themselves.
 */
static int drop_oldest(struct spool *s, const struct spool_segments *list, size_t count,
		       struct error *e)
{
	uint64_t from = list->at[0].first, end = list->at[count].first;
	struct spool_cursor least = { 0 };

	if (least_cursor(s, &least, NULL) == 0 && least.next[SPOOL_EVENTS] > from)
		from = least.next[SPOOL_EVENTS];
	for (size_t i = 0; i < count; i++) {
		int err = spool_segment_remove(s->dir, SPOOL_EVENTS, list->at[i].first);

		if (err < 0)
			return error_set(e, err, "a segment of the spool cannot be removed: %s",
					 strerror(-err));
	}
	if (from >= end)
		return 0;
	s->counts.dropped += end - from;
	return spool_append_gap(s, end - from, "the spool was full or they were too old", e);
}

/* Whether all of a segment is too old, by when the next one was begun. Where that is unknown
 * the size decides. */
static bool is_too_old(struct spool *s, uint64_t next_segment)
{
	uint64_t begun, now = spool_clock_now(&s->clock);

	return segment_clock(&begun, s->dir, SPOOL_EVENTS, next_segment) == 0 && begun < now &&
	       (now - begun) / 1000000000 >= (uint64_t)s->limits.event_age;
}

static int drop_events(struct spool *s, struct error *e)
{
	CLEANUP(spool_segments_free) struct spool_segments list = { 0 };
	int err = spool_segments_list(&list, s->dir, SPOOL_EVENTS, e);
	uint64_t bytes = 0;
	size_t drop = 0;

	for (size_t i = 0; i < list.count; i++)
		bytes += list.at[i].size;
	/* the last one is being written */
	while (drop + 1 < list.count &&
	       (bytes > s->limits.event_bytes || is_too_old(s, list.at[drop + 1].first)))
		bytes -= list.at[drop++].size;
	return err < 0 || !drop ? err : drop_oldest(s, &list, drop, e);
}

int spool_clean(struct spool *s, struct error *e)
{
	struct spool_cursor least;
	int err = least_cursor(s, &least, e);

	if (clock_ms() >= s->clock_saved + SAVE_CLOCK_MS)
		save_clock(s);
	if (err < 0) { /* a damaged cursor: events keep their limits nevertheless */
		drop_events(s, NULL);
		return err;
	}
	for (int i = 0; err == 0 && i < SPOOL_STREAMS; i++) {
		CLEANUP(spool_segments_free) struct spool_segments list = { 0 };

		err = spool_segments_list(&list, s->dir, i, e);
		for (size_t n = 0; err == 0 && n + 1 < list.count; n++) {
			if (list.at[n + 1].first > least.next[i])
				break;
			err = spool_segment_remove(s->dir, i, list.at[n].first);
		}
	}
	return err ?: drop_events(s, e);
}
