/* SPDX-License-Identifier: GPL-2.0-only */
/* dead_letter.h - what a receiver refuses for good: lines of JSON in NAME.dead of the spool. */
#ifndef WORMSIGN_DEAD_LETTER_H
#define WORMSIGN_DEAD_LETTER_H

#include <stddef.h>

/*
 * Add one line to the letters of a sink, and put it on disk. body: the event's JSON; anything else
 * is kept as text. One process at a time (spool_lock()). -errno: nothing of it is there.
 */
int dead_letter_add(int dir, const char *sink, const char *id, const char *body, size_t len,
		    const char *why);

#endif
