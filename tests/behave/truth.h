/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * truth.h - what every truth binary shares: its one result line, its address guard, its scratch
 * names.
 *
 * A truth binary really tries one operation, and prints one line on stdout:
 *   exit 0   "EFFECT ..."       the attack succeeded: bytes were read, sent or destroyed, or a
 *                               process survived
 *   exit 1   "REFUSED ..."      the kernel refused; the errno is in the line
 *   exit 2                      wrong usage
 *   exit 77  "UNSUPPORTED ..."  this kernel or machine lacks this way: the test proves nothing
 *   killed before it can print: the caller sees the signal
 */
#ifndef TRUTH_H
#define TRUTH_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define TRUTH_EFFECT	  0
#define TRUTH_REFUSED	  1
#define TRUTH_USAGE	  2
#define TRUTH_UNSUPPORTED 77

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

__attribute__((unused, noreturn, format(printf, 1, 2))) static void effect(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("EFFECT ", stdout);
	vprintf(format, ap);
	putchar('\n');
	exit(TRUTH_EFFECT);
}

/* `error` is a positive or negative errno. ENOSYS means that there is nothing to refuse. */
__attribute__((unused, noreturn)) static void refused(const char *what, int error)
{
	error = error < 0 ? -error : error;
	if (error == ENOSYS) {
		printf("UNSUPPORTED %s\n", what);
		exit(TRUTH_UNSUPPORTED);
	}
	printf("REFUSED %s: %s (%d)\n", what, strerrorname_np(error) ?: "?", error);
	exit(TRUTH_REFUSED);
}

__attribute__((unused, noreturn)) static void unsupported(const char *what)
{
	printf("UNSUPPORTED %s\n", what);
	exit(TRUTH_UNSUPPORTED);
}

__attribute__((unused, noreturn)) static void usage(const char *text)
{
	fprintf(stderr, "usage: %s\n", text);
	exit(TRUTH_USAGE);
}

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/*
 * These programs attack, so they must not be able to reach any other machine. Loopback, and the
 * link-local metadata addresses, which a test gives to its own namespace's loopback device.
 */
__attribute__((unused)) static bool address_allowed(const union address *a)
{
	static const struct in6_addr loopback6 = IN6ADDR_LOOPBACK_INIT;
	uint32_t v4;

	if (a->any.sa_family == AF_INET) {
		v4 = ntohl(a->v4.sin_addr.s_addr);
	} else if (IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr)) {
		memcpy(&v4, &a->v6.sin6_addr.s6_addr[12], 4);
		v4 = ntohl(v4);
	} else {
		return !memcmp(&a->v6.sin6_addr, &loopback6, sizeof(loopback6)) ||
		       (getenv("LAB_INSIDE") && a->v6.sin6_addr.s6_addr[0] == 0xfd);
	}
	return v4 >> 24 == 127 || (getenv("LAB_INSIDE") && v4 >> 16 == 0xa9fe);
}

/* "127.0.0.1:80" or "[::1]:80"; ends the program on anything else. Returns the length of the
 * address. */
__attribute__((unused)) static socklen_t parse_address(const char *text, union address *ret)
{
	char host[64];
	const char *colon = strrchr(text, ':');
	size_t length;

	if (!colon || (size_t)(colon - text) >= sizeof(host))
		usage("ADDRESS:PORT");
	length = colon - text;
	memset(ret, 0, sizeof(*ret));
	if (text[0] == '[') {
		memcpy(host, text + 1, length - 2);
		host[length - 2] = '\0';
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons(atoi(colon + 1));
		if (inet_pton(AF_INET6, host, &ret->v6.sin6_addr) != 1)
			usage("[ADDRESS]:PORT");
	} else {
		memcpy(host, text, length);
		host[length] = '\0';
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(atoi(colon + 1));
		if (inet_pton(AF_INET, host, &ret->v4.sin_addr) != 1)
			usage("ADDRESS:PORT");
	}
	if (!address_allowed(ret)) {
		fprintf(stderr, "not an address of this machine: %s\n", text);
		exit(TRUTH_USAGE);
	}
	return ret->any.sa_family == AF_INET ? sizeof(ret->v4) : sizeof(ret->v6);
}

/* Opens a TCP connection; negative errno. */
__attribute__((unused)) static int dial(const char *to)
{
	union address a;
	socklen_t length = parse_address(to, &a);
	int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, &a.any, length) < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

/* Sends `size` bytes over a new TCP connection. Returns the number sent, or a negative errno. */
__attribute__((unused)) static ssize_t deliver(const char *to, const void *data, size_t size)
{
	int fd = dial(to);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = send(fd, data, size, MSG_NOSIGNAL);
	if (n < 0)
		n = -errno;
	close(fd);
	return n;
}

/* Ends the program after `n` bytes were read (or -errno), delivering them when `to` is given. */
__attribute__((unused, noreturn)) static void conclude(const char *how, const char *to,
						       const void *data, ssize_t n)
{
	ssize_t sent;

	if (n < 0)
		refused(how, n);
	if (n == 0)
		refused(how, ENODATA);
	if (!to)
		effect("%s: %zd bytes read", how, n);
	sent = deliver(to, data, n);
	if (sent < 0) {
		printf("REFUSED send after %s: %s (%zd)\n", how, strerrorname_np(-sent) ?: "?",
		       -sent);
		exit(TRUTH_REFUSED);
	}
	effect("%s: %zd bytes read, %zd sent", how, n, sent);
}

/* A name in the working directory that nobody else uses. */
__attribute__((unused)) static const char *scratch_name(const char *stem)
{
	static char name[4][128];
	static unsigned int turn;
	char *text = name[turn++ % ARRAY_SIZE(name)];

	snprintf(text, sizeof(name[0]), ".truth-%s-%d", stem, getpid());
	return text;
}

#endif
