// SPDX-License-Identifier: GPL-2.0-only
/* sink_file.c - see sink_file.h. */
#define _GNU_SOURCE /* statx */
#include "delivery/sink_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/write_quietly.h"

struct file {
	const struct sink_settings *s;
	int fd;
	off_t size;
};

static int check(const struct sink_settings *s, struct error *e)
{
	if (s->target[0] != '/' || strlen(s->target) > PATH_MAX - 32)
		return error_set(e, -EINVAL, "the target of a file is an absolute path");
	return 0;
}

static int open_file(struct file *f)
{
	struct stat st;

	f->fd = open(f->s->target,
		     O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		     0640);
	if (f->fd < 0)
		return -errno;
	if (fstat(f->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(TAKE_FD(f->fd));
		return -EINVAL;
	}
	f->size = st.st_size;
	return 0;
}

static void close_file(struct file *f)
{
	if (f->fd >= 0)
		close(TAKE_FD(f->fd));
}

static int file_open(void **ret, const struct sink_settings *s, struct error *e)
{
	struct file *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return error_set(e, -ENOMEM, "out of memory");
	f->s = s;
	err = open_file(f);
	if (err < 0) {
		free(f);
		return error_set(e, err, "%s: %s", s->target, strerror(-err));
	}
	*ret = f;
	return 0;
}

/* ---- rotation ---- */

static void name_old(char *ret, size_t room, const struct file *f, uint64_t n)
{
	snprintf(ret, room, "%s.%" PRIu64 "%s", f->s->target, n, f->s->gzip ? ".gz" : "");
}

/* Compress from into to. The uncompressed file is removed when the other is on disk. */
static int compress_file(const char *from, const char *to)
{
	_close_ int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	int keep = out < 0 ? -1 : dup(out), err = 0;
	gzFile z = out < 0 ? NULL : gzdopen(out, "wb");
	char chunk[16384];
	ssize_t n = -1;

	if (!z && out >= 0)
		close(out);
	while (z && in >= 0 && (n = read(in, chunk, sizeof(chunk))) > 0)
		if (gzwrite(z, chunk, n) != n)
			break;
	if ((z && gzclose(z) != Z_OK) || n != 0 || keep < 0 || fdatasync(keep) < 0)
		err = -EIO;
	if (keep >= 0)
		close(keep);
	if (unlink(err ? to : from) < 0 && !err)
		err = -errno;
	return err;
}

static int rotate(struct file *f)
{
	char from[PATH_MAX], to[PATH_MAX];
	int err;

	name_old(to, sizeof(to), f, f->s->rotate_files);
	unlink(to);
	for (uint64_t n = f->s->rotate_files; n > 1; n--) {
		name_old(from, sizeof(from), f, n - 1);
		name_old(to, sizeof(to), f, n);
		if (rename(from, to) < 0 && errno != ENOENT)
			return -errno;
	}
	close_file(f);
	snprintf(from, sizeof(from), "%s.1", f->s->target);
	if (rename(f->s->target, from) < 0)
		return -errno;
	if (f->s->gzip) {
		name_old(to, sizeof(to), f, 1);
		err = compress_file(from, to);
		if (err < 0)
			return err;
	}
	return open_file(f);
}

/* Whether the file is still the one of that name. */
static bool is_ours(const struct file *f)
{
	struct stat ours, named;

	return f->fd >= 0 && fstat(f->fd, &ours) == 0 && lstat(f->s->target, &named) == 0 &&
	       ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

/* Whether it was made longer ago than is configured. A file system that does not say when knows no
 * age. */
static bool is_old(const struct file *f)
{
	struct timespec now;
	struct statx st;
	int64_t s;

	if (!f->s->rotate_age_ms || !f->size ||
	    statx(f->fd, "", AT_EMPTY_PATH, STATX_BTIME, &st) < 0 || !(st.stx_mask & STATX_BTIME) ||
	    clock_gettime(CLOCK_REALTIME, &now) < 0)
		return false;
	s = now.tv_sec - st.stx_btime.tv_sec;
	return s > 0 && (uint64_t)s * 1000 >= f->s->rotate_age_ms;
}

/* Make f ready to append to. */
static int prepare(struct file *f)
{
	struct stat st;

	if (!is_ours(f)) {
		close_file(f);
		return open_file(f);
	}
	if (fstat(f->fd, &st) == 0)
		f->size = st.st_size; /* it may have been truncated */
	return (uint64_t)f->size >= f->s->rotate_bytes || is_old(f) ? rotate(f) : 0;
}

/* End a line that was cut by a full disk. */
static void end_torn_line(struct file *f, struct buf *out)
{
	char last = '\n';

	if (f->size > 0 && pread(f->fd, &last, 1, f->size - 1) == 1 && last != '\n')
		buf_addc(out, '\n');
}

static void file_send(void *sink, struct sink_event *events, size_t count, struct sink_result *ret)
{
	struct file *f = sink;
	_buf_ struct buf out = BUF_INIT;
	int err = prepare(f);
	ssize_t n;

	if (err < 0) {
		sink_why(ret, "%s: %s", f->s->target, strerror(-err));
		return;
	}
	end_torn_line(f, &out);
	for (size_t i = 0; i < count; i++) {
		buf_add(&out, events[i].text, events[i].text_len);
		buf_addc(&out, '\n');
	}
	if (out.failed) {
		sink_why(ret, "out of memory");
		return;
	}
	n = write_quietly(f->fd, out.at, out.len);
	if (n == (ssize_t)out.len && fdatasync(f->fd) == 0)
		sink_all(events, count, SINK_DONE);
	else
		sink_why(ret, "%s: %s", f->s->target, strerror(n < 0 ? errno : ENOSPC));
}

static void file_close(void *sink)
{
	close_file(sink);
	free(sink);
}

const struct sink_kind sink_file = {
	.name = "file",
	.target = "an absolute path",
	.uses = USES_GZIP | USES_ROTATION,
	.encodings = ENCODING_ANY,
	.check = check,
	.open = file_open,
	.send = file_send,
	.close = file_close,
};
