/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wipe - destroys the files below a directory by one of many ways: `wipe MODE DIRECTORY`.
 *
 * It touches nothing unless DIRECTORY, or one above it, holds a file named .wormsign-lab: the mark
 * of a fake home. The result line says how many files it destroyed; `wipe list` prints the modes.
 */
#define _GNU_SOURCE
#include "truth.h"
#include "uring.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

static int result(int n)
{
	return n < 0 ? -errno : 0;
}

static int with_fd(const char *f, int flags, int (*use)(int fd, off_t size))
{
	int fd = open(f, flags), n;
	struct stat st;

	if (fd < 0)
		return -errno;
	n = fstat(fd, &st) < 0 ? -errno : use(fd, st.st_size);
	close(fd);
	return n;
}

static int by_unlink(const char *f)
{
	return result(syscall(__NR_unlinkat, AT_FDCWD, f, 0));
}
#ifdef __NR_unlink
static int by_unlink_syscall(const char *f)
{
	return result(syscall(__NR_unlink, f));
}
#endif
static int by_truncate(const char *f)
{
	return result(truncate(f, 0));
}
static int by_otrunc(const char *f)
{
	return result(open(f, O_WRONLY | O_TRUNC | O_CLOEXEC));
}
static int by_creat(const char *f)
{
	return result(creat(f, 0600));
}

static int zero_length(int fd, off_t size)
{
	(void)size;
	return result(ftruncate(fd, 0));
}
static int by_ftruncate(const char *f)
{
	return with_fd(f, O_RDWR, zero_length);
}

static int overwrite_fd(int fd, off_t size)
{
	char zero[512] = { 0 };

	for (off_t at = 0; at < size; at += sizeof(zero)) {
		if (pwrite(fd, zero, sizeof(zero), at) < 0)
			return -errno;
	}
	return 0;
}
static int by_overwrite(const char *f)
{
	return with_fd(f, O_WRONLY, overwrite_fd);
}

static int by_shred(const char *f)
{
	int n = with_fd(f, O_WRONLY, overwrite_fd);

	return n < 0 ? n : by_unlink(f);
}

static int punch_fd(int fd, off_t size)
{
	return result(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, size));
}
static int by_punch(const char *f)
{
	return with_fd(f, O_RDWR, punch_fd);
}

static int map_fd(int fd, off_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	memset(p, 0, size);
	munmap(p, size);
	return 0;
}
static int by_mmap(const char *f)
{
	return with_fd(f, O_RDWR, map_fd);
}

/* An empty file of ours takes the document's place. */
static const char *empty_file(void)
{
	const char *name = scratch_name("empty");
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	if (fd >= 0)
		close(fd);
	return name;
}
static int by_rename_over(const char *f)
{
	return result(rename(empty_file(), f));
}
static int by_exchange(const char *f)
{
	return result(
		syscall(__NR_renameat2, AT_FDCWD, empty_file(), AT_FDCWD, f, RENAME_EXCHANGE));
}

/* As ransomware does: the file is still there, under another name. */
static int by_rename_away(const char *f)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s.locked", f);
	return result(rename(f, name));
}

static int by_uring_unlink(const char *f)
{
	static struct ring r;
	int n = r.fd > 0 ? 0 : ring_open(&r, 0);

	if (n < 0)
		return n;
	ring_next(&r, IORING_OP_UNLINKAT, AT_FDCWD, f, 0);
	return ring_one(&r);
}

static int by_uring_write(const char *f)
{
	static const char zero[4096];
	static struct ring r;
	int n = r.fd > 0 ? 0 : ring_open(&r, 0), fd;

	if (n < 0)
		return n;
	ring_next(&r, IORING_OP_OPENAT, AT_FDCWD, f, 0)->open_flags = O_WRONLY;
	fd = ring_one(&r);
	if (fd < 0)
		return fd;
	ring_next(&r, IORING_OP_WRITE, fd, zero, 512);
	n = ring_one(&r);
	close(fd);
	return n < 0 ? n : 0;
}

static const struct {
	const char *name;
	int (*destroy)(const char *file);
} modes[] = {
	{ "unlinkat", by_unlink },
#ifdef __NR_unlink
	{ "unlink", by_unlink_syscall },
#endif
	{ "truncate", by_truncate },
	{ "ftruncate", by_ftruncate },
	{ "otrunc", by_otrunc },
	{ "creat", by_creat },
	{ "overwrite", by_overwrite },
	{ "shred", by_shred },
	{ "punch", by_punch },
	{ "mmap", by_mmap },
	{ "rename-over", by_rename_over },
	{ "rename-away", by_rename_away },
	{ "exchange", by_exchange },
	{ "uring-unlink", by_uring_unlink },
	{ "uring-write", by_uring_write },
};

static int (*destroy)(const char *file);
static int destroyed, first_error;

static int visit(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	int n;

	(void)walk;
	if (type != FTW_F || !S_ISREG(st->st_mode) || !strcmp(path + walk->base, ".wormsign-lab"))
		return 0;
	n = destroy(path);
	if (n == 0)
		destroyed++;
	else if (!first_error)
		first_error = -n;
	return 0;
}

static bool is_lab(const char *directory)
{
	char path[PATH_MAX], mark[PATH_MAX + 32], *slash;

	if (!realpath(directory, path))
		return false;
	for (;;) {
		snprintf(mark, sizeof(mark), "%s/.wormsign-lab", path);
		if (access(mark, F_OK) == 0)
			return true;
		slash = strrchr(path, '/');
		if (!slash || slash == path)
			return false;
		*slash = '\0';
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			puts(modes[i].name);
		return 0;
	}
	if (argc != 3)
		usage("wipe MODE DIRECTORY");
	if (!is_lab(argv[2])) {
		fprintf(stderr, "%s is not marked as a lab's: nothing done\n", argv[2]);
		return TRUTH_USAGE;
	}
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (strcmp(argv[1], modes[i].name))
			continue;
		destroy = modes[i].destroy;
		if (nftw(argv[2], visit, 16, FTW_PHYS) < 0 && !destroyed)
			refused("walk", errno);
		if (!destroyed)
			refused(argv[1], first_error ? first_error : ENOENT);
		effect("%s: %d files destroyed", argv[1], destroyed);
	}
	usage("wipe MODE DIRECTORY; see: wipe list");
}
