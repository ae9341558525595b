// SPDX-License-Identifier: GPL-2.0-only
/* buf.c - a byte string that grows. */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What every empty buf points to. It is shared, and never changes: all that is ever written to it
 * is the NUL that it holds already. */
char buf_empty[1];

/* Allocate for `more` bytes and the NUL after them. */
static bool make_room(struct buf *b, size_t more)
{
	size_t room = b->room < 64 ? 64 : b->room;
	char *p;

	if (b->failed)
		return false;
	if (more >= SIZE_MAX / 4 - b->len) {
		b->failed = true;
		return false;
	}
	if (b->len + more < b->room)
		return true;
	while (room <= b->len + more)
		room *= 2;
	p = realloc(b->room ? b->at : NULL, room);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->at = p;
	b->room = room;
	b->at[b->len] = '\0';
	return true;
}

void buf_free(struct buf *b)
{
	if (b->room)
		free(b->at);
	*b = (struct buf)BUF_INIT;
}

void buf_reset(struct buf *b)
{
	b->failed = false;
	buf_cut(b, 0);
}

void buf_cut(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->at[len] = '\0';
}

char *buf_take(struct buf *b)
{
	char *p;

	if (!make_room(b, 0)) {
		buf_free(b);
		return NULL;
	}
	p = b->at;
	*b = (struct buf)BUF_INIT;
	return p;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (!len || !make_room(b, len))
		return;
	memcpy(b->at + b->len, bytes, len);
	b->len += len;
	b->at[b->len] = '\0';
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_fill(struct buf *b, char c, size_t count)
{
	if (!count || !make_room(b, count))
		return;
	memset(b->at + b->len, c, count);
	b->len += count;
	b->at[b->len] = '\0';
}

void buf_addv(struct buf *b, const char *format, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	if (n < 0)
		b->failed = true;
	else if (make_room(b, n)) {
		vsnprintf(b->at + b->len, (size_t)n + 1, format, again);
		b->len += n;
	}
	va_end(again);
}

void buf_addf(struct buf *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	buf_addv(b, format, ap);
	va_end(ap);
}
