/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ci_report.h - what a session's log says of its alerts, as text for a job's log, workflow commands
 * of GitHub Actions, and Markdown. Everything that comes from the watched side is escaped so that
 * it is a part of one line, no command to a CI system, and no markup.
 */
#ifndef WORMSIGN_CI_REPORT_H
#define WORMSIGN_CI_REPORT_H

#include <jansson.h>
#include <stdint.h>

#include "base/buf.h"

#define CI_REPORT_ROWS	   50 /* more are only counted */
#define CI_REPORT_COMMANDS 10 /* GitHub shows no more of a step */

struct ci_report {
	struct buf text, commands, markdown; /* lines; begin with BUF_INIT */
	unsigned stopped;		     /* verdicts of deny and above that were carried out */
	unsigned alerts;		     /* the others */
	unsigned rows;
	unsigned left; /* for the next job */
};

#define CI_REPORT_INIT                                                       \
	{                                                                    \
		.text = BUF_INIT, .commands = BUF_INIT, .markdown = BUF_INIT \
	}

/* Add an event of a log; those that are no alerts are ignored. */
void ci_report_add(struct ci_report *r, const json_t *event);
/* Add what the job has left for the next one, in words that are redacted, not escaped; `more`: that
 * are not named. */
void ci_report_left(struct ci_report *r, const char *words, uint64_t more);
/* The first lines of the Markdown and the last of the text: how many there were. log: its path. */
void ci_report_sum(const struct ci_report *r, struct buf *text, struct buf *markdown,
		   const char *log);
void ci_report_free(struct ci_report *r);

#endif
