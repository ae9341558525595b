// SPDX-License-Identifier: GPL-2.0-only
/* admitted.c - a report is one message of a socket, without what is not used of its names. */
#include "session/admitted.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

void admitted_send(int socket, const struct admitted *r)
{
	send(socket, r, offsetof(struct admitted, names) + r->len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int admitted_read(int socket, struct admitted *ret)
{
	ssize_t n = recv(socket, ret, sizeof(*ret), MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	if (n < (ssize_t)offsetof(struct admitted, names))
		return -EPIPE;
	ret->len = (uint32_t)(n - offsetof(struct admitted, names));
	return ret->is_refusal && ret->len != sizeof(ret->refusal) ? -EPROTO : 0;
}
