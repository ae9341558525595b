/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * race HOW FILE PORT - read a secret and send it to 127.0.0.1:PORT as fast as can be; the sink
 * counts what arrives.
 *
 * The connection is made before the secret is touched (a hello is sent and its echo awaited), so
 * that only the read and the send are left to be stopped.
 *
 * HOW: plain     open, read, send
 *      sendfile  open, sendfile: the bytes never enter this process
 *      thread    a second thread reads, in a loop, the descriptor number that open will return, and
 *                sends what it gets before open returns in the first: faster than any signal that
 *                is sent when the open ends
 *      fork      the same by a child that shares the descriptor table (CLONE_FILES) and is another
 *                thread group
 *
 * Status 0 when the secret was sent, as far as this process knows; 3 when the channel was closed.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "race.h"

#define SECRET_MAX 4096

static int channel, expected;
static volatile int spinning;

static int reach(unsigned port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char hello = RACE_HELLO;
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (write(fd, &hello, 1) != 1 || read(fd, &hello, 1) != 1)
		return -1;
	return fd;
}

/* Try to read the descriptor until it exists. */
static void *spin(void *unused)
{
	char secret[SECRET_MAX];
	ssize_t n;

	(void)unused;
	spinning = 1;
	for (;;) {
		n = pread(expected, secret, sizeof(secret), 0);
		if (n > 0)
			break;
	}
	n = send(channel, secret, (size_t)n, MSG_NOSIGNAL);
	return n > 0 ? &channel : NULL;
}

static int spin_child(void *unused)
{
	return spin(unused) ? 0 : 1;
}

/* The lowest free descriptor: what the next open returns. */
static int next_descriptor(void)
{
	int fd = dup(0);

	if (fd < 0)
		die("dup");
	close(fd);
	return fd;
}

int main(int argc, char **argv)
{
	char secret[SECRET_MAX];
	ssize_t n = -1;
	int fd;

	if (argc != 4)
		die("usage: race plain|sendfile|thread|fork FILE PORT");
	channel = reach((unsigned)number(argv[3]));
	if (channel < 0)
		return 3;
	expected = next_descriptor();
	if (strcmp(argv[1], "thread") == 0) {
		pthread_t t;
		void *sent = NULL;

		errno = pthread_create(&t, NULL, spin, NULL);
		if (errno)
			die("pthread_create");
		while (!spinning)
			;
		fd = open(argv[2], O_RDONLY);
		if (fd >= 0)
			pthread_join(t, &sent);
		return sent ? 0 : 1;
	}
	if (strcmp(argv[1], "fork") == 0) {
		static char stack[65536] __attribute__((aligned(16)));
		int status = 1;
		pid_t pid = clone(spin_child, stack + sizeof(stack),
				  CLONE_FILES | CLONE_VM | SIGCHLD, NULL);

		if (pid < 0)
			die("clone");
		while (!spinning)
			;
		fd = open(argv[2], O_RDONLY);
		if (fd < 0)
			kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return status == 0 ? 0 : 1;
	}
	fd = open(argv[2], O_RDONLY);
	if (fd < 0)
		return 1;
	if (strcmp(argv[1], "sendfile") == 0) {
		n = sendfile(channel, fd, NULL, SECRET_MAX);
	} else {
		n = read(fd, secret, sizeof(secret));
		if (n > 0)
			n = send(channel, secret, (size_t)n, MSG_NOSIGNAL);
	}
	return n > 0 ? 0 : 1;
}
