/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict_sum.h - the sums of a session's verdicts: the findings for the summary, the counts, and
 * the strongest verdict, on which the exit status depends.
 */
#ifndef WORMSIGN_VERDICT_SUM_H
#define WORMSIGN_VERDICT_SUM_H

#include "base/tally.h"
#include "events/session_facts.h"
#include "report/findings.h"
#include "wire.h"

/* A script that looks for so many different hidden files of the home is searching it. That is only
 * an alert, so too low a number costs no more than a line of output. */
#define SEARCH_MOST 10

struct verdict_sum {
	struct findings findings;
	struct session_counts counts;
	struct tally tally;
	uint64_t carried_out; /* records of verdicts of deny and above, in enforce mode */
	enum ws_action strongest;
	const char *home, *cwd; /* of the command; not owned, may be "" */
};
#define VERDICT_SUM_INIT                                           \
	{                                                          \
		.tally = TALLY_INIT(65536), .home = "", .cwd = "", \
	}

void verdict_sum_free(struct verdict_sum *s);

/* Enter a verdict other than WS_ALLOW. Returns whether it completes a search of its script: many
 * hidden files of the home, which is an alert of its own (rule home-search). */
bool verdict_sum_add(struct verdict_sum *s, const struct ws_rec_verdict *r);
/* Enter an alert of user space's own: rule as in struct finding. */
void verdict_sum_alert(struct verdict_sum *s, const struct ws_head *who, uint32_t rule,
		       enum ws_mode mode, const char *tried);
/* Whether what a rule hides was hidden. */
bool verdict_sum_withheld(const struct ws_rec_verdict *r);
/* A verdict of this action was carried out (in audit mode: would have been). */
void verdict_sum_strengthen(struct verdict_sum *s, enum ws_mode mode, enum ws_action action);

/*
 * Verdicts of one class that the kernel counted without a record. Returns how many; *ret_finding:
 * what they are entered in, *ret_sample: what they were about ("~/Documents"), NULL: not known.
 */
uint64_t verdict_sum_fold(struct verdict_sum *s, const struct ws_reported *r,
			  const struct finding **ret_finding, const char **ret_sample);
/* The kernel's own count of verdicts holds those, too, whose records found no room. */
void verdict_sum_end(struct verdict_sum *s, const struct session_end *end);

#endif
