// SPDX-License-Identifier: GPL-2.0-only
/* session_log.c - the session log. */
#include "events/session_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/write_quietly.h"
#include "events/event_redact.h"

struct session_log {
	int fd;
	bool torn; /* the last line was written in part: begin the next one with a newline */
	uint64_t unwritten;
	int error;
	struct buf line;
	char *name;	/* of the file, as the kernel says it; NULL: not known */
	off_t begin;	/* where the first line went, if nobody else writes */
	uint64_t key;	/* of the checksums: random, so that nobody can forge a line */
	uint64_t *sums; /* of the lines that were written whole */
	size_t count, room;
	session_log_fn *tee;
	void *tee_arg;
};

/* The kernel's name for the open file. Reading it takes no right to the directories above, which
 * wormsign has given up by the end of a session. */
static char *name_of(int fd)
{
	char link[64], name[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name));
	return n > 0 && n < (ssize_t)sizeof(name) ? strndup(name, n) : NULL;
}

int session_log_adopt(struct session_log **ret, int fd, struct error *e)
{
	struct session_log *log = calloc(1, sizeof(*log));

	if (!log) {
		close(fd);
		return error_set(e, -ENOMEM, "no memory for the session log");
	}
	log->fd = fd;
	log->line = (struct buf)BUF_INIT;
	log->name = name_of(fd);
	log->begin = lseek(fd, 0, SEEK_END);
	if (getrandom(&log->key, sizeof(log->key), GRND_NONBLOCK) < 0)
		log->key = clock_ns(CLOCK_MONOTONIC) ^ (uintptr_t)log;
	*ret = log;
	return 0;
}

int session_log_none(struct session_log **ret, struct error *e)
{
	struct session_log *log = calloc(1, sizeof(*log));

	if (!log)
		return error_set(e, -ENOMEM, "no memory for the session's events");
	log->fd = -1;
	log->line = (struct buf)BUF_INIT;
	*ret = log;
	return 0;
}

int session_log_open(struct session_log **ret, const char *path, struct error *e)
{
	const int flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
			  O_CLOEXEC;
	_close_ int fd = open(path, flags, 0600);
	struct stat st;

	if (fd < 0)
		return error_set(e, -errno, "session log %s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0)
		return error_set(e, -errno, "session log %s: %s", path, strerror(errno));
	/* A file that another user prepared, or can write, could be read, emptied or blocking. */
	if (!S_ISREG(st.st_mode) || st.st_uid != (uid_t)setfsuid(-1) || st.st_nlink != 1 ||
	    (st.st_mode & 022))
		return error_set(
			e, -EEXIST,
			"session log %s exists and is not a regular file that only you can write; "
			"remove it or name another one",
			path);
	return session_log_adopt(ret, TAKE_FD(fd), e);
}

static int add_text(const char *text, size_t len, void *arg)
{
	buf_add(arg, text, len);
	return 0;
}

/* A polynomial in the secret key, modulo 2^61 - 1. */
static uint64_t sum_of(const struct session_log *log, const char *bytes, size_t len)
{
	const uint64_t prime = (1ULL << 61) - 1, key = log->key % prime;
	uint64_t sum = len;

	for (size_t i = 0; i < len; i++)
		sum = ((unsigned __int128)sum * key + (unsigned char)bytes[i] + 1) % prime;
	return sum;
}

/* Without memory the line is not checked at the end. */
static void add_sum(struct session_log *log, const char *line, size_t len)
{
	if (log->count == log->room) {
		size_t room = log->room ? log->room * 2 : 256;
		uint64_t *sums = reallocarray(log->sums, room, sizeof(*sums));

		if (!sums)
			return;
		log->sums = sums;
		log->room = room;
	}
	log->sums[log->count++] = sum_of(log, line, len);
}

static void count_failure(struct session_log *log, int err)
{
	log->unwritten++;
	if (!log->error)
		log->error = err;
}

void session_log_write(struct session_log *log, json_t *event)
{
	ssize_t n;

	buf_reset(&log->line);
	if (log->torn)
		buf_addc(&log->line, '\n');
	/* Reals are times in ms, measured in ns: print no more digits than that. */
	if (!event || !event_redact(event) ||
	    json_dump_callback(event, add_text, &log->line,
			       JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9)) < 0)
		log->line.failed = true;
	if (log->tee && !log->line.failed)
		log->tee(log->tee_arg, event, log->line.at + log->torn, log->line.len - log->torn);
	json_decref(event);
	buf_addc(&log->line, '\n');
	if (log->line.failed) {
		count_failure(log, -ENOMEM);
		return;
	}
	if (log->fd < 0)
		return;
	n = write_quietly(log->fd, log->line.at, log->line.len);
	if (n == (ssize_t)log->line.len) {
		add_sum(log, log->line.at + log->torn, log->line.len - log->torn);
		log->torn = false;
		return;
	}
	count_failure(log, n < 0 ? -errno : -ENOSPC);
	if (n > 0) /* it may be the newline alone that ends the line before */
		log->torn = log->line.at[n - 1] != '\n';
}

void session_log_tee(struct session_log *log, session_log_fn *fn, void *arg)
{
	log->tee = fn;
	log->tee_arg = arg;
}

int session_log_fd(const struct session_log *log)
{
	return log->fd;
}

static int verify_name(const struct session_log *log, struct error *e)
{
	_free_ char *now = name_of(log->fd);
	struct stat st;

	if (fstat(log->fd, &st) < 0)
		return error_set(e, -errno, "it cannot be checked: %s", strerror(errno));
	if (st.st_nlink == 0)
		return error_set(e, -ESTALE,
				 "it was removed during the session; a file of this name is not "
				 "wormsign's");
	if (log->name && now && strcmp(log->name, now) != 0)
		return error_set(e, -ESTALE,
				 "it was moved during the session; a file of this name is not "
				 "wormsign's");
	return 0;
}

/* Whether the lines are there. */
static int verify_lines(const struct session_log *log, FILE *f, const char *mark, struct error *e)
{
	size_t found = 0, foreign = 0, room = 0;
	_free_ char *line = NULL;
	ssize_t n;

	if (fseeko(f, log->begin > 0 ? log->begin : 0, SEEK_SET) < 0)
		return error_set(e, -errno, "it cannot be read: %s", strerror(errno));
	while ((n = getline(&line, &room, f)) > 0) {
		if (found < log->count && sum_of(log, line, n) == log->sums[found])
			found++;
		else if (memmem(line, n, mark, strlen(mark)))
			foreign++;
	}
	if (found < log->count)
		return error_set(e, -ESTALE,
				 "it was changed during the session: lines are missing or altered");
	/* a line that was cut by a full disk is ours, too */
	if (foreign > log->unwritten)
		return error_set(e, -ESTALE,
				 "%zu lines of this session in it were not written by wormsign",
				 foreign);
	return 0;
}

int session_log_verify(const struct session_log *log, const char *mark, struct error *e)
{
	_fclose_ FILE *f = NULL;
	int r = log->fd < 0 ? 0 : verify_name(log, e), fd;

	if (log->fd < 0)
		return 0;
	if (r < 0)
		return r;
	fd = fcntl(log->fd, F_DUPFD_CLOEXEC, 0);
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (!f)
		return error_set(e, -errno, "it cannot be read: %s", strerror(errno));
	return verify_lines(log, f, mark, e);
}

uint64_t session_log_unwritten(const struct session_log *log)
{
	return log->unwritten;
}

int session_log_error(const struct session_log *log)
{
	return log->error;
}

void session_log_close(struct session_log *log)
{
	if (!log)
		return;
	if (log->fd >= 0) {
		fdatasync(log->fd);
		close(log->fd);
	}
	buf_free(&log->line);
	free(log->sums);
	free(log->name);
	free(log);
}
