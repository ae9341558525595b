/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flood - fills a sensor's tables, then runs a command that the sensor should see:
 * `flood WHAT COUNT COMMAND...`.
 *
 * WHAT: destinations  a datagram to each of COUNT addresses and ports on loopback
 *       processes     COUNT processes, one after the other, that end at once
 *       threads       the same with threads
 *       execs         COUNT processes that exec true(1)
 *       reads         COUNT opens of COMMAND's last word, for reading
 * `flood list` prints the kinds.
 */
#define _GNU_SOURCE
#include "truth.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

static void destinations(long count, char **command)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)command;
	if (fd < 0)
		refused("socket", errno);
	for (long i = 0; i < count; i++) {
		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(i >> 15 << 8));
		a.sin_port = htons((uint16_t)(32768 + (i & 32767)));
		sendto(fd, "", 0, 0, (struct sockaddr *)&a, sizeof(a)); /* nobody listens */
	}
	close(fd);
}

static int end(void *unused)
{
	(void)unused;
	_exit(0);
}

static void processes(long count, char **command)
{
	static char stack[65536] __attribute__((aligned(16)));
	pid_t pid;

	(void)command;
	for (long i = 0; i < count; i++) {
		pid = clone(end, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
		if (pid < 0)
			refused("clone", errno);
		waitpid(pid, NULL, 0);
	}
}

static void *nothing(void *unused)
{
	return unused;
}

static void threads(long count, char **command)
{
	pthread_t t;

	(void)command;
	for (long i = 0; i < count; i++) {
		if (pthread_create(&t, NULL, nothing, NULL))
			refused("pthread_create", EAGAIN);
		pthread_join(t, NULL);
	}
}

static void execs(long count, char **command)
{
	char *const argv[] = { "true", NULL };
	pid_t pid;
	int error;

	(void)command;
	for (long i = 0; i < count; i++) {
		error = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ);
		if (error)
			refused("posix_spawn", error);
		waitpid(pid, NULL, 0);
	}
}

static void reads(long count, char **command)
{
	const char *file = *command;

	while (*++command)
		file = *command;
	for (long i = 0; i < count; i++)
		close(open(file, O_RDONLY));
}

static const struct {
	const char *name;
	void (*run)(long count, char **command);
} kinds[] = {
	{ "destinations", destinations },
	{ "processes", processes },
	{ "threads", threads },
	{ "execs", execs },
	{ "reads", reads },
};

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			puts(kinds[i].name);
		return 0;
	}
	if (argc < 4)
		usage("flood WHAT COUNT COMMAND...");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(argv[1], kinds[i].name))
			continue;
		kinds[i].run(atol(argv[2]), argv + 3);
		execvp(argv[3], argv + 3);
		refused("exec", errno);
	}
	usage("flood WHAT COUNT COMMAND...; see: flood list");
}
