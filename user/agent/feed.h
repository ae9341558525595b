/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * feed.h - how a worker gets the records of its session: the agent's main process reads the rings,
 * which hold all sessions' records, and passes each on over a socket pair (SOCK_SEQPACKET). A
 * worker asks for a mark by FEED_ASK; main first passes on all that the rings hold, then the mark.
 */
#ifndef WORMSIGN_FEED_H
#define WORMSIGN_FEED_H

#include "session/admitter.h"
#include "wire.h"

#define FEED_ASK "m"

/* From the worker at its end: what the session has left, for those who ask about sessions. */
struct feed_left {
	__u32 leftovers, residue, residue_known; /* as in struct agent_session */
};

/* The others begin unlike a record, whose size is not 0. */
enum { FEED_MARK, FEED_ADMITTED, FEED_STOP };

struct feed_mark {
	__u32 zero, kind;	 /* kind: FEED_MARK */
	__u64 lost[WS_LOST_MAX]; /* records for which the socket had no room, by enum ws_lost */
	__u64 bad;		 /* malformed records of the rings, of any session */
};

struct feed_admitted {
	__u32 zero, kind; /* kind: FEED_ADMITTED */
	struct admitted admitted;
};

/* End the session now. The agent has condemned and killed it by itself: this is for the worker to
 * wait no longer, and to say why. */
struct feed_stop {
	__u32 zero, kind; /* kind: FEED_STOP */
	__u32 by;	  /* enum agent_stopped */
};

/* Which counter says that a record of this kind was lost. */
static inline enum ws_lost feed_lost_of(__u32 kind)
{
	switch (kind) {
	case WS_REC_EXEC:
		return WS_LOST_EXEC;
	case WS_REC_EXIT:
	case WS_REC_DEATH:
		return WS_LOST_EXIT;
	case WS_REC_SCOPE:
		return WS_LOST_SCOPE_RECORD;
	case WS_REC_NET:
		return WS_LOST_NET;
	}
	return WS_LOST_ALERT;
}

#endif
