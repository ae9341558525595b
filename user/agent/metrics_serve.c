// SPDX-License-Identifier: GPL-2.0-only
/* metrics_serve.c - a few connections at a time, each with one request and a few seconds. */
#define _GNU_SOURCE /* close_range */
#include "agent/metrics_serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/board.h"
#include "base/listen.h"
#include "agent/metrics.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "session/run_as.h"

#define CONNECTIONS 32
#define PATIENCE_MS 5000 /* for a request and its answer */
#define NOBODY	    65534

union address {
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* ---- where ---- */

/* The length of the address, 0: it is none. */
static socklen_t address_of(union address *ret, const char *where)
{
	char host[64], end;
	unsigned port;

	memset(ret, 0, sizeof(*ret));
	if (where[0] == '/') {
		ret->un.sun_family = AF_UNIX;
		if (strlen(where) >= sizeof(ret->un.sun_path))
			return 0;
		strcpy(ret->un.sun_path, where);
		return sizeof(ret->un);
	}
	if (sscanf(where, "[%63[0-9a-f:]]:%u%c", host, &port, &end) == 2) {
		ret->in6.sin6_family = AF_INET6;
		ret->in6.sin6_port = htons((uint16_t)port);
		if (inet_pton(AF_INET6, host, &ret->in6.sin6_addr) == 1 && port && port < 65536 &&
		    IN6_IS_ADDR_LOOPBACK(&ret->in6.sin6_addr))
			return sizeof(ret->in6);
	} else if (sscanf(where, "%63[0-9.]:%u%c", host, &port, &end) == 2) {
		ret->in.sin_family = AF_INET;
		ret->in.sin_port = htons((uint16_t)port);
		if (inet_pton(AF_INET, host, &ret->in.sin_addr) == 1 && port && port < 65536 &&
		    ntohl(ret->in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET)
			return sizeof(ret->in);
	}
	return 0;
}

bool metrics_address_good(const char *where)
{
	union address at;

	return address_of(&at, where) != 0;
}

int metrics_listen(int *ret, const char *where, struct error *e)
{
	union address at;
	socklen_t len = address_of(&at, where);
	_close_ int fd = -1;
	int one = 1;

	if (!len)
		return error_set(e, -EINVAL, "%s is no address for metrics", where);
	if (at.any.sa_family == AF_UNIX)
		return listen_at(ret, where, SOCK_STREAM, 0666, NULL, e);
	fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, &at.any, len) < 0 || listen(fd, CONNECTIONS) < 0)
		return error_set(e, -errno, "metrics at %s: %s", where, strerror(errno));
	*ret = TAKE_FD(fd);
	return 0;
}

/* ---- one request ---- */

static bool ends_there(const char *bytes, size_t len)
{
	return memmem(bytes, len, "\r\n\r\n", 4) || memmem(bytes, len, "\n\n", 2);
}

int metrics_request(const char *bytes, size_t len)
{
	static const char get[] = "GET ", path[] = "/metrics";
	size_t n = len < sizeof(get) - 1 ? len : sizeof(get) - 1;

	if (memcmp(bytes, get, n) != 0)
		return 405;
	if (!ends_there(bytes, len))
		return len < METRICS_REQUEST_MAX ? 0 : 431;
	bytes += sizeof(get) - 1;
	len -= sizeof(get) - 1;
	if (len <= sizeof(path) || memcmp(bytes, path, sizeof(path) - 1) != 0 ||
	    !strchr(" ?\r\n", bytes[sizeof(path) - 1]))
		return 404;
	return 200;
}

struct connection {
	int fd; /* -1: none */
	int64_t until;
	size_t in;
	struct buf out; /* the answer, once the request is there */
	size_t sent;
	char request[METRICS_REQUEST_MAX];
};

static void drop(struct connection *c)
{
	close(TAKE_FD(c->fd));
	buf_free(&c->out);
}

static bool hook_stats(void)
{
	_fclose_ FILE *f = fopen("/proc/sys/kernel/bpf_stats_enabled", "re");
	int on = 0;

	return f && fscanf(f, "%d", &on) == 1 && on;
}

static void answer(struct connection *c, int status, const struct board *b)
{
	_buf_ struct buf body = BUF_INIT;
	const char *reason = status == 200 ? "OK" : status == 404 ? "Not Found" : "Bad Request";

	if (status == 200)
		metrics_text(&body, b, hook_stats());
	else
		buf_adds(&body, "metrics are at /metrics, by GET\n");
	buf_addf(&c->out,
		 "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		 "Connection: close\r\n\r\n",
		 status, reason, status == 200 ? METRICS_TYPE : "text/plain", body.len);
	buf_add(&c->out, body.at, body.len);
	if (body.failed || c->out.failed)
		drop(c);
}

static void receive(struct connection *c, const struct board *b)
{
	ssize_t n = recv(c->fd, c->request + c->in, sizeof(c->request) - c->in, MSG_DONTWAIT);
	int status;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->in += (size_t)n;
	status = metrics_request(c->request, c->in);
	if (status)
		answer(c, status, b);
}

static void transmit(struct connection *c)
{
	ssize_t n =
		send(c->fd, c->out.at + c->sent, c->out.len - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		c->sent += (size_t)n;
	if (n <= 0 || c->sent == c->out.len)
		drop(c);
}

/* ---- the process ---- */

/* Where all are taken, the one that has had the longest time has had enough. */
static struct connection *place_for_one(struct connection *c)
{
	struct connection *oldest = c;

	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (c[i].fd < 0)
			return &c[i];
		if (c[i].until < oldest->until)
			oldest = &c[i];
	}
	drop(oldest);
	return oldest;
}

static void take_client(struct connection *all, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct connection *c;

	if (fd < 0)
		return;
	c = place_for_one(all);
	c->fd = fd;
	c->until = clock_ms() + PATIENCE_MS;
	c->in = c->sent = 0;
	c->out = (struct buf)BUF_INIT;
}

/* The user of delivery, who may do nothing else either; or nobody. */
static int become_nobody(void)
{
	const struct passwd *user = getpwnam("wormsign") ?: getpwuid(NOBODY);
	struct run_as as = { .drop = true,
			     .uid = user ? user->pw_uid : NOBODY,
			     .gid = user ? user->pw_gid : NOBODY };

	if (as.uid == 0)
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : run_as_become(&as);
}

/* Two descriptors are kept, as 0 and 1. */
static void keep(int *listener, int *board)
{
	int a = fcntl(*listener, F_DUPFD, 10), b = fcntl(*board, F_DUPFD, 10);

	if (a < 0 || b < 0 || dup2(a, 0) < 0 || dup2(b, 1) < 0)
		_exit(1);
	close_range(2, ~0U, 0);
	*listener = 0;
	*board = 1;
}

void metrics_serve(int listener, int board)
{
	static struct connection all[CONNECTIONS];
	struct pollfd p[CONNECTIONS + 1];
	struct board *b;
	pid_t parent = getppid();
	sigset_t none;

	prctl(PR_SET_NAME, "wormsign-metric");
	setsid();
	keep(&listener, &board);
	if (board_attach(&b, board, false) < 0 || become_nobody() < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; i < CONNECTIONS; i++)
		all[i].fd = -1;
	for (;;) {
		int64_t now = clock_ms(), wait = -1;

		for (size_t i = 0; i < CONNECTIONS; i++) {
			if (all[i].fd >= 0 && all[i].until <= now)
				drop(&all[i]);
			if (all[i].fd >= 0 && (wait < 0 || all[i].until - now < wait))
				wait = all[i].until - now;
			p[i] = (struct pollfd){ .fd = all[i].fd,
						.events = all[i].out.len ? POLLOUT : POLLIN };
		}
		p[CONNECTIONS] = (struct pollfd){ .fd = listener, .events = POLLIN };
		if (poll(p, CONNECTIONS + 1, (int)wait) < 0) {
			if (errno != EINTR)
				_exit(1);
			continue;
		}
		for (size_t i = 0; i < CONNECTIONS; i++) {
			if (p[i].revents && all[i].out.len)
				transmit(&all[i]);
			else if (p[i].revents)
				receive(&all[i], b);
		}
		if (p[CONNECTIONS].revents)
			take_client(all, listener);
	}
}
