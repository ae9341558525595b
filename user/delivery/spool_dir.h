/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spool_dir.h - the files of a spool directory: segments `alert-FIRST.seg` and `event-FIRST.seg`
 * (FIRST: the sequence of the first record, 16 hexadecimal digits), `NAME.cursor` for each sink,
 * `NAME.dead` with what a receiver refused for good, `clock` (spool_clock.h), and `lock`.
 */
#ifndef WORMSIGN_SPOOL_DIR_H
#define WORMSIGN_SPOOL_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define SPOOL_DEFAULT_DIR "/var/spool/wormsign"
#define SPOOL_NAME_MAX	  64 /* of a sink, with its NUL */

/* Alerts are never dropped, the other events are when the spool is full: so each has segments and
 * sequences of its own. */
enum spool_stream { SPOOL_ALERTS = 0, SPOOL_EVENTS, SPOOL_STREAMS };

const char *spool_stream_name(enum spool_stream s);

struct spool_segment {
	uint64_t first;
	off_t size;
};

struct spool_segments {
	struct spool_segment *at; /* by `first`, ascending */
	size_t count;
};

/* The segments of a stream. -errno with e. */
int spool_segments_list(struct spool_segments *ret, int dir, enum spool_stream s, struct error *e);
void spool_segments_free(struct spool_segments *s);

/* The descriptor of a segment, or -errno. */
int spool_segment_open(int dir, enum spool_stream s, uint64_t first, int flags);
int spool_segment_remove(int dir, enum spool_stream s, uint64_t first);

/* How far a sink has come: sequence of the next record that it wants, by stream. */
struct spool_cursor {
	uint64_t next[SPOOL_STREAMS];
};

/* 0; -ENOENT: there is none yet; -EBADMSG: the file is none, with e; other -errno with e. */
int spool_cursor_read(struct spool_cursor *ret, int dir, const char *sink, struct error *e);
/* Replaced as a whole, and on disk when this returns 0. */
int spool_cursor_write(int dir, const char *sink, const struct spool_cursor *c, struct error *e);
/* One that begins with the oldest record that is there. */
int spool_cursor_oldest(struct spool_cursor *ret, int dir, struct error *e);
/* Call fn for each cursor of the directory; stops when it returns other than 0, and returns that.
 */
int spool_cursors(int dir, int (*fn)(void *arg, const char *sink, const struct spool_cursor *c),
		  void *arg, struct error *e);

/* Whether name can be a sink's: letters, digits, `.`, `_` and `-`, not beginning with `.`. */
bool spool_name_ok(const char *name);

#endif
