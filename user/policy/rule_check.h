/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_check.h - whether the keys of one rule fit together. */
#ifndef WORMSIGN_RULE_CHECK_H
#define WORMSIGN_RULE_CHECK_H

#include "base/error.h"
#include "policy/rule.h"

/*
 * 0, or -EINVAL with the file and the JSON pointer in e: a condition of r can never be met, or its
 * action cannot be carried out on one of its operations.
 */
int rule_check(const struct rule *r, struct error *e);
/* The same, but e names `file`, a tuning that changed r, instead of the rule's own file. */
int rule_check_named(const struct rule *r, const char *file, struct error *e);

#endif
