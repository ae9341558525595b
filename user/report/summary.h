/* SPDX-License-Identifier: GPL-2.0-only */
/* summary.h - a session summed up for people, in a few lines on the terminal. */
#ifndef WORMSIGN_SUMMARY_H
#define WORMSIGN_SUMMARY_H

#include "events/scope_table.h"
#include "events/session_facts.h"
#include "policy/ruleset.h"
#include "report/findings.h"
#include "report/terminal.h"

/* Nothing is owned. */
struct summary {
	const struct session_end *end;
	const struct session_counts *counts;
	const struct findings *findings;
	struct scope_table *scopes;
	const struct buf *ended;       /* lines: processes of scripts that outlived the command */
	const struct residue *residue; /* NULL: nobody has looked */
	const char *home;	       /* of the user, for paths; NULL: not known */
	const struct ruleset *rules;
	enum ws_mode mode;
	enum ws_backend backend;
	enum ws_action strongest;
	uint64_t ns;	      /* duration of the session */
	const char *log_path; /* NULL: no log was written */
	const char *log_lost; /* what happened to a log that is not as written; NULL: it is */
	int log_error;	      /* negative errno: part of the log is missing; 0: it is complete */
};

/* Write it to t. only_trouble (--quiet): write nothing unless something was lost. */
void summary_print(struct terminal *t, const struct summary *s, bool only_trouble);

#endif
