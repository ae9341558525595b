/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * escape.h - bytes that a watched process chose, made harmless for a log, a terminal and a CI job
 * log.
 *
 * One scheme, in which nothing is lost: what must not appear is written byte by byte as \xNN (two
 * lower-case hex digits), and a backslash that stands before an `x` is itself written \x5c. So
 * every \xNN in the result stands for that byte, everything else for itself, and escape_undo()
 * gives the original bytes back.
 *
 * Always written so: NUL, DEL, bytes that are not valid UTF-8 (RFC 3629: no surrogates, nothing
 * overlong), and one character of what GitHub and Azure would take for a command: the second ':' of
 * "::" at the start of the text (blanks before it do not count), the second '#' of "##[" and
 * "##word[" anywhere. ESCAPE_TERMINAL: also all other control characters (C0 with newline and tab,
 * C1), the marks that reorder text (Unicode bidi), and characters that take no room or end a line.
 * ESCAPE_ASCII: also everything else beyond ASCII.
 */
#ifndef WORMSIGN_ESCAPE_H
#define WORMSIGN_ESCAPE_H

#include "buf.h"

enum {
	ESCAPE_JSON = 0, /* valid UTF-8; control characters are left to JSON's own \u00NN */
	ESCAPE_TERMINAL = 1,
	ESCAPE_ASCII = 2,
};

void escape(struct buf *out, const char *bytes, size_t len, unsigned how);
void escape_undo(struct buf *out, const char *text, size_t len);

#endif
