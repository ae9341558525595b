/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unix - talks to a UNIX socket by one of many ways: `unix MODE NAME`. A NAME that begins with @ is
 * an abstract one. The listener is the caller's, except for the modes own-*, which begin with a
 * listener of their own under that name. EFFECT means that the kernel took the bytes.
 * `unix list`: the modes.
 */
#define _GNU_SOURCE
#include "truth.h"
#include "uring.h"

#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/un.h>
#include <sys/wait.h>

static char payload[] = "WORMSIGN-LAB-PAYLOAD to a socket\n";
static struct sockaddr_un to;
static socklen_t to_size;

static int result(ssize_t n)
{
	return n < 0 ? -errno : (int)n;
}

static void address(const char *name)
{
	size_t n = strlen(name);

	if (n >= sizeof(to.sun_path))
		usage("unix MODE NAME (at most 107 bytes)");
	to.sun_family = AF_UNIX;
	memcpy(to.sun_path, name, n);
	if (name[0] == '@')
		to.sun_path[0] = 0;
	to_size = offsetof(struct sockaddr_un, sun_path) + n + (name[0] != '@');
}

static int make(int type)
{
	return socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
}

static int send_to(int fd)
{
	return result(send(fd, payload, sizeof(payload), MSG_NOSIGNAL));
}

static int by_connect(int type)
{
	int fd = make(type);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, to_size) < 0)
		return -errno;
	return send_to(fd);
}
static int by_stream(void)
{
	return by_connect(SOCK_STREAM);
}
static int by_seqpacket(void)
{
	return by_connect(SOCK_SEQPACKET);
}
static int by_dgram(void)
{
	return by_connect(SOCK_DGRAM);
}

/* Datagrams that name their receiver: there is no connect(2). */
static int by_sendto(void)
{
	return result(sendto(make(SOCK_DGRAM), payload, sizeof(payload), 0, (struct sockaddr *)&to,
			     to_size));
}

static void message(struct msghdr *m, struct iovec *iov)
{
	*iov = (struct iovec){ payload, sizeof(payload) };
	*m = (struct msghdr){
		.msg_name = &to, .msg_namelen = to_size, .msg_iov = iov, .msg_iovlen = 1
	};
}

static int by_sendmsg(void)
{
	struct iovec iov;
	struct msghdr m;

	message(&m, &iov);
	return result(sendmsg(make(SOCK_DGRAM), &m, 0));
}

static int by_sendmmsg(void)
{
	struct iovec iov;
	struct mmsghdr m[1] = { 0 };

	message(&m[0].msg_hdr, &iov);
	return result(sendmmsg(make(SOCK_DGRAM), m, 1, 0));
}

/* ---- io_uring ---- */

static int by_ring(void)
{
	struct ring r;
	int fd = make(SOCK_STREAM), n = ring_open(&r, 0);

	if (n < 0)
		return n;
	ring_next(&r, IORING_OP_CONNECT, fd, &to, 0)->off = to_size;
	n = ring_one(&r);
	return n < 0 ? n : send_to(fd);
}

/* One submission: the connection has been used before its completion can be seen. */
static int chain(bool fixed)
{
	int fd = make(SOCK_STREAM), results[2] = { -EIO, -EIO }, n;
	struct io_uring_sqe *s;
	struct ring r;

	n = ring_open(&r, 0);
	if (n < 0)
		return n;
	if (fixed && syscall(__NR_io_uring_register, r.fd, IORING_REGISTER_FILES, &fd, 1) < 0)
		return -errno;
	s = ring_next(&r, IORING_OP_CONNECT, fixed ? 0 : fd, &to, 0);
	s->off = to_size;
	s->flags = IOSQE_IO_LINK | (fixed ? IOSQE_FIXED_FILE : 0);
	s = ring_next(&r, IORING_OP_SEND, fixed ? 0 : fd, payload, sizeof(payload));
	s->flags = fixed ? IOSQE_FIXED_FILE : 0;
	n = ring_submit(&r, results);
	return n < 0 ? n : results[0] < 0 ? results[0] : results[1];
}
static int by_ring_chain(void)
{
	return chain(false);
}
static int by_ring_fixed(void)
{
	return chain(true);
}

static int by_ring_sendmsg(void)
{
	struct iovec iov;
	struct msghdr m;
	struct ring r;
	int fd = make(SOCK_DGRAM), n = ring_open(&r, 0);

	if (n < 0)
		return n;
	message(&m, &iov);
	ring_next(&r, IORING_OP_SENDMSG, fd, &m, 1);
	return ring_one(&r);
}

/* ---- the descriptor goes away meanwhile ---- */

static volatile int victim = -1;
static volatile bool moved;

/* As soon as victim is connected, put something else in its place and go on with a copy. */
static void *take_away(void *arg)
{
	int other = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)arg;
	for (;;) {
		int fd = victim, copy;

		if (fd < 0)
			continue;
		copy = dup(fd);
		while (victim == fd && send(copy, payload, sizeof(payload), MSG_NOSIGNAL) < 0)
			;
		if (victim == fd) {
			dup2(other, fd);
			moved = true;
		}
		close(copy);
	}
	return NULL;
}

static int by_swapped(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, take_away, NULL))
		return -EAGAIN;
	for (int i = 0; i < 200 && !moved; i++) {
		int fd = make(SOCK_STREAM);

		victim = fd;
		if (connect(fd, (struct sockaddr *)&to, to_size) < 0)
			return -errno;
		victim = -1;
		close(fd);
	}
	return 1;
}

/* ---- not AF_UNIX ---- */

/* The hypervisor, or this machine where it is one. */
static int by_vsock(void)
{
	struct sockaddr_vm host = { .svm_family = AF_VSOCK,
				    .svm_cid = VMADDR_CID_HOST,
				    .svm_port = 22 };
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno == EAFNOSUPPORT ? -ENOSYS : -errno;
	connect(fd, (struct sockaddr *)&host, sizeof(host));
	return 1;
}

/* ---- to oneself ---- */

/* Serve one message under the name, in a process of its own. orphan: whose parent listened, and is
 * dead. */
static void serve(int type, bool orphan)
{
	int fd = make(type), ready[2];
	char data[128];

	if (fd < 0 || pipe(ready) < 0 || fork() != 0) {
		if (fd >= 0) {
			close(fd);
			close(ready[1]);
			if (read(ready[0], data, 1) != 1)
				refused("listen", errno);
		}
		return;
	}
	if (bind(fd, (struct sockaddr *)&to, to_size) < 0 ||
	    (type != SOCK_DGRAM && listen(fd, 4) < 0))
		_exit(1);
	if (orphan && fork())
		_exit(0);
	if (write(ready[1], "", 1) != 1)
		_exit(1);
	if (type != SOCK_DGRAM)
		fd = accept(fd, NULL, NULL);
	alarm(20);
	_exit(recv(fd, data, sizeof(data), 0) > 0 ? 0 : 1);
}

static int to_own(int type, bool orphan, int (*way)(void))
{
	int n, status;

	serve(type, orphan);
	n = way();
	if (n < 0)
		return n;
	if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		return -ENODATA;
	return n;
}
static int own_stream(void)
{
	return to_own(SOCK_STREAM, false, by_stream);
}
static int own_orphan(void)
{
	return to_own(SOCK_STREAM, true, by_stream);
}
static int own_seqpacket(void)
{
	return to_own(SOCK_SEQPACKET, false, by_seqpacket);
}
static int own_dgram(void)
{
	return to_own(SOCK_DGRAM, false, by_dgram);
}
static int own_sendto(void)
{
	return to_own(SOCK_DGRAM, false, by_sendto);
}
static int own_ring(void)
{
	return to_own(SOCK_STREAM, false, by_ring);
}

static const struct {
	const char *name;
	int (*send)(void);
} modes[] = {
	{ "stream", by_stream },
	{ "seqpacket", by_seqpacket },
	{ "dgram", by_dgram },
	{ "sendto", by_sendto },
	{ "sendmsg", by_sendmsg },
	{ "sendmmsg", by_sendmmsg },
	{ "ring", by_ring },
	{ "ring-chain", by_ring_chain },
	{ "ring-fixed", by_ring_fixed },
	{ "ring-sendmsg", by_ring_sendmsg },
	{ "swapped", by_swapped },
	{ "vsock", by_vsock },
	{ "own-stream", own_stream },
	{ "own-orphan", own_orphan },
	{ "own-seqpacket", own_seqpacket },
	{ "own-dgram", own_dgram },
	{ "own-sendto", own_sendto },
	{ "own-ring", own_ring },
};

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			puts(modes[i].name);
		return 0;
	}
	if (argc < 3)
		usage("unix MODE NAME");
	address(argv[2]);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int n;

		if (strcmp(argv[1], modes[i].name))
			continue;
		n = modes[i].send();
		if (n < 0)
			refused(argv[1], n);
		effect("%s: %d", argv[1], n);
	}
	usage("unix MODE NAME; see: unix list");
}
