// SPDX-License-Identifier: GPL-2.0-only
/* shown.c - a terminal whose output a test reads. */
#include "shown.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"

void shown_open(struct shown *s)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	assert_int_equal(pipe2(s->fds, O_CLOEXEC | O_NONBLOCK), 0);
	terminal_open(&s->terminal, s->fds[1]);
	s->text[0] = '\0';
}

void shown_close(struct shown *s)
{
	terminal_close(&s->terminal);
	close(s->fds[0]);
	close(s->fds[1]);
}

const char *shown_text(struct shown *s)
{
	ssize_t n = read(s->fds[0], s->text, sizeof(s->text) - 1);

	s->text[n > 0 ? n : 0] = '\0';
	return s->text;
}

bool shown_row(const char *text, const char *label, const char *value)
{
	char row[4096];

	snprintf(row, sizeof(row), "\n  %-8s %s\n", label, value);
	return strstr(text, row) != NULL;
}
