/* SPDX-License-Identifier: GPL-2.0-only */
/* execs PROGRAM COUNT - start PROGRAM COUNT times, one after the other; the figure is ns of CPU for
 * one fork, exec and exit. */
#include <spawn.h>
#include <sys/wait.h>

#include "bench.h"

int main(int argc, char **argv)
{
	char *args[] = { NULL, NULL }, *env[] = { NULL };
	uint64_t start;
	long count;

	if (argc != 3)
		die("usage: execs PROGRAM COUNT");
	count = number(argv[2]);
	args[0] = argv[1];
	start = cpu_ns();
	for (long i = 0; i < count; i++) {
		int status;
		pid_t pid;

		errno = posix_spawn(&pid, argv[1], NULL, NULL, args, env);
		if (errno)
			die("%s", argv[1]);
		if (waitpid(pid, &status, 0) != pid || status != 0)
			die("%s: wait status %d", argv[1], status);
	}
	result((double)(cpu_ns() - start) / (double)(count ? count : 1));
	return 0;
}
