// SPDX-License-Identifier: GPL-2.0-only
/* error.c - the explanation of one error. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *e, int err, const char *format, ...)
{
	va_list ap;

	if (!e || e->text[0])
		return err;
	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	/* A file name or a pattern in it may hold anything, and this must stay one line. */
	for (char *p = e->text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	return err;
}
