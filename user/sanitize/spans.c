// SPDX-License-Identifier: GPL-2.0-only
/* spans.c - which parts of a text are secret. */
#include "sanitize/spans.h"

#include <stdlib.h>

void spans_add(struct spans *s, size_t from, size_t to)
{
	size_t room = s->room ? s->room * 2 : 8;
	struct span *at;

	if (from >= to)
		return;
	if (s->count == s->room) {
		at = realloc(s->at, room * sizeof(*at));
		if (!at) {
			s->failed = true;
			return;
		}
		s->at = at;
		s->room = room;
	}
	s->at[s->count++] = (struct span){ from, to };
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

void spans_sort(struct spans *s)
{
	size_t kept = 0;

	if (s->count > 1)
		qsort(s->at, s->count, sizeof(*s->at), by_start);
	for (size_t i = 0; i < s->count; i++) {
		struct span *last = kept ? &s->at[kept - 1] : NULL;

		if (!last || s->at[i].from > last->to)
			s->at[kept++] = s->at[i];
		else if (s->at[i].to > last->to)
			last->to = s->at[i].to;
	}
	s->count = kept;
}

/* The first span that ends behind `from`. */
static size_t first_behind(const struct spans *s, size_t from)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->at[middle].to > from)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void spans_write(struct buf *out, const struct spans *s, const char *text, size_t from, size_t to)
{
	if (s->failed && from < to) {
		buf_adds(out, REDACTED);
		return;
	}
	for (size_t i = first_behind(s, from); i < s->count && s->at[i].from < to; i++) {
		if (s->at[i].from > from)
			buf_add(out, text + from, s->at[i].from - from);
		buf_adds(out, REDACTED);
		from = s->at[i].to;
	}
	if (from < to)
		buf_add(out, text + from, to - from);
}

void spans_free(struct spans *s)
{
	free(s->at);
	*s = (struct spans){ 0 };
}
