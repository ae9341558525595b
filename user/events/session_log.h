/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session_log.h - the session log: lines of JSON, one object each, in ASCII; each line is one
 * write(2).
 *
 * A line that cannot be written (disk full) is counted, and the next one is tried: a full disk must
 * not end the session. When there is room again, the log continues with whole lines.
 */
#ifndef WORMSIGN_SESSION_LOG_H
#define WORMSIGN_SESSION_LOG_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

struct session_log;

/*
 * Open path for appending; a new file has mode 0600. -EEXIST: what exists there is not a regular
 * file that only its owner, the user with whose rights files are opened (setfsuid), can write.
 * -ELOOP: it is a symbolic link. Other errors as open(2).
 */
int session_log_open(struct session_log **ret, const char *path, struct error *e);
/* Log to fd, which it owns from then on: it is closed on failure, too. */
int session_log_adopt(struct session_log **ret, int fd, struct error *e);
/* A log that is written nowhere: its events are for session_log_tee() alone. */
int session_log_none(struct session_log **ret, struct error *e);
/* The descriptor, which stays the log's: to find the file's identity. -1: it is written nowhere. */
int session_log_fd(const struct session_log *log);
/*
 * Whether all that was written is still there: the file has the name it had, and holds every line
 * that was written whole, in order. Lines of others between them are no fault (sessions may share a
 * log), but those that contain `mark` are, unless this log wrote them. 0; -ESTALE with what
 * happened in e.
 */
int session_log_verify(const struct session_log *log, const char *mark, struct error *e);
/* Write one event and drop the reference to it. NULL (memory ran out) counts as unwritten. */
void session_log_write(struct session_log *log, json_t *event);
/*
 * From now on call fn for each event, too, whether or not the line can be written: event is
 * borrowed and redacted, line is what the log gets, without the line feed. fn NULL: no more.
 */
typedef void session_log_fn(void *arg, const json_t *event, const char *line, size_t len);
void session_log_tee(struct session_log *log, session_log_fn *fn, void *arg);
/* The number of events that were not written, and why the first of them was not (negative errno; 0:
 * all were written). */
uint64_t session_log_unwritten(const struct session_log *log);
int session_log_error(const struct session_log *log);
/* Flush to disk and close. log may be NULL. */
void session_log_close(struct session_log *log);

#endif
