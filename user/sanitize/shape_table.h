/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shape_table.h - read the table of token shapes from its JSON text (rules/data/token-shapes.json).
 * Only the build, the tests and the fuzzer do that: the program has the table compiled in.
 *
 *   { "table": "token-shapes", "note": "...", "shapes": [
 *       { "id": "gitlab-pat", "shape": "glpat-[A-Za-z0-9_-]{20,}", "source": "gitleaks gitlab-pat"
 * },
 *
 * A shape is a sequence of literal characters (a '.' is a dot) and of runs "[SET]{LEAST}",
 * "{LEAST,}" or "{LEAST,MOST}". A run may come before the first literal, once. Instead of "shape"
 * an entry may have "shapes", a list. "options" is a list of:
 *   "inside"  may begin in the middle of a word
 *   "mixed"   its runs hold a letter and a digit
 *   "keep"    the first literal stays, only what follows is removed
 */
#ifndef WORMSIGN_SHAPE_TABLE_H
#define WORMSIGN_SHAPE_TABLE_H

#include <stddef.h>

#include "base/error.h"
#include "sanitize/shape.h"

/* name: for messages, "NAME: /shapes/3/shape: ..."; -EINVAL with e when the text is no such table.
 * Free with shape_table_free(). */
int shape_table_read(struct shape_table **ret, const char *name, const char *text, size_t len,
		     struct error *e);
void shape_table_free(struct shape_table *t);
static inline void shape_table_freep(struct shape_table **t)
{
	shape_table_free(*t);
}

#endif
