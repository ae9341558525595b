/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * feed_message.h - the protocol between a session and the delivery process: packets of a
 * SOCK_SEQPACKET pair or of a connection to the service, each a head and then the bytes that its
 * kind names. Includes nothing of this project.
 *
 * The session numbers its events from 1 on and keeps each until FEED_TAKEN says that it is on disk.
 * FEED_HELLO comes from a new process, after the last one died. It ignores packets, which were
 * meant for that one, until FEED_BEGIN; after that the session sends again all that was not taken.
 * So an event may arrive twice; its id tells.
 */
#ifndef WORMSIGN_FEED_MESSAGE_H
#define WORMSIGN_FEED_MESSAGE_H

#include <stdint.h>

/* Where the service listens unless it is told otherwise. */
#define DELIVERY_SOCKET "/run/wormsign-delivery/feed.sock"

#define FEED_MOST (1 << 17) /* bytes of a packet; longer events are counted as lost */

enum feed_kind {
	/* of the session */
	FEED_ALERT = 1, /* number; id, `id_len` bytes, then the event's JSON */
	FEED_EVENT,	/* the same */
	FEED_BEGIN,	/* the answer to FEED_HELLO */
	FEED_LOST,	/* number: so many events, not alerts, found no room */
	FEED_END,	/* number: ms that may be spent on delivering what is left */

	/* of the delivery process */
	FEED_READY,  /* configuration, spool and sinks are ready */
	FEED_FAILED, /* they are not; text: why, each line ended by a line feed */
	FEED_HELLO, /* number: the session is to end if an alert was not put on disk for so many ms;
		     * 0: it goes on */
	FEED_TAKEN, /* number: all events up to this one are on disk */
	FEED_RESULT, /* after FEED_END: struct feed_result, then text about each sink */
};

struct feed_head {
	uint32_t kind;
	uint32_t id_len;
	uint64_t number;
};

struct feed_result {
	uint64_t alerts, events; /* not delivered to every sink */
	uint64_t refused;	 /* permanently, by a receiver */
	uint64_t dropped;	 /* events that found no room in the spool */
};

#endif
