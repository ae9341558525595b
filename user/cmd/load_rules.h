/* SPDX-License-Identifier: GPL-2.0-only */
/* load_rules.h - the rules that a command works with: the shipped ones, the site's, and those of
 * --rules. */
#ifndef WORMSIGN_LOAD_RULES_H
#define WORMSIGN_LOAD_RULES_H

#include "policy/rule_dirs.h"
#include "policy/ruleset.h"
#include "session/run_as.h"

/*
 * Fill *ret_dirs and *ret, which are the caller's. extra: of --rules, NULL-ended; they are read
 * with the rights of who, since error messages quote what they hold. Errors as ruleset_load().
 */
int load_rules(struct ruleset **ret, struct rule_dirs *ret_dirs, const char *const *extra,
	       const struct run_as *who, struct error *e);

#endif
