/* SPDX-License-Identifier: GPL-2.0-only */
/* block.h - what people are shown the moment something is stopped: one block of rows a verdict. */
#ifndef WORMSIGN_BLOCK_H
#define WORMSIGN_BLOCK_H

#include "event.h"
#include "terminal.h"

struct block {
	struct terminal *terminal;
	const struct event_context *context;
	const char *home, *log_path; /* may be NULL */
};

/* What is known of the verdict's process by now. */
struct block_fate {
	uint64_t died_at;      /* 0: its death was not told (yet) */
	uint64_t condemned_at; /* as in the record of the death */
	uint64_t times;	       /* the same was seen so often */
};

void block_verdict(const struct block *b, const struct ws_rec_verdict *r,
		   const struct block_fate *f);
void block_leftover(const struct block *b, const struct observer_leftover *l);

#endif
