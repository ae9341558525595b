/* SPDX-License-Identifier: GPL-2.0-only */
/* summary.h - the end of a session in a few lines for people. */
#ifndef WORMSIGN_SUMMARY_H
#define WORMSIGN_SUMMARY_H

#include "event.h"
#include "findings.h"
#include "observer.h"
#include "scope_table.h"
#include "terminal.h"

struct summary {
	const struct observer_end *end;
	const struct event_counts *counts;
	const struct findings *findings;
	struct scope_table *scopes;
	const struct ruleset *rules;
	enum ws_mode mode;
	enum ws_backend backend;
	enum ws_action strongest;
	uint64_t ns;	      /* how long it took */
	const char *log_path; /* NULL: none was kept */
	int log_error;	      /* why part of the log is missing; 0: it is not */
};

/* Write it to t. only_trouble (--quiet): nothing unless something was lost. */
void summary_print(struct terminal *t, const struct summary *s, bool only_trouble);

#endif
