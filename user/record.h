/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.h - the session log: one JSON object a line, in pure ASCII, each written by one write(2).
 *
 * A line that cannot be written (disk full) is counted and the next one is tried: a full disk must
 * not end the session, and when there is room again the log goes on with whole lines.
 */
#ifndef WORMSIGN_RECORD_H
#define WORMSIGN_RECORD_H

#include <jansson.h>
#include <stdint.h>

#include "error.h"

struct record;

/*
 * Open path for appending, made with mode 0600. An existing file is appended to only if it is a
 * regular one that nobody but its owner, the caller, may write: -EEXIST otherwise. Links are not
 * followed: -ELOOP.
 */
int record_open(struct record **ret, const char *path, struct error *e);
/* Use fd, which is closed by record_close(). */
int record_adopt(struct record **ret, int fd, struct error *e);
/* Write one event; takes the reference to it, which may be NULL (counted as unwritten). */
void record_write(struct record *r, json_t *event);
/* Events that were not written, and the first error that kept one out (negative errno, 0: none). */
uint64_t record_unwritten(const struct record *r);
int record_error(const struct record *r);
/* Flush to the disk and close. NULL is allowed. */
void record_close(struct record *r);

#endif
