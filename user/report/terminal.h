/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * terminal.h - where people read: blocks of lines, each block in one piece, on a descriptor that
 * other programs write to as well. Everything that is not our own word is escaped here; redacting
 * is the caller's.
 */
#ifndef WORMSIGN_TERMINAL_H
#define WORMSIGN_TERMINAL_H

#include <stdbool.h>

#include "buf.h"

enum paint { PAINT_PLAIN = 0, PAINT_ALARM, PAINT_TITLE, PAINT_DIM };

struct terminal {
	int fd;
	bool colour;  /* a terminal, and the environment does not object (NO_COLOR, TERM=dumb) */
	unsigned how; /* for escape() */
	int width;    /* columns; long values are not broken, see terminal_row() */
	struct buf block;
};

/* Look at fd and at the environment. */
void terminal_open(struct terminal *t, int fd);
void terminal_close(struct terminal *t);

/* Begin a block: "wormsign: HEADING" + rest. heading is our own word, rest is escaped. */
void terminal_begin(struct terminal *t, enum paint paint, const char *heading, const char *rest);
/* One row of it: "  label    value", wrapped at blanks where the terminal is narrow. value is
 * escaped. */
void terminal_row(struct terminal *t, const char *label, const char *value);
/* Write the block, in one piece as far as the descriptor takes it so. Waits no longer than a second
 * for a reader who does not read, and raises no signal for one that has gone. */
void terminal_end(struct terminal *t);

#endif
