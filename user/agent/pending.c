// SPDX-License-Identifier: GPL-2.0-only
/* pending.c - a list, in the order of arrival, latest first. */
#include "agent/pending.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/protocol.h"

static unsigned count_of(const struct pendings *p, uid_t uid)
{
	unsigned n = 0;

	for (const struct pending *one = p->first; one; one = one->next)
		n += one->peer.uid == uid;
	return n;
}

int pending_add(struct pendings *p, int socket, const struct peer *peer, int64_t now,
		unsigned of_user, unsigned of_all, struct error *e)
{
	struct pending *one;

	if (p->count >= (peer->uid ? of_all : of_all + PENDING_ROOT))
		return error_set(e, -EBUSY, "the agent has %u clients that say nothing", p->count);
	if (peer->uid && count_of(p, peer->uid) >= of_user)
		return error_set(e, -EBUSY, "you have %u clients that say nothing", of_user);
	one = malloc(sizeof(*one));
	if (!one)
		return error_set(e, -ENOMEM, "out of memory");
	*one = (struct pending){
		.next = p->first, .socket = socket, .peer = *peer, .until = now + PENDING_MS
	};
	p->first = one;
	p->count++;
	return 0;
}

void pending_take(struct pendings *p, struct pending *one)
{
	for (struct pending **at = &p->first; *at; at = &(*at)->next) {
		if (*at != one)
			continue;
		*at = one->next;
		p->count--;
		return;
	}
}

static void close_both(const struct pending *one)
{
	if (one->socket >= 0)
		close(one->socket);
	if (one->peer.pidfd >= 0)
		close(one->peer.pidfd);
}

void pending_free(struct pending *one)
{
	if (one)
		close_both(one);
	free(one);
}

int pending_expire(struct pendings *p, int64_t now)
{
	int64_t next = -1;

	for (struct pending *one = p->first, *after; one; one = after) {
		after = one->next;
		if (one->until <= now) {
			pending_take(p, one);
			pending_free(one);
		} else if (next < 0 || one->until - now < next) {
			next = one->until - now;
		}
	}
	return (int)next;
}

void pending_close(const struct pendings *p)
{
	for (const struct pending *one = p->first; one; one = one->next)
		close_both(one);
}

void pending_free_all(struct pendings *p)
{
	while (p->first) {
		struct pending *one = p->first;

		pending_take(p, one);
		pending_free(one);
	}
}

int pending_kind(const struct pending *one)
{
	struct agent_head head;
	ssize_t n = recv(one->socket, &head, sizeof(head), MSG_PEEK | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -EPIPE;
	if (n < (ssize_t)sizeof(head) || !head.kind || head.kind >= AGENT_KIND_MAX)
		return -EBADMSG;
	return (int)head.kind;
}
