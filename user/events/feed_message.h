/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * feed_message.h - what a session and the delivery process say to each other, in packets of a
 * SOCK_SEQPACKET pair: a head, then the bytes that the kind names. Includes nothing of this
 * project.
 *
 * The session numbers its events from 1 on and keeps each until FEED_TAKEN says that it is on disk.
 * FEED_HELLO says that a new process listens, which has nothing of what was not taken: after a
 * FEED_BEGIN all that is sent again. Packets before it were meant for the process that died, and
 * are passed over. So an event may come twice, and its id shows it.
 */
#ifndef WORMSIGN_FEED_MESSAGE_H
#define WORMSIGN_FEED_MESSAGE_H

#include <stdint.h>

#define FEED_MOST (1 << 17) /* bytes of a packet; longer events are counted as lost */

enum feed_kind {
	/* of the session */
	FEED_ALERT = 1, /* number; id, `id_len` bytes, then the event's JSON */
	FEED_EVENT,	/* the same */
	FEED_BEGIN,	/* the answer to FEED_HELLO */
	FEED_LOST,	/* number: so many events, not alerts, found no room */
	FEED_END,	/* number: ms that may be spent on delivering what is left */

	/* of the delivery process */
	FEED_READY,  /* configuration, spool and sinks are there */
	FEED_FAILED, /* they are not: text, lines ended by a line feed */
	FEED_HELLO,
	FEED_TAKEN,  /* number: all events up to this one are on disk */
	FEED_RESULT, /* after FEED_END: struct feed_result, then text about each sink */
};

struct feed_head {
	uint32_t kind;
	uint32_t id_len;
	uint64_t number;
};

struct feed_result {
	uint64_t alerts, events; /* that some sink has not had */
	uint64_t refused;	 /* by a receiver, for good */
	uint64_t dropped;	 /* events that found no room in the spool */
};

#endif
