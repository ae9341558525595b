/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calls KIND COUNT - COUNT calls that change the current directory; KIND is create, mkdir, rename
 * or unlink. The figure is ns by the clock for one of them, as a wait takes no CPU time; what
 * undoes the call is not timed. Ten batches are timed and the median counts.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

#define BATCHES 10

static const char name[] = "calls-one", other[] = "calls-two";

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void make_file(void)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		die("%s", name);
	close(fd);
}

/* Each: one call and what it needs before and after. Returns the call's ns. */
static uint64_t timed_create(void)
{
	uint64_t start = now_ns(), took;

	make_file();
	took = now_ns() - start;
	unlink(name);
	return took;
}

static uint64_t timed_mkdir(void)
{
	uint64_t start = now_ns(), took;

	if (mkdir(name, 0755) < 0)
		die("%s", name);
	took = now_ns() - start;
	rmdir(name);
	return took;
}

static uint64_t timed_rename(void)
{
	uint64_t start, took;

	make_file();
	start = now_ns();
	if (rename(name, other) < 0)
		die("%s", other);
	took = now_ns() - start;
	unlink(other);
	return took;
}

static uint64_t timed_unlink(void)
{
	uint64_t start;

	make_file();
	start = now_ns();
	if (unlink(name) < 0)
		die("%s", name);
	return now_ns() - start;
}

static const struct {
	const char *kind;
	uint64_t (*timed)(void);
} kinds[] = {
	{ "create", timed_create },
	{ "mkdir", timed_mkdir },
	{ "rename", timed_rename },
	{ "unlink", timed_unlink },
};

static void measure(uint64_t (*timed)(void), long count)
{
	double each[BATCHES];

	for (int b = 0; b < BATCHES; b++) {
		uint64_t sum = 0;

		for (long i = 0; i < count; i++)
			sum += timed();
		each[b] = (double)sum / (double)(count ? count : 1);
	}
	qsort(each, BATCHES, sizeof(each[0]), ascending);
	result((each[BATCHES / 2 - 1] + each[BATCHES / 2]) / 2);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		die("usage: calls create|mkdir|rename|unlink COUNT");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argv[1], kinds[i].kind)) {
			measure(kinds[i].timed, number(argv[2]) / BATCHES);
			return 0;
		}
	die("unknown kind '%s'", argv[1]);
}
