/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * known_secrets.h - the values that this session must not repeat: those of its secret variables and
 * configuration files. They are found in any text, whatever their shape, as they are and as people
 * and programs encode them: percent and backslash escapes, JSON, base64 (both alphabets, at any
 * offset, so in "user:password" too), hex, any of these within another, and each of them wrapped to
 * lines, as base64 and xxd do. Case is ignored, as host names lose it.
 *
 * There is one set in the process. It is held in memory that is not swapped, is left out of core
 * dumps, and is empty in a forked child; known_secrets_close() overwrites it.
 */
#ifndef WORMSIGN_KNOWN_SECRETS_H
#define WORMSIGN_KNOWN_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "sanitize/spans.h"

/* -errno with e. Does nothing if it is open already. */
int known_secrets_open(struct error *e);
void known_secrets_close(void);

/*
 * Add a value, and each long word and line of it. Not added are values that everybody knows or that
 * are too short to be distinguished from other text: fewer than 6 characters, 6 or 7 of one kind,
 * the default passwords of well-known images.
 */
void known_secrets_add(const char *value, size_t len);

/* Values that found no room. */
size_t known_secrets_left_out(void);

enum known_secrets_how {
	KNOWN_SECRETS_CUT = 1, /* the text was truncated: half a value at its end counts */
	/* Only values that cannot be ordinary words: for texts that hold words of our own. */
	KNOWN_SECRETS_LONG = 2,
};

/* Add to *ret the spans of the text that hold a value. how: the bits above. */
void known_secrets_find(struct spans *ret, const char *text, size_t len, unsigned how);

/* Append the text, with REDACTED in the place of each value. */
void known_secrets_redact(struct buf *out, const char *text, size_t len, unsigned how);

#endif
