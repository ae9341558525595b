/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench.h - what the storms of scripts/bench share: the clock, the result line, and failing loudly.
 *
 * A storm appends its own figure, nanoseconds of CPU an operation, to the file named by BENCH_OUT;
 * without it, to stdout. It measures only its loop, so that the start of a shell or of npm does not
 * drown what an operation costs.
 */
#ifndef WORMSIGN_BENCH_H
#define WORMSIGN_BENCH_H

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline __attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	if (saved)
		fprintf(stderr, ": %s", strerror(saved));
	fputc('\n', stderr);
	exit(1);
}

static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/*
 * CPU time of this process and of the children it has waited for, so that other processes on the
 * machine do not change the figure.
 */
static inline uint64_t cpu_ns(void)
{
	struct rusage children;
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	getrusage(RUSAGE_CHILDREN, &children);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec +
	       (uint64_t)(children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1000000000 +
	       (uint64_t)(children.ru_utime.tv_usec + children.ru_stime.tv_usec) * 1000;
}

/* A whole number from the command line; anything else ends the program. */
static inline long number(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || *end || end == text || n < 0)
		die("bad number '%s'", text);
	return n;
}

static inline void result(double value)
{
	const char *path = getenv("BENCH_OUT");
	FILE *f = path ? fopen(path, "a") : stdout;

	if (!f)
		die("%s", path);
	fprintf(f, "%.1f\n", value);
	if (fflush(f) != 0)
		die("result");
}

#endif
