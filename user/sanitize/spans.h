/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spans.h - which parts of a text are secret. Those who find secrets add spans in any order; they
 * are then sorted once, and the text is written without them.
 */
#ifndef WORMSIGN_SPANS_H
#define WORMSIGN_SPANS_H

#include <stdbool.h>

#include "base/buf.h"

/* Stands in the place of each secret. */
#define REDACTED "[redacted]"

/* Bytes from (included) to (excluded) of a text. */
struct span {
	size_t from, to;
};

/* Zero before the first use. */
struct spans {
	struct span *at;
	size_t count, room;
	bool failed; /* memory ran out: the whole text counts as secret */
};

/* Nothing is added if from >= to. */
void spans_add(struct spans *s, size_t from, size_t to);
/* Sort the spans, and merge those that overlap or touch. Call before spans_write(). */
void spans_sort(struct spans *s);
/* Append the bytes from..to of text, with REDACTED in the place of each span or part of one. */
void spans_write(struct buf *out, const struct spans *s, const char *text, size_t from, size_t to);
void spans_free(struct spans *s);

#endif
