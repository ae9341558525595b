/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * escape.h - make bytes that a watched process chose harmless for the session log, a terminal and
 * the job log of a CI service.
 *
 * The scheme is reversible: a byte that must not appear is written \xNN (two lower-case hex
 * digits), and a backslash before an `x` is itself written \x5c. So every \xNN in the result stands
 * for that byte, everything else for itself, and escape_undo() returns the original bytes.
 *
 * Always escaped: NUL, DEL, bytes that are not valid UTF-8 (RFC 3629: no surrogates, nothing
 * overlong), and one character of what CI services take for a command. At the start of the text,
 * after any blanks: "::" (GitHub), "---", "+++", "~~~", "^^^" (Buildkite). Anywhere: "##[" and
 * "##word[" (GitHub, Azure, TeamCity), "section_start:", "section_end:" (GitLab), "travis_fold:",
 * "travis_time:". ESCAPE_TERMINAL: also all other control characters (C0 including newline and tab,
 * C1), characters that reorder text (Unicode bidi), are invisible, end a line, or are blanks other
 * than ' '. ESCAPE_ASCII: also everything
 * else beyond ASCII.
 */
#ifndef WORMSIGN_ESCAPE_H
#define WORMSIGN_ESCAPE_H

#include "base/buf.h"

enum {
	ESCAPE_JSON = 0, /* valid UTF-8; a JSON writer escapes the control characters as \u00NN */
	ESCAPE_TERMINAL = 1,
	ESCAPE_ASCII = 2,
};

/* Append the bytes, escaped; how: ESCAPE_ bits. */
void escape(struct buf *out, const char *bytes, size_t len, unsigned how);
/* Append the original bytes. Text that escape() did not write is copied as it is. */
void escape_undo(struct buf *out, const char *text, size_t len);

#endif
