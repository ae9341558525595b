/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_view.h - a text with one encoding undone, which still knows where in the original each of
 * its bytes came from.
 */
#ifndef WORMSIGN_TEXT_VIEW_H
#define WORMSIGN_TEXT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sanitize/spans.h"

struct text_view {
	const char *bytes;
	size_t len;
	/* Byte i stands for the original's bytes from[i]..to[i] (excluded); NULL: for the one byte
	 * base + i. */
	const uint32_t *from, *to;
	size_t base;
	void *owned; /* what view_free() frees; NULL for a view of the original */
};

/* Longer texts have no decoded view. */
#define TEXT_VIEW_MAX UINT32_MAX

static inline size_t view_from(const struct text_view *v, size_t i)
{
	return v->from ? v->from[i] : v->base + i;
}

static inline size_t view_to(const struct text_view *v, size_t i)
{
	return v->to ? v->to[i] : v->base + i + 1;
}

/* Whether nothing was left out between byte i and the one before it. */
static inline bool view_joins(const struct text_view *v, size_t i)
{
	return view_to(v, i - 1) == view_from(v, i);
}

/* The view's bytes from..to (excluded), which lives as long as v. */
static inline struct text_view view_part(const struct text_view *v, size_t from, size_t to)
{
	return (struct text_view){
		.bytes = v->bytes + from,
		.len = to - from,
		.from = v->from ? v->from + from : NULL,
		.to = v->to ? v->to + from : NULL,
		.base = v->base + from,
	};
}

/* Add the view's bytes from..to (excluded), as a span of the original. */
static inline void view_add_span(struct spans *ret, const struct text_view *v, size_t from,
				 size_t to)
{
	if (from < to)
		spans_add(ret, view_from(v, from), view_to(v, to - 1));
}

/*
 * Undo one encoding: %41 (URLs); \x41 and nothing else (what escape() writes); or \x41, \u0041,
 * \101, \n, \" and any other \c (C, JSON, JavaScript, shells); or the blanks, newlines and ends of
 * words within what was wrapped (base64, xxd -p). Each returns false if there is nothing to undo,
 * or no memory: then *ret_failed is set.
 */
bool view_undo_percent(struct text_view *ret, const struct text_view *v, bool *ret_failed);
bool view_undo_escape(struct text_view *ret, const struct text_view *v, bool *ret_failed);
bool view_undo_backslash(struct text_view *ret, const struct text_view *v, bool *ret_failed);
bool view_undo_breaks(struct text_view *ret, const struct text_view *v, bool *ret_failed);
void view_free(struct text_view *v);

#endif
