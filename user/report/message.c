// SPDX-License-Identifier: GPL-2.0-only
/* message.c - one line for people. */
#include "report/message.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/buf.h"
#include "report/terminal.h"
#include "sanitize/escape.h"
#include "sanitize/redact_text.h"

void message(const char *format, ...)
{
	_buf_ struct buf text = BUF_INIT, clean = BUF_INIT, line = BUF_INIT;
	va_list ap;

	va_start(ap, format);
	buf_addv(&text, format, ap);
	va_end(ap);
	redact_text(&clean, text.at, text.len, false);
	buf_adds(&line, "wormsign: ");
	escape(&line, clean.at, clean.len, terminal_how());
	buf_addc(&line, '\n');
	if (!line.failed)
		terminal_write(STDERR_FILENO, line.at, line.len);
}
