/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rulesdirs.h - where rules are read from, in the order of ruleset_load(): the shipped ones (beside
 * a binary in its build tree, else where they were installed), the site's, then those named on the
 * command line.
 */
#ifndef WORMSIGN_RULESDIRS_H
#define WORMSIGN_RULESDIRS_H

#include <stddef.h>

#include "error.h"

#define RULESDIRS_SITE "/etc/wormsign/rules.d"

struct rulesdirs {
	char **at;
	size_t count;
	char *text; /* all of them, for messages: "a, b" */
};

/* extra: NULL-ended, may be NULL. -ENOENT with e when the shipped rules are nowhere; -ENOMEM. */
int rulesdirs_find(struct rulesdirs *ret, const char *const *extra, struct error *e);
void rulesdirs_free(struct rulesdirs *d);

#endif
