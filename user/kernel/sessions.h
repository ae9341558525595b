/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sessions.h - the sessions of an instance of the kernel side: begin and end them, put tasks in,
 * condemn them. All return 0 or a negative errno.
 */
#ifndef WORMSIGN_SESSIONS_H
#define WORMSIGN_SESSIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "wire.h"

struct loader;

/*
 * Write the record s, whose id the caller has chosen (unique on this instance) and its places, and
 * attach the network hooks to the cgroup (negative: to none). After an error, explained in e, there
 * is no such session.
 */
int loader_session_begin(struct loader *l, const struct ws_session *s, int cgroup_fd,
			 struct error *e);
/* Replace the record of a session that no task has entered so far, and enter its places. -ENOENT.
 */
int loader_session_update(struct loader *l, const struct ws_session *s);
/*
 * What packages of this name created in earlier sessions is theirs in this one, too. Call it before
 * the session's tasks run.
 */
int loader_made_before(struct loader *l, uint64_t session, const char *name,
		       const struct ws_made *made);
/* Copy the live record (labels, counters, flags). -ENOENT. */
int loader_session_read(struct loader *l, uint64_t id, struct ws_session *ret);
/*
 * How often each class of verdict below deny came in the session. *ret is allocated, and the
 * caller's to free.
 */
int loader_session_reports(struct loader *l, uint64_t id, struct ws_reported **ret,
			   size_t *ret_count);
/* Mark it condemned: each of its tasks dies at its next hook. -ENOENT. */
int loader_session_condemn(struct loader *l, uint64_t id);
/* Make a directory a place of the running session, if it is none yet. -ENOENT. */
int loader_session_place(struct loader *l, uint64_t id, const struct ws_id *directory,
			 enum ws_place place);
/* Have the hooks look for what is known of a directory (loader_know()) when they judge a file below
 * it. -ENOENT. */
int loader_session_notice(struct loader *l, uint64_t id, const struct ws_id *directory);
/* Detach and forget it. -ENOENT. */
int loader_session_end(struct loader *l, uint64_t id);

/*
 * Put the task behind pidfd, with what it will fork, in a session, as actor `job`. Call it before
 * the task runs any code of the user.
 */
int loader_enter(struct loader *l, int pidfd, uint64_t session);

/* The session of this instance that the task behind pidfd is in; 0: none. */
uint64_t loader_session_of(struct loader *l, int pidfd);

/*
 * Destroy the TCP sockets of which packets were dropped (sock_destroy.h). Call it when a scope was
 * condemned, and before the session ends. Returns how many could not be destroyed.
 */
int loader_destroy_sockets(struct loader *l);

#endif
