// SPDX-License-Identifier: GPL-2.0-only
/* sink.c - what all sinks do with a batch. */
#include "delivery/sink.h"

#include <stdarg.h>
#include <stdio.h>

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
