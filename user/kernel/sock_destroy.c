// SPDX-License-Identifier: GPL-2.0-only
/* sock_destroy.c - see sock_destroy.h; by sock_diag(7). */
#include "kernel/sock_destroy.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

int sock_destroy(uint64_t cookie, const struct ws_dropped *d)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 req;
	} ask = {
		.head = { .nlmsg_len = sizeof(ask),
			  .nlmsg_type = SOCK_DESTROY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.req = { .sdiag_family = d->family,
			 .sdiag_protocol = IPPROTO_TCP,
			 .idiag_states = ~0u },
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char more[256];
	} answer;
	_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	ssize_t n;

	if (fd < 0)
		return -errno;
	ask.req.id.idiag_sport = d->from_port;
	ask.req.id.idiag_dport = d->to_port;
	memcpy(ask.req.id.idiag_src, d->from, sizeof(d->from));
	memcpy(ask.req.id.idiag_dst, d->to, sizeof(d->to));
	ask.req.id.idiag_cookie[0] = (uint32_t)cookie;
	ask.req.id.idiag_cookie[1] = cookie >> 32;
	if (send(fd, &ask, sizeof(ask), 0) < 0)
		return -errno;
	do
		n = recv(fd, &answer, sizeof(answer), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n < sizeof(answer.head) + sizeof(answer.error) ||
	    answer.head.nlmsg_type != NLMSG_ERROR)
		return -EBADMSG;
	return answer.error.error == -ENOENT ? 0 : answer.error.error;
}
