/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pending.h - clients that have connected and not said yet what they want. They are not waited for:
 * one that stays silent is let go after a while, and a user who has too many gets no more.
 */
#ifndef WORMSIGN_PENDING_H
#define WORMSIGN_PENDING_H

#include <poll.h>
#include <stdint.h>

#include "agent/admit.h"
#include "base/error.h"

#define PENDING_MS   5000 /* a client that says nothing for so long is let go */
#define PENDING_ROOT 64	  /* room for root's beside that for users' */

struct pending {
	struct pending *next;
	int socket; /* owned */
	struct peer peer;
	int64_t until; /* CLOCK_MONOTONIC, ms */
};

struct pendings { /* all 0: none */
	struct pending *first;
	unsigned count;
};

/* Add one; takes the socket and the peer's pidfd. of_user, of_all: limits, which are not root's.
 * -EBUSY, -ENOMEM with e: then nothing is taken. */
int pending_add(struct pendings *p, int socket, const struct peer *peer, int64_t now,
		unsigned of_user, unsigned of_all, struct error *e);
/* Take it off the list; it is the caller's, for pending_free(). */
void pending_take(struct pendings *p, struct pending *one);
/* Close and free it; NULL does nothing. */
void pending_free(struct pending *one);
/* Free those whose time is over. Returns after how many ms the next one's is; -1: there is none. */
int pending_expire(struct pendings *p, int64_t now);
/* Close all descriptors, in a process that is to have none of them. */
void pending_close(const struct pendings *p);
void pending_free_all(struct pendings *p);

/*
 * What its first message is: enum agent_kind. The message is left where it is. 0: it has said
 * nothing so far; -EPIPE: it has closed; -EBADMSG: that is no message.
 */
int pending_kind(const struct pending *one);

#endif
