/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * terminal.h - blocks of lines for people, each block written in one piece, to a descriptor that
 * other programs write to as well. Text that is not wormsign's own is escaped here; the caller
 * redacts it before.
 */
#ifndef WORMSIGN_TERMINAL_H
#define WORMSIGN_TERMINAL_H

#include <stdbool.h>

#include "base/buf.h"

enum paint { PAINT_PLAIN = 0, PAINT_ALARM, PAINT_TITLE, PAINT_DIM };

struct terminal {
	int fd;
	bool colour;  /* a terminal, and the environment does not object (NO_COLOR, TERM=dumb) */
	unsigned how; /* for escape(): ESCAPE_ bits */
	int width;    /* columns at which values are wrapped; 0: not known, they are not */
	struct buf block;
};

/* How to escape text for people, by what the environment says of them: ESCAPE_ bits. */
unsigned terminal_how(void);

/* fd stays the caller's; -1: blocks are made and not written. Reads the environment. */
void terminal_open(struct terminal *t, int fd);
void terminal_close(struct terminal *t);

/* Begin a block with the line "wormsign: HEADING" + rest. heading must be our own words; rest is
 * escaped. */
void terminal_begin(struct terminal *t, enum paint paint, const char *heading, const char *rest);
/* Add the row "  label    value". value is escaped, and wrapped at blanks if the terminal is
 * narrow; a word is never broken. */
void terminal_row(struct terminal *t, const char *label, const char *value);
/* Write text to people: in one piece if the descriptor takes that. Waits at most a second for a
 * reader that does not read, then drops the rest; a reader that has gone raises no signal. */
void terminal_write(int fd, const char *at, size_t len);
/* Write the block by terminal_write(). */
void terminal_end(struct terminal *t);

#endif
