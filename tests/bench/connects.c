/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * connects PORT COUNT - connect to 127.0.0.1:PORT COUNT times, one after the other; the figure is
 * ns of CPU for a socket, its connect and its close. Closed by reset, so that no TIME_WAIT uses up
 * the ports.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	uint64_t start;
	long count;

	if (argc != 3)
		die("usage: connects PORT COUNT");
	to.sin_port = htons((uint16_t)number(argv[1]));
	count = number(argv[2]);
	start = cpu_ns();
	for (long i = 0; i < count; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) < 0)
			die("socket");
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
			die("connect %ld of %ld", i + 1, count);
		close(fd);
	}
	result((double)(cpu_ns() - start) / (double)(count ? count : 1));
	return 0;
}
