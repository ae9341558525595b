// SPDX-License-Identifier: GPL-2.0-only
/* sock_listening.c - see sock_listening.h; by sock_diag(7). */
#include "kernel/sock_listening.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

#define STATE_LISTEN 10 /* TCP_LISTEN of the kernel */

struct listening {
	struct ws_address *ret;
	size_t room;
	uint64_t cgroup;
	int count;
};

static bool is_of(const struct inet_diag_msg *m, size_t len, uint64_t cgroup)
{
	const struct rtattr *a = (const struct rtattr *)(m + 1);
	int left = (int)(len - sizeof(*m));
	uint64_t id;

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type != INET_DIAG_CGROUP_ID || RTA_PAYLOAD(a) != sizeof(id))
			continue;
		memcpy(&id, RTA_DATA(a), sizeof(id));
		return id == cgroup;
	}
	return false;
}

static void take(struct listening *l, const struct inet_diag_msg *m, size_t len)
{
	struct ws_address *at;

	if (len < sizeof(*m) || !is_of(m, len, l->cgroup))
		return;
	if ((size_t)l->count++ >= l->room)
		return;
	at = &l->ret[l->count - 1];
	*at = (struct ws_address){ .family = m->idiag_family,
				   .port = ntohs(m->id.idiag_sport),
				   .protocol = IPPROTO_TCP };
	memcpy(at->address, m->id.idiag_src, at->family == AF_INET ? 4 : 16);
}

static int list(struct listening *l, int fd, uint8_t family)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 req;
	} ask = {
		.head = { .nlmsg_len = sizeof(ask),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.req = { .sdiag_family = family,
			 .sdiag_protocol = IPPROTO_TCP,
			 .idiag_states = 1u << STATE_LISTEN },
	};
	static char answer[32768] __attribute__((aligned(NLMSG_ALIGNTO)));

	if (send(fd, &ask, sizeof(ask), 0) < 0)
		return -errno;
	for (;;) {
		ssize_t n = recv(fd, answer, sizeof(answer), 0);
		const struct nlmsghdr *h = (const struct nlmsghdr *)answer;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		for (size_t left = (size_t)n; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR)
				return -EBADMSG;
			take(l, NLMSG_DATA(h), NLMSG_PAYLOAD(h, 0));
		}
	}
}

int sock_listening(struct ws_address *ret, size_t room, uint64_t cgroup)
{
	_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct listening l = { .ret = ret, .room = room, .cgroup = cgroup };
	int err;

	if (fd < 0)
		return -errno;
	err = list(&l, fd, AF_INET);
	err = err ?: list(&l, fd, AF_INET6);
	return err ?: l.count;
}
