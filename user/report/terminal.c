// SPDX-License-Identifier: GPL-2.0-only
/* terminal.c - blocks of lines for people. */
#include "report/terminal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/write_quietly.h"
#include "sanitize/escape.h"
#include "sanitize/known_secrets.h"

#define LABEL_WIDTH 9 /* columns of a label and the blank after it */
#define INDENT	    2

/* If the reader has stopped, a block is lost rather than the session delayed. */
#define WAIT_MS 1000

/* Whether the environment says that the terminal shows UTF-8. Read here, because wormsign itself
 * may run in the locale "C". */
static bool is_utf8(void)
{
	const char *names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]), *dot;

		if (!value || !*value)
			continue;
		dot = strrchr(value, '.');
		return dot && (strncasecmp(dot + 1, "UTF-8", 5) == 0 ||
			       strncasecmp(dot + 1, "UTF8", 4) == 0);
	}
	return false;
}

unsigned terminal_how(void)
{
	return is_utf8() ? ESCAPE_TERMINAL : ESCAPE_TERMINAL | ESCAPE_ASCII;
}

void terminal_open(struct terminal *t, int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size;

	*t = (struct terminal){ .fd = fd, .how = terminal_how() };
	t->block = (struct buf)BUF_INIT;
	if (fd < 0 || !isatty(fd))
		return;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		t->width = size.ws_col;
	t->colour = !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

void terminal_close(struct terminal *t)
{
	buf_free(&t->block);
}

static void paint(struct terminal *t, enum paint colour, const char *text)
{
	static const char *const codes[] = { [PAINT_PLAIN] = "",
					     [PAINT_ALARM] = "\033[1;31m",
					     [PAINT_TITLE] = "\033[1m",
					     [PAINT_DIM] = "\033[2m" };

	if (t->colour)
		buf_adds(&t->block, codes[colour]);
	buf_adds(&t->block, text);
	if (t->colour && colour != PAINT_PLAIN)
		buf_adds(&t->block, "\033[0m");
}

/* The caller has redacted the text. Secrets of this session are removed again, in case it
 * forgot. */
static void add_text(struct buf *out, const char *text, unsigned how)
{
	_buf_ struct buf clean = BUF_INIT;

	known_secrets_redact(&clean, text, strlen(text), KNOWN_SECRETS_LONG);
	escape(out, clean.at, clean.len, how);
}

void terminal_begin(struct terminal *t, enum paint colour, const char *heading, const char *rest)
{
	buf_reset(&t->block);
	/* The command may have left the cursor in the middle of a line. */
	buf_addc(&t->block, '\n');
	buf_adds(&t->block, "wormsign: ");
	paint(t, colour, heading);
	if (rest)
		add_text(&t->block, rest, t->how);
	buf_addc(&t->block, '\n');
}

/* Columns of escaped text, taken as its number of characters. */
static size_t columns(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

void terminal_row(struct terminal *t, const char *label, const char *value)
{
	size_t margin = INDENT + LABEL_WIDTH, column = margin, label_len = strlen(label);
	_buf_ struct buf text = BUF_INIT;
	const char *at, *end;

	add_text(&text, value, t->how);
	buf_fill(&t->block, ' ', INDENT);
	paint(t, PAINT_DIM, label);
	buf_fill(&t->block, ' ', label_len < LABEL_WIDTH ? LABEL_WIDTH - label_len : 1);
	end = text.at + text.len;
	for (at = text.at; at < end;) {
		const char *stop = at;
		size_t width;
		bool command;

		while (stop < end && *stop == ' ')
			stop++;
		while (stop < end && *stop != ' ')
			stop++;
		width = columns(at, stop - at);
		/* A line of a job log that begins with "::" would be a workflow command. */
		command = stop - at >= 3 && memcmp(at, " ::", 3) == 0;
		if (t->width && column > margin && column + width > (size_t)t->width && !command) {
			buf_addc(&t->block, '\n');
			buf_fill(&t->block, ' ', margin);
			column = margin;
			while (at < stop && *at == ' ')
				at++;
			width = columns(at, stop - at);
		}
		buf_add(&t->block, at, stop - at);
		column += width;
		at = stop;
	}
	buf_addc(&t->block, '\n');
}

/*
 * Write in pieces of PIPE_BUF: a pipe that is ready takes that much at once, so no write blocks.
 * The descriptor may also be non-blocking, as npm makes the terminal that it shares with us.
 */
void terminal_write(int fd, const char *at, size_t len)
{
	int64_t until = clock_ms() + WAIT_MS, left;

	while (len && (left = until - clock_ms()) >= 0) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		int ready = poll(&p, 1, (int)left);
		ssize_t n;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 || !(p.revents & POLLOUT))
			return;
		n = write_quietly(fd, at, len < PIPE_BUF ? len : PIPE_BUF);
		if (n < 0 && errno != EAGAIN)
			return;
		if (n > 0) {
			at += n;
			len -= n;
		}
	}
}

void terminal_end(struct terminal *t)
{
	if (t->fd >= 0 && !t->block.failed)
		terminal_write(t->fd, t->block.at, t->block.len);
	buf_reset(&t->block);
}
