/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink FILE - listen on loopback TCP and count what arrives, until SIGTERM.
 *
 * FILE holds one line, renamed into place: "port P", and after SIGTERM "port P connections N hellos
 * N bytes N leaks N". A sender's first byte, when it is HELLO, is a hello and not among the bytes:
 * it tells that the channel was open. Leaks are the connections that brought more than that.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "race.h"

#define FDS_MOST 65536

static unsigned long connections, hellos, bytes, leaks;
static char leaked[FDS_MOST]; /* by descriptor */

static void tell(const char *path, unsigned port, int done)
{
	char temp[4096];
	FILE *f;

	snprintf(temp, sizeof(temp), "%s.new", path);
	f = fopen(temp, "w");
	if (!f)
		die("%s", temp);
	fprintf(f, "port %u", port);
	if (done)
		fprintf(f, " connections %lu hellos %lu bytes %lu leaks %lu", connections, hellos,
			bytes, leaks);
	fputc('\n', f);
	if (fclose(f) != 0 || rename(temp, path) < 0)
		die("%s", path);
}

/* Everything a peer has sent so far; closes at its end. The first byte of a connection is looked at
 * once: a peer says hello and waits for the answer before it sends more. */
static void drain(int fd, int epoll)
{
	char buf[65536];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		if (n == 1 && buf[0] == RACE_HELLO) {
			hellos++;
			if (write(fd, buf, 1) != 1)
				break;
			continue;
		}
		bytes += (unsigned long)n;
		leaks += !leaked[fd];
		leaked[fd] = 1;
	}
	if (n < 0 && errno == EAGAIN)
		return;
	epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
	close(fd);
}

static void welcome(int listener, int epoll)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

		if (fd >= FDS_MOST)
			die("too many connections at once");
		connections++;
		leaked[fd] = 0;
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0)
			die("epoll_ctl");
		drain(fd, epoll);
	}
	if (errno != EAGAIN && errno != ECONNABORTED)
		die("accept");
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	struct epoll_event e = { .events = EPOLLIN };
	int listener, signals, epoll;
	sigset_t set;

	if (argc != 2)
		die("usage: sink FILE");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (signals < 0 || listener < 0 || epoll < 0)
		die("sink");
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(listener, 4096) < 0 ||
	    getsockname(listener, (struct sockaddr *)&at, &len) < 0)
		die("listen");
	e.data.fd = listener;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e) < 0)
		die("epoll_ctl");
	e.data.fd = signals;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, signals, &e) < 0)
		die("epoll_ctl");
	tell(argv[1], ntohs(at.sin_port), 0);
	for (;;) {
		struct epoll_event ready[64];
		int n = epoll_wait(epoll, ready, 64, -1);

		for (int i = 0; i < n; i++) {
			/* SIGTERM: read first what has arrived by now */
			if (ready[i].data.fd == signals) {
				if (n > 1)
					continue;
				tell(argv[1], ntohs(at.sin_port), 1);
				return 0;
			}
			if (ready[i].data.fd == listener)
				welcome(listener, epoll);
			else
				drain(ready[i].data.fd, epoll);
		}
	}
}
