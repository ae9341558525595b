/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * link.h - what the agent's master (master.h) and its servers (agent.h) say to each other, over a
 * socket pair (SOCK_SEQPACKET): one message a packet, with at most one descriptor.
 *
 *   server                                  master
 *   READY, or FAILED and its end         ->
 *   ALIVE, from time to time             ->
 *   ASK + the client's socket            ->  what one client wants of all servers, or a reload
 *                                        <-  ASK + the client's socket: to each server
 *                                        <-  DRAIN: take no more clients, end with the last session
 *   DRAINING                             ->  it takes none any more
 *
 * Either side's end closes the socket: without a master, a server ends its sessions.
 */
#ifndef WORMSIGN_LINK_H
#define WORMSIGN_LINK_H

#include <stdint.h>

#include "base/error.h"

/* Of these messages; a master and its servers may be of different builds. */
#define LINK_VERSION 2

enum link_kind {
	LINK_READY = 1,
	LINK_FAILED,
	LINK_ALIVE,
	LINK_ASK,
	LINK_DRAIN,
	LINK_DRAINING,
};

struct link_message {
	uint32_t kind;	       /* enum link_kind */
	uint32_t asked;	       /* ASK: enum agent_kind */
	uint32_t uid;	       /* ASK: of the client, by the kernel's word */
	uint32_t parts;	       /* ASK: how many servers are asked */
	uint64_t session;      /* ASK for STOP: which */
	char text[ERROR_TEXT]; /* FAILED: why, NUL-terminated */
};

/* Send it, with a descriptor unless that is negative; it stays the caller's. Never waits: -EAGAIN.
 * 0 or -errno. */
int link_send(int link, const struct link_message *m, int fd);
/*
 * The next message; *ret_fd: its descriptor, the caller's; -1: none. -EAGAIN: none so far; -EPIPE:
 * the other side has closed; -EBADMSG: it is none of these.
 */
int link_receive(int link, struct link_message *ret, int *ret_fd);

#endif
