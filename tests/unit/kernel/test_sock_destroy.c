// SPDX-License-Identifier: GPL-2.0-only
/* test_sock_destroy.c - the socket with that cookie is destroyed, and no other; in a network
 * namespace of its own. */
#include "kernel/sock_destroy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

struct pair {
	int client, server;
	uint64_t cookie; /* the client's */
	struct ws_dropped d;
};

/* As the kernel side notes it: addresses and ports in network order, from the client's view. */
static void describe(struct pair *p, int family)
{
	struct sockaddr_storage from, to;
	socklen_t size = sizeof(p->cookie), from_size = sizeof(from), to_size = sizeof(to);

	p->d = (struct ws_dropped){ .family = family };
	assert_int_equal(getsockopt(p->client, SOL_SOCKET, SO_COOKIE, &p->cookie, &size), 0);
	assert_int_equal(getsockname(p->client, (void *)&from, &from_size), 0);
	assert_int_equal(getpeername(p->client, (void *)&to, &to_size), 0);
	if (family == AF_INET) {
		const struct sockaddr_in *f = (void *)&from, *t = (void *)&to;

		p->d.from_port = f->sin_port;
		p->d.to_port = t->sin_port;
		memcpy(p->d.from, &f->sin_addr, 4);
		memcpy(p->d.to, &t->sin_addr, 4);
	} else {
		const struct sockaddr_in6 *f = (void *)&from, *t = (void *)&to;

		p->d.from_port = f->sin6_port;
		p->d.to_port = t->sin6_port;
		memcpy(p->d.from, &f->sin6_addr, 16);
		memcpy(p->d.to, &t->sin6_addr, 16);
	}
}

static int listen_on_loopback(int family, struct sockaddr_storage *ret, socklen_t *ret_size)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(ret, 0, sizeof(*ret));
	ret->ss_family = family;
	*ret_size = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	if (family == AF_INET)
		((struct sockaddr_in *)ret)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)ret)->sin6_addr = in6addr_loopback;
	if (fd < 0 || bind(fd, (void *)ret, *ret_size) < 0 || listen(fd, 4) < 0 ||
	    getsockname(fd, (void *)ret, ret_size) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static void connect_to(struct pair *p, int listener, int family, const struct sockaddr_storage *to,
		       socklen_t size)
{
	p->client = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(p->client >= 0);
	assert_true(connect(p->client, (const void *)to, size) == 0 || errno == EINPROGRESS);
	p->server = accept(listener, NULL, NULL);
	assert_true(p->server >= 0);
	describe(p, family);
}

/* Whether the client's socket is still connected. */
static bool lives(const struct pair *p)
{
	char c;
	ssize_t n = recv(p->client, &c, 1, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return true;
	assert_int_equal(n, -1);
	assert_int_equal(errno, ECONNABORTED);
	return false;
}

static void destroys_that_one(int family)
{
	struct sockaddr_storage to;
	struct pair one, other;
	struct ws_dropped wrong;
	socklen_t size;
	_close_ int listener = listen_on_loopback(family, &to, &size);
	int err;

	if (listener < 0) {
		print_message("skip: no loopback of family %d\n", family);
		return;
	}
	connect_to(&one, listener, family, &to, size);
	connect_to(&other, listener, family, &to, size);
	/* another socket's cookie, and another's addresses: there is no such socket */
	err = sock_destroy(other.cookie, &one.d);
	if (err == -EOPNOTSUPP || err == -ENOENT || err == -EPERM) {
		print_message("skip: SOCK_DESTROY: %s\n", strerror(-err));
		goto out;
	}
	assert_int_equal(err, 0);
	wrong = one.d;
	wrong.from_port = ~wrong.from_port;
	assert_int_equal(sock_destroy(one.cookie, &wrong), 0);
	assert_true(lives(&one) && lives(&other));

	assert_int_equal(sock_destroy(one.cookie, &one.d), 0);
	assert_true(!lives(&one) && lives(&other));
	assert_int_equal(sock_destroy(one.cookie, &one.d), 0); /* it is gone already */
	assert_true(lives(&other));
out:
	close(one.client);
	close(one.server);
	close(other.client);
	close(other.server);
}

/* Without the right to, it says so, and the socket lives. */
static void without_capability(void **state)
{
	struct sockaddr_storage to;
	struct pair one;
	socklen_t size;
	_close_ int listener = listen_on_loopback(AF_INET, &to, &size);
	int status;
	pid_t pid;

	(void)state;
	assert_true(listener >= 0);
	connect_to(&one, listener, AF_INET, &to, size);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
		struct __user_cap_data_struct none[2] = { 0 };

		if (syscall(SYS_capset, &head, none) < 0)
			_exit(2);
		_exit(sock_destroy(one.cookie, &one.d) == -EPERM ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(lives(&one));
	close(one.client);
	close(one.server);
}

static void ipv4(void **state)
{
	(void)state;
	destroys_that_one(AF_INET);
}

static void ipv6(void **state)
{
	(void)state;
	destroys_that_one(AF_INET6);
}

static int own_network(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	_close_ int fd = -1;

	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &lo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4),
		cmocka_unit_test(ipv6),
		cmocka_unit_test(without_capability),
	};

	if (own_network() < 0) {
		printf("SKIP: no network namespace of our own: %s\n", strerror(errno));
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
