// SPDX-License-Identifier: GPL-2.0-only
/* link.c - send and receive by the means of protocol.h. */
#include "agent/link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/protocol.h"

_Static_assert(sizeof(struct link_message) <= sizeof(union agent_message), "link_message");

int link_send(int link, const struct link_message *m, int fd)
{
	return protocol_send(link, m, sizeof(*m), NULL, 0, &fd, fd >= 0, MSG_DONTWAIT);
}

int link_receive(int link, struct link_message *ret, int *ret_fd)
{
	static union agent_message m;
	size_t fds = 0;
	int fd = -1;
	ssize_t n = protocol_receive(link, &m, &fd, 1, &fds, MSG_DONTWAIT);

	*ret_fd = -1;
	if (n <= 0)
		return n == 0 || n == -ECONNRESET ? -EPIPE : (int)n;
	memcpy(ret, &m, sizeof(*ret));
	if (n != sizeof(*ret) || ret->kind < LINK_READY || ret->kind > LINK_DRAINING ||
	    !memchr(ret->text, 0, sizeof(ret->text)) || (fds && ret->kind != LINK_ASK) ||
	    (!fds && ret->kind == LINK_ASK)) {
		if (fds)
			close(fd);
		return -EBADMSG;
	}
	if (fds)
		*ret_fd = fd;
	return 0;
}
