// SPDX-License-Identifier: GPL-2.0-only
/* spool_share.c - see spool_share.h. */
#include "delivery/spool_share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "delivery/spool_reader.h"
#include "delivery/spool_verify.h"

int spool_share_open(int dir, unsigned number)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%u", number);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int make_share(int dir, unsigned number, struct error *e)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%u", number);
	if (mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
		return error_set(e, -errno, "spool directory %u: %s", number, strerror(errno));
	fd = spool_share_open(dir, number);
	return fd < 0 ? error_set(e, fd, "spool directory %u: %s", number, strerror(-fd)) : fd;
}

int spool_share_take(int *dir, int *ret_lock, struct error *e)
{
	struct error busy = { 0 };
	int err = spool_lock(ret_lock, *dir, &busy);

	if (err == 0)
		return 0;
	for (unsigned n = SPOOL_SHARE_FIRST; err == -EBUSY && n <= SPOOL_SHARE_LAST; n++) {
		_close_ int share = make_share(*dir, n, e);

		if (share < 0)
			return share;
		err = spool_lock(ret_lock, share, &busy);
		if (err < 0)
			continue;
		close(*dir);
		*dir = TAKE_FD(share);
		return 1;
	}
	return error_set(e, err, "%s", busy.text);
}

/* ---- gather ---- */

struct share {
	int dir;
	unsigned number;
	struct spool *from, *to;
	int to_dir;
	struct spool_cursor least;
	bool any; /* cursor */
};

static bool is_empty(int dir)
{
	for (int i = 0; i < SPOOL_STREAMS; i++) {
		CLEANUP(spool_segments_free) struct spool_segments list = { 0 };

		if (spool_segments_list(&list, dir, i, NULL) < 0 || list.count)
			return false;
	}
	return true;
}

static bool is_whole(int dir)
{
	_fclose_ FILE *null = fopen("/dev/null", "we");

	for (int i = 0; null && i < SPOOL_STREAMS; i++) {
		struct spool_verify v = { 0 };

		if (spool_verify(&v, dir, i, null, NULL) < 0 || v.faults)
			return false;
	}
	return null;
}

/* A sink that waits for something here must have a cursor there, so that it is kept for it. */
static int take_cursor(void *arg, const char *sink, const struct spool_cursor *c)
{
	struct share *h = arg;
	struct spool_cursor there;
	bool waits = false;
	int err;

	for (int i = 0; i < SPOOL_STREAMS; i++) {
		waits |= c->next[i] < spool_end(h->from, i);
		if (!h->any || c->next[i] < h->least.next[i])
			h->least.next[i] = c->next[i];
	}
	h->any = true;
	if (!waits || spool_cursor_read(&there, h->to_dir, sink, NULL) == 0)
		return 0;
	err = spool_cursor_oldest(&there, h->to_dir, NULL);
	return err ?: spool_cursor_write(h->to_dir, sink, &there, NULL);
}

static int move_records(struct share *h, enum spool_stream stream, uint64_t *moved, struct error *e)
{
	uint64_t end = spool_end(h->from, stream);
	struct spool_record record;
	struct spool_reader r;
	int err;

	spool_reader_open(&r, h->dir, stream, h->least.next[stream] ?: 1);
	while ((err = spool_reader_next(&r, end, &record, e)) > 0) {
		err = spool_append_record(h->to, stream, &record, e);
		if (err < 0)
			break;
		++*moved;
	}
	spool_reader_close(&r);
	return err;
}

static int remove_cursor(void *arg, const char *sink, const struct spool_cursor *c)
{
	char name[SPOOL_NAME_MAX + 16];

	(void)c;
	snprintf(name, sizeof(name), "%s.cursor", sink);
	return unlinkat(*(int *)arg, name, 0) < 0 ? -errno : 0;
}

/* The segments first: a cursor without them is of no harm. */
static int remove_records(int dir, struct error *e)
{
	int err = 0;

	for (int i = 0; err == 0 && i < SPOOL_STREAMS; i++) {
		CLEANUP(spool_segments_free) struct spool_segments list = { 0 };

		err = spool_segments_list(&list, dir, i, e);
		for (size_t n = 0; err == 0 && n < list.count; n++)
			err = spool_segment_remove(dir, i, list.at[n].first);
	}
	return err ?: spool_cursors(dir, remove_cursor, &dir, e);
}

static int gather_one(struct share *h, uint64_t *moved, struct error *e)
{
	const struct spool_limits limits = SPOOL_LIMITS;
	int err = spool_open(&h->from, h->dir, &limits, e); /* it cuts an unfinished record */

	if (err < 0)
		return err;
	if (!is_whole(h->dir)) {
		spool_close(h->from);
		return error_set(e, -EUCLEAN,
				 "spool directory %u is damaged and stays as it is: see wormsign "
				 "spool verify",
				 h->number);
	}
	err = spool_cursors(h->dir, take_cursor, h, e);
	for (int i = 0; err == 0 && i < SPOOL_STREAMS; i++)
		err = move_records(h, i, moved, e);
	err = err ?: spool_sync(h->to, e);
	spool_close(h->from);
	return err ?: remove_records(h->dir, e);
}

int spool_share_gather(struct spool *s, int dir, uint64_t *ret_moved, struct error *e)
{
	int result = 0;

	*ret_moved = 0;
	for (unsigned n = SPOOL_SHARE_FIRST; n <= SPOOL_SHARE_LAST; n++) {
		_close_ int share = spool_share_open(dir, n), lock = -1;
		struct share h = { .dir = share, .number = n, .to = s, .to_dir = dir };
		int err = share < 0 ? -ENOENT : spool_lock(&lock, share, NULL);

		if (err < 0 || is_empty(share))
			continue;
		err = gather_one(&h, ret_moved, e);
		if (err < 0)
			result = error_set(e, err, "spool directory %u: %s", n, strerror(-err));
	}
	return result;
}
