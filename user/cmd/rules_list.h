/* SPDX-License-Identifier: GPL-2.0-only */
/* rules_list.h - rules as tables on stdout, for `wormsign rules`. */
#ifndef WORMSIGN_RULES_LIST_H
#define WORMSIGN_RULES_LIST_H

#include "policy/ruleset.h"

/* One line for each rule of set, in its order (strongest first). */
void rules_list(const struct ruleset *set);
/* Everything about one rule. */
void rules_list_one(const struct rule *r);
/* A row for each rule that a site has tuned, which says how. */
void rules_list_tuned(const struct ruleset *set);

#endif
