/* SPDX-License-Identifier: GPL-2.0-only */
/* shown.h - a terminal whose output a test reads. */
#ifndef TESTS_SHOWN_H
#define TESTS_SHOWN_H

#include "report/terminal.h"

struct shown {
	struct terminal terminal; /* writes to a pipe, in UTF-8, without colours */
	int fds[2];
	char text[65536];
};

void shown_open(struct shown *s);
void shown_close(struct shown *s);
/* What was written since the last call; valid until the next one. */
const char *shown_text(struct shown *s);

/* Whether text holds this whole row: "  LABEL    VALUE" with LABEL in its column. */
bool shown_row(const char *text, const char *label, const char *value);

#endif
