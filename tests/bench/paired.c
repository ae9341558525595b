/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * paired [options] -- A... :: B... - run two commands alternately and print medians and ratios,
 * tab-separated.
 *
 *   -n PAIRS    how many times both are run (5), after one run of each that does not count
 *   -p COMMAND  shell command before each run, not timed
 *   -b COMMAND  started before each B and ended by SIGTERM after it, not timed: B is then measured
 *               beside COMMAND, which signals that it is up by making the file $BENCH_UP
 *   -o FILE     runs append their own figure to FILE ($BENCH_OUT for them); the last line counts
 *   -q          output of the runs to /dev/null
 *
 * CPU is user and system time of the run and of every descendant, orphans too: they are given to
 * this process (PR_SET_CHILD_SUBREAPER) and waited for. What a wrapper costs is in it, as it is one
 * of the descendants. A ratio is the median of the pairs' ratios, not the ratio of the medians:
 * drift of the machine cancels in a pair.
 *
 * Prints: metric, then median, lowest and highest of A, of B, of the ratios, and of the differences
 * B - A; metrics wall (s), cpu (s), own (as it is).
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { WALL, CPU, OWN, METRICS };
#define PAIRS_MAX 1000

struct sample {
	double of[METRICS];
};

static const char *prepare, *beside, *out, *up;
static int quiet;

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static pid_t start(char *const *command, int silent)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		if (silent) {
			dup2(null, 1);
			dup2(null, 2);
		}
		execvp(command[0], command);
		die("%s", command[0]);
	}
	return pid;
}

static void shell(const char *command)
{
	char *args[] = { "sh", "-c", (char *)command, NULL };
	int status;

	if (waitpid(start(args, quiet), &status, 0) < 0 || status != 0)
		die("'%s' ended with wait status %d", command, status);
}

/* Wait for pid and for all orphans that become our children; returns the sum of their CPU time. */
static double reap(pid_t pid, char *const *command)
{
	struct rusage use;
	double cpu = 0;
	int status;
	pid_t ended;

	do {
		ended = wait4(-1, &status, 0, &use);
		if (ended < 0)
			die("wait4");
		cpu += seconds(use.ru_utime) + seconds(use.ru_stime);
	} while (ended != pid);
	if (status != 0)
		die("%s ended with wait status 0x%x", command[0], status);
	while (wait4(-1, &status, WNOHANG, &use) > 0)
		cpu += seconds(use.ru_utime) + seconds(use.ru_stime);
	return cpu;
}

static double own_figure(void)
{
	char line[64];
	double value = 0;
	FILE *f = out ? fopen(out, "r") : NULL;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		value = strtod(line, NULL);
	fclose(f);
	return value;
}

static struct sample once(char *const *command)
{
	struct sample s;
	uint64_t began;
	pid_t pid;

	if (prepare)
		shell(prepare);
	if (out && truncate(out, 0) < 0)
		die("%s", out);
	began = now_ns();
	pid = start(command, quiet);
	s.of[CPU] = reap(pid, command);
	s.of[WALL] = (double)(now_ns() - began) / 1e9;
	s.of[OWN] = own_figure();
	return s;
}

/* The command that B is measured beside: started, awaited, and ended with all that belongs to it.
 */
static pid_t beside_start(void)
{
	char *args[] = { "sh", "-c", (char *)beside, NULL };
	pid_t pid;

	unlink(up);
	pid = start(args, quiet);
	for (int i = 0; i < 1000; i++) {
		int status;

		if (access(up, F_OK) == 0)
			return pid;
		if (waitpid(pid, &status, WNOHANG) == pid)
			die("'%s' ended early, wait status 0x%x", beside, status);
		usleep(10000);
	}
	kill(pid, SIGTERM);
	die("'%s' was not up after 10 s", beside);
}

static void beside_end(pid_t pid)
{
	int status;

	kill(pid, SIGTERM);
	for (int i = 0; i < 1000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return;
		usleep(10000);
	}
	kill(pid, SIGKILL);
	die("'%s' did not end within 10 s of SIGTERM", beside);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, long n)
{
	qsort(v, (size_t)n, sizeof(*v), ascending);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void print_three(double *v, long n)
{
	double middle =
		median(v, n); /* sorts, so that the lowest comes first and the highest last */

	printf("\t%.6g\t%.6g\t%.6g", middle, v[0], v[n - 1]);
}

static void print(int metric, const struct sample *a, const struct sample *b, long pairs)
{
	static const char *const names[] = { "wall", "cpu", "own" };
	double of_a[PAIRS_MAX], of_b[PAIRS_MAX], ratio[PAIRS_MAX], more[PAIRS_MAX];

	for (long i = 0; i < pairs; i++) {
		of_a[i] = a[i].of[metric];
		of_b[i] = b[i].of[metric];
		ratio[i] = of_a[i] > 0 ? of_b[i] / of_a[i] : 0;
		more[i] = of_b[i] - of_a[i];
	}
	printf("%s", names[metric]);
	print_three(of_a, pairs);
	print_three(of_b, pairs);
	print_three(ratio, pairs);
	print_three(more, pairs);
	putchar('\n');
}

/* Ends the string array at its "::" and returns what follows it. */
static char **split(char **words)
{
	for (; *words; words++) {
		if (strcmp(*words, "::") == 0) {
			*words = NULL;
			return words + 1;
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static struct sample a[PAIRS_MAX], b[PAIRS_MAX];
	char **of_a, **of_b;
	long pairs = 5;
	int o;

	while ((o = getopt(argc, argv, "+n:p:b:o:q")) != -1) {
		switch (o) {
		case 'n':
			pairs = number(optarg);
			break;
		case 'p':
			prepare = optarg;
			break;
		case 'b':
			beside = optarg;
			break;
		case 'o':
			out = optarg;
			break;
		case 'q':
			quiet = 1;
			break;
		default:
			return 2;
		}
	}
	of_a = argv + optind;
	of_b = split(of_a);
	if (!*of_a || !of_b || !*of_b || pairs < 1 || pairs > PAIRS_MAX)
		die("usage: paired [-n PAIRS] [-p COMMAND] [-b COMMAND] [-o FILE] [-q] -- A... :: "
		    "B...");
	up = getenv("BENCH_UP");
	if (beside && !up)
		die("-b needs BENCH_UP in the environment");
	if (out)
		setenv("BENCH_OUT", out, 1);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (long i = -1; i < pairs; i++) {
		long at = i < 0 ? 0 : i; /* run -1 warms caches and is overwritten */
		pid_t pid;

		a[at] = once(of_a);
		pid = beside ? beside_start() : 0;
		b[at] = once(of_b);
		if (beside)
			beside_end(pid);
	}
	for (int metric = 0; metric < METRICS; metric++)
		print(metric, a, b, pairs);
	return 0;
}
