// SPDX-License-Identifier: GPL-2.0-only
/* lock_program.c - see lock_program.h. Called in the reader's process, which has no privileges. */
#include "session/lock_program.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "events/lockfile.h"
#include "session/libexec_program.h"

#define NAME	    "wormsign-lockfile"
#define CPU_SECONDS 2

static void __attribute__((noreturn))
become(const char *program, const char *name, int from, int to)
{
	char *const argv[] = { (char *)program, (char *)name, NULL }, *const none[] = { NULL };
	struct rlimit time = { CPU_SECONDS, CPU_SECONDS };
	int null = open("/dev/null", O_RDWR);

	setrlimit(RLIMIT_CPU, &time);
	/* above what is replaced */
	from = fcntl(from, F_DUPFD_CLOEXEC, 10);
	to = fcntl(to, F_DUPFD_CLOEXEC, 10);
	if (null >= 0 && dup2(from, 0) == 0 && dup2(to, 1) == 1 && dup2(null, 2) == 2 &&
	    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		execve(program, argv, none);
	_exit(126);
}

static bool read_all(int fd, struct buf *ret)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0 && !ret->failed &&
	       ret->len < (size_t)LOCKFILE_MOST)
		buf_add(ret, chunk, (size_t)n);
	return n == 0 && !ret->failed;
}

json_t *lock_program_list(int fd, const char *name)
{
	_buf_ struct buf text = BUF_INIT;
	char program[PATH_MAX];
	int ends[2], status = -1;
	bool whole;
	pid_t pid;

	if (libexec_program(program, sizeof(program), NAME, NULL) < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	pid = fork();
	if (pid == 0)
		become(program, name, fd, ends[1]);
	close(ends[1]);
	whole = pid > 0 && read_all(ends[0], &text);
	close(ends[0]); /* it ends, too, if it has more to say */
	if (pid > 0 && waitpid(pid, &status, 0) != pid)
		status = -1;
	return whole && status == 0 ? json_loadb(text.at, text.len, 0, NULL) : NULL;
}
