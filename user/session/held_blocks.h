/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * held_blocks.h - the blocks that are printed while a session runs. The block of a verdict that
 * kills is held until the process has died, so that it can say how long that took, but for 100 ms
 * at most: records may get lost, and there may be no later one. Repetitions get no block.
 */
#ifndef WORMSIGN_HELD_BLOCKS_H
#define WORMSIGN_HELD_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/tally.h"
#include "events/session_facts.h"
#include "report/verdict_block.h"
#include "session/reader.h"
#include "wire.h"

#define HELD_BLOCKS_MAX 16

struct held_blocks {
	/* set by the caller, and borrowed */
	const struct block *block;
	struct reader *reader;	/* answers questions about files; NULL: none */
	const char *cwd, *home; /* "": none */
	uint64_t since;		/* when the session began, CLOCK_REALTIME, ns */
	bool verbose;		/* verdicts below `deny` get a block, too */

	/* internal; begins with HELD_BLOCKS_INIT */
	struct tally tally;
	struct held_block {
		struct ws_rec_verdict *verdict;
		struct block_fate fate;
		int left; /* number of the question what was left behind; negative: not asked */
	} held[HELD_BLOCKS_MAX];
	size_t count;
	uint64_t shown;
};

#define HELD_BLOCKS_INIT                    \
	{                                   \
		.tally = TALLY_INIT(65536), \
	}
void held_blocks_free(struct held_blocks *b);

/* A verdict that is more than `allow`. */
void held_blocks_verdict(struct held_blocks *b, const struct ws_rec_verdict *r);
/* A process that outlived the command; printed at once, the first of each scope. */
void held_blocks_leftover(struct held_blocks *b, const struct session_leftover *l);
/* A process was killed by a verdict: prints the block that waits for it. */
void held_blocks_died(struct held_blocks *b, const struct ws_rec_exit *r);
/* Print those that have waited long enough at `time` (CLOCK_MONOTONIC, ns). Returns after how many
 * ms to call again at the latest; -1: there is no need. */
int held_blocks_tick(struct held_blocks *b, uint64_t time);
/* Print all, at the end of the session. */
void held_blocks_flush(struct held_blocks *b);

#endif
