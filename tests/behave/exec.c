/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exec - runs a program so that no path on disk names what runs: `exec MODE PROGRAM [ARG...]`.
 *
 * PROGRAM is copied where the mode needs a copy. On success the program takes over and its exit
 * status is the result: let it be another truth binary, or /bin/cat FILE. `exec list` prints the
 * modes.
 */
#define _GNU_SOURCE
#include "truth.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static const char *program;

static int copy_to(int to)
{
	int from = open(program, O_RDONLY);
	struct stat st;
	off_t at = 0;

	if (from < 0 || to < 0 || fstat(from, &st) < 0)
		return -errno;
	while (at < st.st_size) {
		if (sendfile(to, from, &at, st.st_size - at) <= 0)
			return -errno;
	}
	close(from);
	return 0;
}

static int exec_fd(int fd, char **argv)
{
	extern char **environ;

	syscall(__NR_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	return -errno;
}

static int by_memfd(char **argv)
{
	int fd = memfd_create("", 0);
	int n = copy_to(fd);

	return n < 0 ? n : exec_fd(fd, argv);
}

static int by_memfd_path(char **argv)
{
	int fd = memfd_create("", 0);
	char path[64];
	int n = copy_to(fd);

	if (n < 0)
		return n;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	execv(path, argv);
	return -errno;
}

/* A copy on disk, opened for execution; `unlinked` says whether its name is gone by then. */
static int by_copy_fd(char **argv, bool unlinked)
{
	const char *name = scratch_name("exe");
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0700), n = copy_to(fd);

	if (n < 0)
		return n;
	close(fd);
	fd = open(name, O_RDONLY);
	if (fd < 0)
		return -errno;
	if (unlinked)
		unlink(name);
	return exec_fd(fd, argv);
}
static int by_deleted(char **argv)
{
	return by_copy_fd(argv, true);
}
static int by_execveat(char **argv)
{
	return by_copy_fd(argv, false);
}

static int by_tmpfile(char **argv)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0700), n, again;
	char path[64];

	n = copy_to(fd);
	if (n < 0)
		return n;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY);
	close(fd);
	return again < 0 ? -errno : exec_fd(again, argv);
}

/* The loader is what the kernel starts; the program is only a file that it maps. */
static int by_loader(char **argv)
{
	static const char *const loaders[] = { "/lib64/ld-linux-x86-64.so.2",
					       "/lib/ld-linux-aarch64.so.1" };
	char *full[64] = { NULL, (char *)program };

	for (int i = 1; argv[i] && i < 60; i++)
		full[i + 1] = argv[i];
	for (size_t i = 0; i < ARRAY_SIZE(loaders); i++) {
		full[0] = (char *)loaders[i];
		execv(loaders[i], full);
	}
	return -errno;
}

/* Another name and another argv[0], to evade a list of program names. */
static int by_renamed(char **argv)
{
	const char *name = scratch_name("node");
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0700), n = copy_to(fd);

	if (n < 0)
		return n;
	close(fd);
	argv[0] = "node";
	execv(name, argv);
	return -errno;
}

static int by_symlink(char **argv)
{
	const char *name = scratch_name("link");

	if (symlink(program, name) < 0)
		return -errno;
	execv(name, argv);
	return -errno;
}

static int by_plain(char **argv)
{
	execv(program, argv);
	return -errno;
}

static const struct {
	const char *name;
	int (*start)(char **argv);
} modes[] = {
	{ "plain", by_plain },	   { "memfd", by_memfd },	{ "memfd-path", by_memfd_path },
	{ "deleted", by_deleted }, { "execveat", by_execveat }, { "tmpfile", by_tmpfile },
	{ "loader", by_loader },   { "renamed", by_renamed },	{ "symlink", by_symlink },
};

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			puts(modes[i].name);
		return 0;
	}
	if (argc < 3)
		usage("exec MODE PROGRAM [ARG...]");
	program = argv[2];
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (!strcmp(argv[1], modes[i].name))
			refused(argv[1], modes[i].start(argv + 2));
	}
	usage("exec MODE PROGRAM [ARG...]; see: exec list");
}
