/* SPDX-License-Identifier: GPL-2.0-only */
/* verdict_block.h - what people are shown when something is stopped: one block of rows for a
 * verdict. */
#ifndef WORMSIGN_VERDICT_BLOCK_H
#define WORMSIGN_VERDICT_BLOCK_H

#include "events/dependents.h"
#include "events/event_context.h"
#include "events/session_facts.h"
#include "report/terminal.h"

/* Where blocks go, and what they need. Nothing is owned. */
struct block {
	struct terminal *terminal;
	const struct event_context *context;
	const char *home, *log_path; /* may be NULL */
};

/* What became known after the verdict. */
struct block_fate {
	uint64_t died_at;      /* when the process died, ns; 0: no record of that has come (yet) */
	uint64_t condemned_at; /* as in the record of its death */
	const struct dependents *dependents; /* what brings the package in; NULL: not known */
	const char *left; /* what the refused operation left behind; NULL: nothing */
	uint64_t times;	  /* verdicts of the same rule about the same object */
};

void block_verdict(const struct block *b, const struct ws_rec_verdict *r,
		   const struct block_fate *f);
/* A process that outlived the command. */
void block_leftover(const struct block *b, const struct session_leftover *l);

#endif
