/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spool.h - what is to be delivered, on disk: an append-only log in segments, written by one
 * process and read by a thread for each sink.
 *
 * Alerts are never dropped. Of the other events the oldest are, by size and age, and a record of
 * kind SPOOL_OWN takes their place. A segment is removed when every cursor has passed it.
 *
 * Written here because no well-kept C library has such a log: LMDB and SQLite are trees in one
 * file, which can neither be cut nor verified record by record.
 */
#ifndef WORMSIGN_SPOOL_H
#define WORMSIGN_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "delivery/spool_dir.h"
#include "delivery/spool_record.h"

struct spool;

struct spool_limits {
	uint64_t segment_bytes; /* a new segment is begun after so many */
	uint64_t event_bytes;	/* of all segments of SPOOL_EVENTS */
	int64_t event_age;	/* seconds, by the spool's own clock (spool_clock.h) */
};

#define SPOOL_LIMITS                                                                       \
	{                                                                                  \
		.segment_bytes = 8 << 20, .event_bytes = 256 << 20, .event_age = 7 * 86400 \
	}

struct spool_counts {
	uint64_t written[SPOOL_STREAMS]; /* since it was opened */
	uint64_t dropped;		 /* events, not alerts, that some sink had not had */
	uint64_t torn;			 /* bytes of unfinished records, cut when it was opened */
};

/*
 * Open the spool for writing, and cut an unfinished record at its end. dir: a directory that stays
 * the caller's, and is this process's alone (spool_lock()). -errno with e: -EPROTO: a segment is of
 * another version; -EBADMSG: a file with a segment's name is none.
 */
int spool_open(struct spool **ret, int dir, const struct spool_limits *limits, struct error *e);
/* Does not write what has not been synced. */
void spool_close(struct spool *s);

/*
 * Take the lock of the directory, which is held until *ret_fd is closed here and in every child.
 * -EBUSY with e: another process holds it.
 */
int spool_lock(int *ret_fd, int dir, struct error *e);

/* Append one event. It counts as taken after spool_sync(). -errno: nothing of it was written. */
int spool_append(struct spool *s, enum spool_stream stream, const char *id, const char *body,
		 size_t len, struct error *e);
/* The same for a record of another spool: its kind, id, body and time are kept. */
int spool_append_record(struct spool *s, enum spool_stream stream, const struct spool_record *r,
			struct error *e);
/* Append a record that `count` events were lost before they came here. */
int spool_append_gap(struct spool *s, uint64_t count, const char *why, struct error *e);
/* What was appended is on disk when this returns 0. */
int spool_sync(struct spool *s, struct error *e);

/* Sequence of the next record to be written: a reader's end. From any thread. */
uint64_t spool_end(struct spool *s, enum spool_stream stream);
/* Wait until there is more than `seen` says, or ms have passed, or spool_wake() is called. From any
 * thread. */
void spool_wait(struct spool *s, const struct spool_cursor *seen, int ms);
void spool_wake(struct spool *s);

/* Drop what is too old or too much, and remove segments that all cursors have passed. */
int spool_clean(struct spool *s, struct error *e);
struct spool_counts spool_counts(struct spool *s);
/* What the spool's own clock shows (spool_clock.h), ns. */
uint64_t spool_age(const struct spool *s);

#endif
