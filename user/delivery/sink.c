// SPDX-License-Identifier: GPL-2.0-only
/* sink.c - what all sinks do with a batch. */
#include "delivery/sink.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sink_all(struct sink_event *events, size_t count, enum sink_fate fate)
{
	for (size_t i = 0; i < count; i++)
		events[i].fate = fate;
}

void sink_why(struct sink_result *r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(r->why, sizeof(r->why), format, ap);
	va_end(ap);
	/* A receiver's answer may hold any bytes, and this text is shown on a terminal. */
	for (char *p = r->why; *p; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e)
			*p = '?';
}

#define LEAST_PIECE  8
#define LEAST_SECRET 4 /* bytes; what is shorter is in every text */

static void mark(bool *secret, const char *text, const struct sink_blob *b)
{
	size_t piece = b->len < LEAST_PIECE ? b->len : LEAST_PIECE, len = strlen(text);

	for (size_t i = 0; b->len >= LEAST_SECRET && i + piece <= len; i++)
		if (memmem(b->at, b->len, text + i, piece))
			memset(secret + i, true, piece);
}

void sink_hide(struct sink_result *r, const struct sink_settings *s)
{
	bool secret[sizeof(r->why)] = { false };

	/* of the others nothing is sent */
	mark(secret, r->why, &s->authorization);
	mark(secret, r->why, &s->proxy_authorization);
	for (size_t i = 0; r->why[i]; i++)
		if (secret[i])
			r->why[i] = '*';
}
