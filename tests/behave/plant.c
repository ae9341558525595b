/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plant - makes FILE hold TEXT by one of many ways: `plant MODE FILE [TEXT]`.
 *
 * A rule that watches open(O_WRONLY) of a protected name misses most of them. The result is looked
 * up at the end: EFFECT means that FILE, opened by its name, now holds TEXT. `plant list` prints
 * the modes.
 */
#define _GNU_SOURCE
#include "truth.h"
#include "uring.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#ifndef IORING_OP_BIND
#define IORING_OP_BIND 56 /* an enumerator of newer headers */
#endif

static const char *text = "planted by a truth binary\n";

static int put(int fd)
{
	int n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return n;
}

/* A file of ours that holds TEXT, beside FILE (same file system) or in the working directory. */
static const char *prepared(void)
{
	const char *name = scratch_name("plant");

	return put(open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644)) < 0 ? NULL : name;
}

static int result(int n)
{
	return n < 0 ? -errno : 0;
}

static int by_create(const char *f)
{
	return put(open(f, O_CREAT | O_WRONLY, 0644));
}
static int by_append(const char *f)
{
	return put(open(f, O_CREAT | O_WRONLY | O_APPEND, 0644));
}
static int by_creat(const char *f)
{
	return put(creat(f, 0644));
}
static int by_excl(const char *f)
{
	unlink(f);
	return put(open(f, O_CREAT | O_EXCL | O_WRONLY, 0644));
}

static int by_rename(const char *f)
{
	const char *p = prepared();

	return p ? result(rename(p, f)) : -errno;
}

static int by_link(const char *f)
{
	const char *p = prepared();

	unlink(f);
	return p ? result(link(p, f)) : -errno;
}

static int by_symlink(const char *f)
{
	char full[PATH_MAX];
	const char *p = prepared();

	if (!p || !realpath(p, full))
		return -errno;
	unlink(f);
	return result(symlink(full, f));
}

/* As git writes: config.lock beside the file, then a rename. */
static int by_lock(const char *f)
{
	char lock[PATH_MAX];
	int n;

	snprintf(lock, sizeof(lock), "%s.lock", f);
	n = put(open(lock, O_CREAT | O_EXCL | O_WRONLY, 0644));
	return n < 0 ? n : result(rename(lock, f));
}

static int by_tmpfile(const char *f)
{
	char copy[PATH_MAX], from[64];
	int fd, n;

	snprintf(copy, sizeof(copy), "%s", f);
	fd = open(dirname(copy), O_TMPFILE | O_WRONLY, 0644);
	if (fd < 0 && errno == EOPNOTSUPP)
		unsupported("O_TMPFILE: this file system has none");
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		return -errno;
	unlink(f);
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	n = result(linkat(AT_FDCWD, from, AT_FDCWD, f, AT_SYMLINK_FOLLOW));
	close(fd);
	return n;
}

/* Its directory is made under another name and moved into place. */
static int by_rename_dir(const char *f)
{
	char dir[PATH_MAX], copy[PATH_MAX], moved[PATH_MAX], path[PATH_MAX + 256];
	int n;

	snprintf(dir, sizeof(dir), "%s", f);
	dirname(dir);
	snprintf(copy, sizeof(copy), "%s", f);
	snprintf(moved, sizeof(moved), "%s", scratch_name("dir"));
	if (rename(dir, moved) < 0 && mkdir(moved, 0755) < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/%s", moved, basename(copy));
	n = put(open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644));
	return n < 0 ? n : result(rename(moved, dir));
}

static bool holds_text(const char *f)
{
	static char found[65536];
	int fd = open(f, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, found, sizeof(found) - 1);

	return n > 0 && memmem(found, n, text, strlen(text));
}

#define FLIP_TURNS 24
#define FLIP_LINKS 30 /* the kernel follows 40 in one path */

static char flipped[PATH_MAX];
static volatile int flip_go, flip_done = -1;

/* Waits a little longer each time, then changes the last letter. */
static void *flip(void *argument)
{
	volatile char *last = argument;

	flip_done = 0;
	for (int turn = 1; turn <= FLIP_TURNS; turn++) {
		while (flip_go < turn)
			;
		if (flip_go == INT_MAX)
			break;
		for (volatile int i = 0; i < turn * 2000; i++)
			;
		*last = '~';
		flip_done = turn;
	}
	return NULL;
}

/*
 * A path to FILE that takes the kernel a millisecond to resolve after it has read the string: it
 * leads through links of 2,000 "./" each.
 */
static int slow_way(char *to, size_t size, const char *f)
{
	char copy[PATH_MAX], body[4001];
	size_t at = 0;

	for (size_t i = 0; i < sizeof(body) - 1; i += 2)
		memcpy(body + i, "./", 2);
	body[sizeof(body) - 1] = 0;
	snprintf(copy, sizeof(copy), "%s", f);
	unlink("slow");
	unlink("there");
	if (symlink(body, "slow") < 0 || symlink(dirname(copy), "there") < 0)
		return -errno;
	for (int i = 0; i < FLIP_LINKS; i++)
		at += snprintf(to + at, size - at, "slow/");
	snprintf(copy, sizeof(copy), "%s", f);
	snprintf(to + at, size - at, "there/%s", basename(copy));
	return 0;
}

/*
 * The string names FILE when the kernel reads it, and another file when a sensor reads the caller's
 * memory afterwards.
 */
static int by_rename_flip(const char *f)
{
	char *last, letter;
	pthread_t t;
	int n = slow_way(flipped, sizeof(flipped), f);

	if (n < 0)
		return n;
	last = flipped + strlen(flipped) - 1;
	letter = *last;
	if (pthread_create(&t, NULL, flip, last))
		return -EAGAIN;
	while (flip_done < 0)
		;
	for (int turn = 1; turn <= FLIP_TURNS && n == 0 && !holds_text(f); turn++) {
		const char *p = prepared();

		if (!p)
			return -errno;
		*last = letter;
		flip_go = turn;
		n = result(rename(p, flipped));
		while (n == 0 && flip_done < turn)
			;
	}
	flip_go = INT_MAX;
	pthread_join(t, NULL);
	return n;
}

/* Changes the last letter all the time. */
static void *flutter(void *argument)
{
	volatile char *last = argument, letter = *last;

	flip_done = 0;
	while (flip_go != INT_MAX) {
		*last = '~';
		*last = letter;
	}
	return NULL;
}

/* The same for one of many names that a file has in its directory. */
static int by_rename_many(const char *f)
{
	char other[16];
	pthread_t t;
	int n = slow_way(flipped, sizeof(flipped), f);

	if (n < 0)
		return n;
	if (pthread_create(&t, NULL, flutter, flipped + strlen(flipped) - 1))
		return -EAGAIN;
	while (flip_done < 0)
		;
	for (int turn = 0; turn < 100 && n == 0 && !holds_text(f); turn++) {
		const char *p = prepared();

		for (int i = 0; p && i < 12; i++) {
			snprintf(other, sizeof(other), "name%d", i);
			unlink(other);
			if (link(p, other) < 0)
				p = NULL;
		}
		n = p ? result(rename(p, flipped)) : -errno;
	}
	flip_go = INT_MAX;
	pthread_join(t, NULL);
	return n;
}

static int by_uring(const char *f)
{
	struct io_uring_sqe *s;
	struct ring r;
	int n = ring_open(&r, 0), fd;

	if (n < 0)
		return n;
	s = ring_next(&r, IORING_OP_OPENAT, AT_FDCWD, f, 0644);
	s->open_flags = O_CREAT | O_WRONLY | O_TRUNC;
	fd = ring_one(&r);
	if (fd < 0)
		return fd;
	ring_next(&r, IORING_OP_WRITE, fd, text, strlen(text));
	n = ring_one(&r);
	close(fd);
	return n < 0 ? n : 0;
}

static const struct {
	const char *name;
	int (*plant)(const char *file);
} modes[] = {
	{ "create", by_create },
	{ "append", by_append },
	{ "creat", by_creat },
	{ "excl", by_excl },
	{ "rename", by_rename },
	{ "link", by_link },
	{ "symlink", by_symlink },
	{ "lock", by_lock },
	{ "tmpfile", by_tmpfile },
	{ "rename-dir", by_rename_dir },
	{ "uring", by_uring },
	{ "rename-flip", by_rename_flip },
	{ "rename-many", by_rename_many },
};

/* A socket under the name, bound by io_uring (from 6.11). It holds no text, so it is not listed. */
static int bind_by_ring(const char *f)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), n;
	struct ring r;

	if (strlen(f) >= sizeof(at.sun_path))
		return -ENAMETOOLONG;
	strcpy(at.sun_path, f);
	n = ring_open(&r, 0);
	if (n < 0)
		return n;
	ring_next(&r, IORING_OP_BIND, fd, &at, 0)->off = sizeof(at);
	return ring_one(&r);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "ring-bind")) {
		int n = bind_by_ring(argv[2]);

		if (n == -EINVAL) /* what it is before 6.11, for an operation without a name */
			unsupported("IORING_OP_BIND");
		if (n < 0)
			refused("ring-bind", n);
		effect("ring-bind: %s is a socket", argv[2]);
	}
	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			puts(modes[i].name);
		return 0;
	}
	if (argc < 3)
		usage("plant MODE FILE [TEXT]");
	if (argc > 3)
		text = argv[3];
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int n;

		if (strcmp(argv[1], modes[i].name))
			continue;
		n = modes[i].plant(argv[2]);
		if (n < 0)
			refused(argv[1], n);
		if (!holds_text(argv[2]))
			refused("look at the result", ENODATA);
		effect("%s: %s holds the text", argv[1], argv[2]);
	}
	usage("plant MODE FILE [TEXT]; see: plant list");
}
