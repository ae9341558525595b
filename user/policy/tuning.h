/* SPDX-License-Identifier: GPL-2.0-only */
/* tuning.h - a site's change to a rule of an earlier directory: read it, and apply it. */
#ifndef WORMSIGN_TUNING_H
#define WORMSIGN_TUNING_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "base/error.h"
#include "policy/rule.h"

struct tuning {
	char *tune, *reason, *expires;
	char *file;
	struct rule change; /* its unless_ lists; severity and action, where set_ says so */
	bool set_severity, set_action, set_enabled, enabled;
};

/*
 * 0 and an owned *ret, to be freed with tuning_done(); -EINVAL with `file` and the JSON pointer in
 * e; -ENOMEM.
 */
int tuning_parse(struct tuning *ret, json_t *object, const char *file, struct error *e);
/* Days, UTC, until its last day; 0: this is its last day; negative: it has expired. */
long tuning_days_left(const struct tuning *t, time_t now);
void tuning_done(struct tuning *t);

/*
 * Change r as t says, and add a note to r->tuned. -EINVAL: the rule would no longer be a valid one
 * (rule_check.h); -ENOMEM.
 */
int tuning_apply(const struct tuning *t, struct rule *r, struct error *e);

#endif
