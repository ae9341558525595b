/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * opens FILE COUNT - open and close one file COUNT times; the figure is ns of CPU for one open and
 * its close. Ten batches are timed and the median counts, so that one interruption does not.
 */
#include <fcntl.h>
#include <unistd.h>

#include "bench.h"

#define BATCHES 10

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double each[BATCHES];
	long count;

	if (argc != 3)
		die("usage: opens FILE COUNT");
	count = number(argv[2]) / BATCHES;
	for (int b = 0; b < BATCHES; b++) {
		uint64_t start = cpu_ns();

		for (long i = 0; i < count; i++) {
			int fd = open(argv[1], O_RDONLY | O_CLOEXEC);

			if (fd < 0)
				die("%s", argv[1]);
			close(fd);
		}
		each[b] = (double)(cpu_ns() - start) / (double)(count ? count : 1);
	}
	qsort(each, BATCHES, sizeof(each[0]), ascending);
	result((each[BATCHES / 2 - 1] + each[BATCHES / 2]) / 2);
	return 0;
}
