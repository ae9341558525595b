/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * feed_server.h - the delivery process beside a session, or the service for those of the agent:
 * takes events from sockets, puts them on disk, says so, and lets the sinks send them.
 */
#ifndef WORMSIGN_FEED_SERVER_H
#define WORMSIGN_FEED_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "delivery/delivery_config.h"

struct feed_server_options {
	int socket;	   /* SOCK_SEQPACKET, see events/feed_message.h; of the only session */
	int listener;	   /* of the service: sessions connect, socket is not used; else -1 */
	uid_t owner;	   /* who may connect to it */
	int quit;	   /* of a pipe: the service is to end when it is closed; or -1 */
	int dir;	   /* the spool, or a directory below it, locked */
	bool gather;	   /* take over what is left below it (spool_share.h) */
	uint64_t flush_ms; /* for what is left when the session dies without a FEED_END,
			    * or the service is to end */
};

/*
 * Returns when the session has ended, or the service is to end, and all is delivered, or its time
 * is up: 0. -errno with e: the spool or a sink cannot be opened. May be killed at any time, and be
 * called again by another process: nothing that was taken is lost.
 */
int feed_server(const struct feed_server_options *o, const struct delivery_config *c,
		struct error *e);

#endif
