/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net - sends bytes by one of many ways: `net MODE ADDRESS:PORT [FILE [late]]`, or `net MODE PATH
 * [FILE]` for unix sockets. With `late`, FILE is read when the socket stands, connected where it
 * can be.
 *
 * ADDRESS is loopback, IPv4, IPv6 in brackets, or v4-mapped ([::ffff:127.0.0.1]). Without FILE a
 * fixed text is sent. EFFECT means that the kernel took the bytes; a sink at the other end is the
 * second witness. `net list`: the modes.
 */
#define _GNU_SOURCE
#include "truth.h"
#include "uring.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/un.h>

static char payload[4096] =
	"WORMSIGN-LAB-PAYLOAD 0123456789 these bytes must not arrive anywhere\n";
static size_t payload_size;
static const char *late;
static const char *target;
static union address to;
static socklen_t to_size;

static int result(ssize_t n)
{
	return n < 0 ? -errno : (int)n;
}

static int make(int type, int protocol)
{
	to_size = parse_address(target, &to);
	return socket(to.any.sa_family, type | SOCK_CLOEXEC, protocol);
}

static void load(const char *name)
{
	int fd = open(name, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, payload, sizeof(payload));

	if (n < 0)
		refused("read the payload", errno);
	payload_size = n;
	close(fd);
}

/* The last moment before bytes are sent. */
static int ready(int fd)
{
	if (late && fd >= 0)
		load(late);
	return fd;
}

static int connected(int type)
{
	int fd = make(type, 0);

	if (fd < 0 || connect(fd, &to.any, to_size) < 0)
		return -errno;
	return ready(fd);
}

static int by_tcp(void)
{
	int fd = connected(SOCK_STREAM);

	return fd < 0 ? fd : result(send(fd, payload, payload_size, MSG_NOSIGNAL));
}

/* Only connects: a rule about destinations must refuse this already. */
static int by_connect(void)
{
	int fd = connected(SOCK_STREAM);

	return fd < 0 ? fd : 1;
}

static int by_nonblock(void)
{
	int fd = make(SOCK_STREAM | SOCK_NONBLOCK, 0), n;

	if (fd < 0)
		return -errno;
	if (connect(fd, &to.any, to_size) < 0 && errno != EINPROGRESS)
		return -errno;
	ready(fd);
	for (int i = 0; i < 200; i++) {
		n = result(send(fd, payload, payload_size, MSG_NOSIGNAL));
		if (n != -EAGAIN && n != -ENOTCONN)
			return n;
		usleep(1000);
	}
	return n;
}

static int by_write(void)
{
	int fd = connected(SOCK_STREAM);

	return fd < 0 ? fd : result(write(fd, payload, payload_size));
}

static int by_sendfile(void)
{
	int fd = connected(SOCK_STREAM), memory = memfd_create("", 0);
	off_t start = 0;

	if (fd < 0)
		return fd;
	if (memory < 0 || write(memory, payload, payload_size) < 0)
		return -errno;
	return result(sendfile(fd, memory, &start, payload_size));
}

static int by_splice(void)
{
	int fd = connected(SOCK_STREAM), ends[2];

	if (fd < 0)
		return fd;
	if (pipe(ends) < 0 || write(ends[1], payload, payload_size) < 0)
		return -errno;
	return result(splice(ends[0], NULL, fd, NULL, payload_size, 0));
}

/* TCP fast open: the first data is in the SYN, and there is no connect(2). */
static int by_fastopen(void)
{
	int fd = ready(make(SOCK_STREAM, 0));

	return fd < 0 ? -errno
		      : result(sendto(fd, payload, payload_size, MSG_FASTOPEN | MSG_NOSIGNAL,
				      &to.any, to_size));
}

static int by_fastopen_connect(void)
{
	int fd = make(SOCK_STREAM, 0), on = 1;

	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)) < 0)
		return -errno;
	if (connect(fd, &to.any, to_size) < 0)
		return -errno;
	ready(fd);
	return result(send(fd, payload, payload_size, MSG_NOSIGNAL));
}

static int by_udp(void)
{
	int fd = ready(make(SOCK_DGRAM, 0));

	return fd < 0 ? -errno : result(sendto(fd, payload, payload_size, 0, &to.any, to_size));
}

static int by_udp_connected(void)
{
	int fd = connected(SOCK_DGRAM);

	return fd < 0 ? fd : result(send(fd, payload, payload_size, 0));
}

static int by_udp_write(void)
{
	int fd = connected(SOCK_DGRAM);

	return fd < 0 ? fd : result(write(fd, payload, payload_size));
}

static int by_sendmsg(void)
{
	struct iovec iov = { payload, payload_size };
	int fd = ready(make(SOCK_DGRAM, 0));
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = to_size, .msg_iov = &iov, .msg_iovlen = 1
	};

	return fd < 0 ? -errno : result(sendmsg(fd, &m, 0));
}

static int by_sendmmsg(void)
{
	struct iovec iov = { payload, payload_size };
	int fd = ready(make(SOCK_DGRAM, 0));
	struct mmsghdr m[2] = {
		{ .msg_hdr = { .msg_name = &to,
			       .msg_namelen = to_size,
			       .msg_iov = &iov,
			       .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_name = &to,
			       .msg_namelen = to_size,
			       .msg_iov = &iov,
			       .msg_iovlen = 1 } },
	};

	return fd < 0 ? -errno : result(sendmmsg(fd, m, 2, 0));
}

/* Connected to an allowed place first, then a datagram to another one. */
static int by_udp_redirect(void)
{
	union address other = { 0 };
	int fd = ready(make(SOCK_DGRAM, 0));

	if (fd < 0)
		return -errno;
	other.any.sa_family = AF_UNSPEC;
	if (connect(fd, &to.any, to_size) < 0 || connect(fd, &other.any, sizeof(other.any)) < 0)
		return -errno;
	return result(sendto(fd, payload, payload_size, 0, &to.any, to_size));
}

static int by_uring(void)
{
	struct io_uring_sqe *s;
	struct ring r;
	int fd = make(SOCK_STREAM, 0), n;

	if (fd < 0)
		return -errno;
	n = ring_open(&r, 0);
	if (n < 0)
		return n;
	s = ring_next(&r, IORING_OP_CONNECT, fd, &to, 0);
	s->off = to_size;
	n = ring_one(&r);
	if (n < 0)
		return n;
	ready(fd);
	ring_next(&r, IORING_OP_SEND, fd, payload, payload_size);
	return ring_one(&r);
}

static int by_uring_udp(void)
{
	struct iovec iov = { payload, payload_size };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct ring r;
	int fd = ready(make(SOCK_DGRAM, 0)), n;

	if (fd < 0)
		return -errno;
	n = ring_open(&r, 0);
	if (n < 0)
		return n;
	m.msg_name = &to;
	m.msg_namelen = to_size;
	ring_next(&r, IORING_OP_SENDMSG, fd, &m, 1);
	return ring_one(&r);
}

static int by_icmp_socket(int type)
{
	struct {
		struct icmphdr head;
		char data[64];
	} p = { .head.type = ICMP_ECHO };
	int fd = ready(make(type, IPPROTO_ICMP));

	if (fd < 0 && errno == EACCES)
		unsupported("ping: net.ipv4.ping_group_range does not name this group");
	if (fd < 0)
		return -errno;
	memcpy(p.data, payload, sizeof(p.data));
	return result(sendto(fd, &p, sizeof(p), 0, &to.any, to_size));
}
/* What an IPv4 socket takes for an IPv4 address, whatever its family says. */
static int by_udp_unspec(void)
{
	int fd = ready(make(SOCK_DGRAM, 0));

	if (fd < 0)
		return -errno;
	if (to.any.sa_family != AF_INET)
		unsupported("only of IPv4");
	to.any.sa_family = AF_UNSPEC;
	return result(sendto(fd, payload, payload_size, 0, &to.any, to_size));
}

static int by_mptcp(void)
{
	int fd = make(SOCK_STREAM, IPPROTO_MPTCP);

	if (fd < 0)
		return errno == EPROTONOSUPPORT || errno == EINVAL || errno == ENOPROTOOPT ? -ENOSYS
											   : -errno;
	if (connect(fd, &to.any, to_size) < 0)
		return -errno;
	return result(send(ready(fd), payload, payload_size, MSG_NOSIGNAL));
}

/* A server. It connects to itself, and the result is what it receives. */
static int by_accept(void)
{
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd, visitor;
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t size = sizeof(a);
	struct timeval patience = { .tv_usec = 500000 };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (server < 0 || bind(server, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(server, 1) < 0 || getsockname(server, (struct sockaddr *)&a, &size) < 0)
		return -errno;
	visitor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (visitor < 0 || connect(visitor, (struct sockaddr *)&a, size) < 0)
		return -errno;
	fd = accept(server, NULL, NULL);
	if (fd < 0 || send(ready(fd), payload, payload_size, MSG_NOSIGNAL) < 0)
		return -errno;
	setsockopt(visitor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return result(recv(visitor, payload, sizeof(payload), 0));
}

static int by_ping(void)
{
	return by_icmp_socket(SOCK_DGRAM);
}
static int by_raw_icmp(void)
{
	return by_icmp_socket(SOCK_RAW);
}

static int by_packet(void)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));

	if (fd < 0)
		return -errno;
	a.sll_ifindex = if_nametoindex("lo");
	return result(sendto(fd, payload, payload_size, 0, (struct sockaddr *)&a, sizeof(a)));
}

/* Only makes the socket: there is no peer to send to. */
static int by_vsock(void)
{
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);

	return fd < 0 ? errno == EAFNOSUPPORT ? -ENOSYS : -errno : 1;
}
static int by_sctp(void)
{
	int fd = make(SOCK_STREAM, IPPROTO_SCTP);

	return fd < 0 ? errno == EPROTONOSUPPORT ? -ENOSYS : -errno : 1;
}

static int by_unix_type(int type)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", target);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	return result(send(fd, payload, payload_size, MSG_NOSIGNAL));
}
static int by_unix(void)
{
	return by_unix_type(SOCK_STREAM);
}
static int by_unix_datagram(void)
{
	return by_unix_type(SOCK_DGRAM);
}

/* A datagram socket without connect(2): only the send hook can see where it goes. */
static int by_unix_sendto(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", target);
	return result(sendto(fd, payload, payload_size, 0, (struct sockaddr *)&a, sizeof(a)));
}

static const struct {
	const char *name;
	int (*send)(void);
} modes[] = {
	{ "tcp", by_tcp },
	{ "connect", by_connect },
	{ "nonblock", by_nonblock },
	{ "write", by_write },
	{ "sendfile", by_sendfile },
	{ "splice", by_splice },
	{ "fastopen", by_fastopen },
	{ "fastopen-connect", by_fastopen_connect },
	{ "udp", by_udp },
	{ "udp-connected", by_udp_connected },
	{ "udp-write", by_udp_write },
	{ "udp-redirect", by_udp_redirect },
	{ "sendmsg", by_sendmsg },
	{ "sendmmsg", by_sendmmsg },
	{ "uring", by_uring },
	{ "uring-udp", by_uring_udp },
	{ "udp-unspec", by_udp_unspec },
	{ "mptcp", by_mptcp },
	{ "accept", by_accept },
	{ "ping", by_ping },
	{ "raw-icmp", by_raw_icmp },
	{ "packet", by_packet },
	{ "vsock", by_vsock },
	{ "sctp", by_sctp },
	{ "unix", by_unix },
	{ "unix-datagram", by_unix_datagram },
	{ "unix-sendto", by_unix_sendto },
};

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			puts(modes[i].name);
		return 0;
	}
	if (argc < 3)
		usage("net MODE ADDRESS:PORT|PATH [FILE [late]]");
	payload_size = strlen(payload);
	target = argv[2];
	if (argc > 4 && !strcmp(argv[4], "late"))
		late = argv[3];
	else if (argc > 3)
		load(argv[3]);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int n;

		if (strcmp(argv[1], modes[i].name))
			continue;
		n = modes[i].send();
		if (n < 0)
			refused(argv[1], n);
		effect("%s: %d", argv[1], n);
	}
	usage("net MODE ADDRESS:PORT|PATH [FILE [late]]; see: net list");
}
