// SPDX-License-Identifier: GPL-2.0-only
/* record.c - the session log. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "cleanup.h"
#include "write_quietly.h"

struct record {
	int fd;
	bool torn; /* the last write was a part of a line: the next one starts on a new line */
	uint64_t unwritten;
	int error;
	struct buf line;
};

int record_adopt(struct record **ret, int fd, struct error *e)
{
	struct record *r = calloc(1, sizeof(*r));

	if (!r) {
		close(fd);
		return error_set(e, -ENOMEM, "no memory for the session log");
	}
	r->fd = fd;
	r->line = (struct buf)BUF_INIT;
	*ret = r;
	return 0;
}

int record_open(struct record **ret, const char *path, struct error *e)
{
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
			  O_CLOEXEC;
	_close_ int fd = open(path, flags, 0600);
	struct stat st;

	if (fd < 0)
		return error_set(e, -errno, "session log %s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0)
		return error_set(e, -errno, "session log %s: %s", path, strerror(errno));
	/* What somebody else has prepared could be read, emptied or waited on by them. */
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1 ||
	    (st.st_mode & 022))
		return error_set(
			e, -EEXIST,
			"session log %s exists and is not a regular file that only you can write; "
			"remove it or name another one",
			path);
	return record_adopt(ret, TAKE_FD(fd), e);
}

static int add_text(const char *text, size_t len, void *arg)
{
	buf_add(arg, text, len);
	return 0;
}

static void count_failure(struct record *r, int err)
{
	r->unwritten++;
	if (!r->error)
		r->error = err;
}

void record_write(struct record *r, json_t *event)
{
	ssize_t n;

	buf_reset(&r->line);
	if (r->torn)
		buf_addc(&r->line, '\n');
	/* Reals are times that were measured: more digits than these are none of theirs. */
	if (!event ||
	    json_dump_callback(event, add_text, &r->line,
			       JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9)) < 0)
		r->line.failed = true;
	json_decref(event);
	buf_addc(&r->line, '\n');
	if (r->line.failed) {
		count_failure(r, -ENOMEM);
		return;
	}
	n = write_quietly(r->fd, r->line.at, r->line.len);
	if (n == (ssize_t)r->line.len) {
		r->torn = false;
		return;
	}
	count_failure(r, n < 0 ? -errno : -ENOSPC);
	if (n > 0) /* of a torn line, the first byte repairs the one before */
		r->torn = r->line.at[n - 1] != '\n';
}

uint64_t record_unwritten(const struct record *r)
{
	return r->unwritten;
}

int record_error(const struct record *r)
{
	return r->error;
}

void record_close(struct record *r)
{
	if (!r)
		return;
	fdatasync(r->fd);
	close(r->fd);
	buf_free(&r->line);
	free(r);
}
