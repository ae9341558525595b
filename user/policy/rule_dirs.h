/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rule_dirs.h - the directories that rules are read from, in the order of ruleset_load(): the
 * shipped ones (beside a binary in its build tree, else where they were installed), the site's,
 * then those named on the command line.
 */
#ifndef WORMSIGN_RULE_DIRS_H
#define WORMSIGN_RULE_DIRS_H

#include "base/error.h"
#include "policy/rule.h"

#define RULE_DIRS_SITE "/etc/wormsign/rules.d"

struct rule_dirs {
	struct strings list;
	size_t own; /* the first so many are the shipped ones and the site's */
	char *text; /* all of them, for messages: "a, b" */
};

/*
 * Fill *ret, to be freed with rule_dirs_done(). extra: those of the command line, NULL-ended; may
 * be NULL. -ENOENT: the shipped rules are nowhere; -ENOMEM; both explained in e.
 */
int rule_dirs_find(struct rule_dirs *ret, const char *const *extra, struct error *e);
void rule_dirs_done(struct rule_dirs *d);

#endif
