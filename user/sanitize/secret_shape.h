/* SPDX-License-Identifier: GPL-2.0-only */
/* secret_shape.h - secrets that are known by their shape, wherever they stand: tokens, JWTs,
 * private key blocks. */
#ifndef WORMSIGN_SECRET_SHAPE_H
#define WORMSIGN_SECRET_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "sanitize/shape.h"
#include "sanitize/spans.h"

/*
 * Whether a shape's first literal begins at text[at], and the shape matches there. Then *ret is the
 * secret, which can begin before `at`, but not before `from`. cut: the text was truncated, so the
 * beginning of a secret at its end counts as one.
 */
bool secret_shape(const char *text, size_t len, size_t from, size_t at, bool cut, struct span *ret);

/* The same for the shapes of this table, without private key blocks. */
bool shape_match(const struct shape_table *t, const char *text, size_t len, size_t from, size_t at,
		 bool cut, struct span *ret);

/* The table of rules/data/token-shapes.json. */
extern const struct shape_table token_shapes;

/* Whether a word can start at text[at]: what stands before it is no letter, digit or underscore,
 * or is an escape of a URL such as %3A. */
bool word_starts(const char *text, size_t at);

#endif
