/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * admits PERCENT DIR COUNT - how long a package's script waits between its exec and its first
 * instruction. Called npm, it is a package manager reduced to what wormsign goes by (manager.c): it
 * starts DIR/admits, a copy of itself in a package's directory, COUNT times, one after the other,
 * with npm's variables in the environment. The figure is ns by the clock, as a wait takes no
 * CPU time: the value that PERCENT of the scripts do not exceed.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Nanoseconds from the exec of one script to its main(). */
static uint64_t one(const char *dir, uint64_t *before)
{
	char event[] = "npm_lifecycle_event=install", name[] = "npm_package_name=admits";
	char version[] = "npm_package_version=1.0.0", path[] = "PATH=/usr/bin:/bin";
	char *env[] = { event, name, version, path, NULL };
	char program[] = "./admits", script[] = "--script", *args[] = { program, script, NULL };
	int ends[2], status;
	uint64_t after;
	ssize_t n;
	pid_t pid;

	if (pipe(ends) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (dup2(ends[1], STDOUT_FILENO) < 0 || chdir(dir) < 0)
			die("%s", dir);
		*before = now_ns();
		execve(program, args, env);
		die("%s/%s", dir, program);
	}
	close(ends[1]);
	n = read(ends[0], &after, sizeof(after));
	close(ends[0]);
	if (waitpid(pid, &status, 0) != pid || status != 0 || n != sizeof(after))
		die("a script ended with wait status %d", status);
	return after - *before;
}

int main(int argc, char **argv)
{
	uint64_t *before, *took, first = now_ns();
	long count, percent;

	if (argc == 2 && !strcmp(argv[1], "--script"))
		return write(STDOUT_FILENO, &first, sizeof(first)) != sizeof(first);
	if (argc != 4)
		die("usage: admits PERCENT DIR COUNT");
	percent = number(argv[1]);
	count = number(argv[3]);
	if (percent < 1 || percent > 100 || count < 1)
		die("nothing to measure");
	took = calloc((size_t)count, sizeof(*took));
	before = mmap(NULL, sizeof(*before), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (!took || before == MAP_FAILED)
		die("out of memory");
	for (long i = 0; i < count; i++)
		took[i] = one(argv[2], before);
	qsort(took, (size_t)count, sizeof(*took), ascending);
	result((double)took[(count * percent + 99) / 100 - 1]);
	return 0;
}
