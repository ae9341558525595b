/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_check.h - what the keys of one rule demand of each other. */
#ifndef WORMSIGN_RULE_CHECK_H
#define WORMSIGN_RULE_CHECK_H

#include "error.h"
#include "ruleset.h"

/* -EINVAL when a condition of r can never be met, or its action cannot be carried out on one of its
 * operations. */
int rule_check(const struct rule *r, struct error *e);
/* The same, naming another file than the rule's own: the one that made it wrong. */
int rule_check_named(const struct rule *r, const char *file, struct error *e);
/* -EINVAL when a string is in the list twice. */
int rule_check_twice(const struct strings *s, const char *file, const char *pointer,
		     struct error *e);

/* Operations (bit per enum ws_op) whose object has a path, an address. */
uint32_t ops_with_path(void);
uint32_t ops_with_address(void);

#endif
