// SPDX-License-Identifier: GPL-2.0-only
/* sink.c - see sink.h. */
#include "sink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

#define LISTENERS   6 /* 3 addresses, TCP and UDP */
#define CONNECTIONS 256

struct sink {
	struct pollfd fds[1 + LISTENERS + CONNECTIONS]; /* [0]: wakes the thread */
	int wake;
	unsigned port;
	pthread_t thread;
	pthread_mutex_t lock;
	uint64_t bytes, events;
	unsigned connections;
	bool end;
};

static socklen_t address(struct sockaddr_storage *a, size_t which, unsigned port)
{
	static const char *const four[] = { "127.0.0.1", "127.0.0.99" };
	struct sockaddr_in *v4 = (void *)a;
	struct sockaddr_in6 *v6 = (void *)a;

	memset(a, 0, sizeof(*a));
	if (which < ARRAY_SIZE(four)) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		inet_pton(AF_INET, four[which], &v4->sin_addr);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	v6->sin6_addr = in6addr_loopback;
	return sizeof(*v6);
}

/* All sockets on one port, which the first one chooses if `port` is 0. Returns 0 if it is in use.
 */
static unsigned bind_all(struct sink *s, unsigned port)
{
	for (size_t i = 0; i < LISTENERS; i++) {
		int type = i % 2 ? SOCK_DGRAM : SOCK_STREAM, on = 1;
		struct sockaddr_storage a;
		socklen_t size = address(&a, i / 2, port);
		int fd = socket(a.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		s->fds[1 + i] = (struct pollfd){ .fd = fd, .events = POLLIN };
		if (fd < 0)
			return 0;
		if (type == SOCK_STREAM) {
			setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
			setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &on, sizeof(on));
		}
		if (a.ss_family == AF_INET6)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		if (bind(fd, (void *)&a, size) || (type == SOCK_STREAM && listen(fd, 128)))
			return 0;
		if (!port) {
			size = sizeof(a);
			getsockname(fd, (void *)&a, &size);
			port = ntohs(((struct sockaddr_in *)&a)->sin_port);
		}
	}
	return port;
}

static void close_all(struct sink *s)
{
	for (size_t i = 1; i < ARRAY_SIZE(s->fds); i++) {
		if (s->fds[i].fd >= 0)
			close(s->fds[i].fd);
		s->fds[i].fd = -1;
	}
}

static void add(struct sink *s, int fd)
{
	for (size_t i = 1 + LISTENERS; i < ARRAY_SIZE(s->fds); i++)
		if (s->fds[i].fd < 0) {
			s->fds[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
			s->connections++;
			return;
		}
	close(fd);
}

static void serve(struct sink *s, size_t i)
{
	static char data[1 << 16];
	ssize_t n;

	if (i <= LISTENERS && i % 2) {
		int fd = accept4(s->fds[i].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0)
			add(s, fd);
		return;
	}
	n = recv(s->fds[i].fd, data, sizeof(data), MSG_DONTWAIT);
	if (n > 0) {
		s->bytes += n;
	} else if (i > LISTENERS && (n == 0 || errno != EAGAIN)) {
		close(s->fds[i].fd);
		s->fds[i].fd = -1;
	}
}

static void *work(void *arg)
{
	struct sink *s = arg;
	bool end = false;

	while (!end) {
		char c[64];

		if (poll(s->fds, ARRAY_SIZE(s->fds), -1) < 0)
			continue;
		pthread_mutex_lock(&s->lock);
		if (s->fds[0].revents)
			(void)!read(s->fds[0].fd, c, sizeof(c));
		for (size_t i = 1; i < ARRAY_SIZE(s->fds); i++)
			if (s->fds[i].fd >= 0 && s->fds[i].revents) {
				s->events++;
				serve(s, i);
			}
		end = s->end;
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

static void wake(struct sink *s)
{
	(void)!write(s->wake, "x", 1);
}

struct sink *sink_open(void)
{
	struct sink *s = calloc(1, sizeof(*s));
	int ends[2];

	if (!s || pipe2(ends, O_CLOEXEC)) {
		free(s);
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(s->fds); i++)
		s->fds[i].fd = -1;
	s->fds[0] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	s->wake = ends[1];
	pthread_mutex_init(&s->lock, NULL);
	for (int tries = 0; !s->port && tries < 32; tries++) {
		s->port = bind_all(s, 0);
		if (!s->port)
			close_all(s);
	}
	if (s->port && !pthread_create(&s->thread, NULL, work, s))
		return s;
	close_all(s);
	close(ends[0]);
	close(ends[1]);
	free(s);
	printf("no port for the sink\n");
	return NULL;
}

void sink_close(struct sink *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->end = true;
	pthread_mutex_unlock(&s->lock);
	wake(s);
	pthread_join(s->thread, NULL);
	close_all(s);
	close(s->fds[0].fd);
	close(s->wake);
	free(s);
}

unsigned sink_port(const struct sink *s)
{
	return s->port;
}

static uint64_t look(struct sink *s, uint64_t *ret_events)
{
	uint64_t bytes;

	pthread_mutex_lock(&s->lock);
	bytes = s->bytes;
	*ret_events = s->events;
	pthread_mutex_unlock(&s->lock);
	return bytes;
}

uint64_t sink_bytes(struct sink *s)
{
	uint64_t before, now, bytes;

	look(s, &now);
	do {
		before = now;
		usleep(30000);
		bytes = look(s, &now);
	} while (now != before);
	return bytes;
}

unsigned sink_connections(struct sink *s)
{
	unsigned n;

	pthread_mutex_lock(&s->lock);
	n = s->connections;
	pthread_mutex_unlock(&s->lock);
	return n;
}

void sink_reset(struct sink *s)
{
	sink_bytes(s);
	pthread_mutex_lock(&s->lock);
	s->bytes = 0;
	s->connections = 0;
	for (size_t i = 1 + LISTENERS; i < ARRAY_SIZE(s->fds); i++) {
		if (s->fds[i].fd >= 0)
			close(s->fds[i].fd);
		s->fds[i].fd = -1;
	}
	pthread_mutex_unlock(&s->lock);
	wake(s);
}

static int dial(unsigned port, int flags)
{
	struct sockaddr_storage a;
	socklen_t size = address(&a, 0, port);
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0);

	if (fd >= 0 && connect(fd, (void *)&a, size)) {
		close(fd);
		return -1;
	}
	return fd;
}

int sink_dial(struct sink *s)
{
	return dial(s->port, 0);
}

bool sink_fetch(struct sink *s, unsigned port)
{
	int fd = -1;

	for (int tries = 0; fd < 0 && tries < 200; tries++) {
		fd = dial(port, SOCK_CLOEXEC);
		if (fd < 0)
			usleep(10000);
	}
	if (fd < 0)
		return false;
	pthread_mutex_lock(&s->lock);
	add(s, fd);
	pthread_mutex_unlock(&s->lock);
	wake(s);
	return true;
}
