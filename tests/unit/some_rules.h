/* SPDX-License-Identifier: GPL-2.0-only */
/* some_rules.h - a small set of rules made in memory, for tests. */
#ifndef TESTS_SOME_RULES_H
#define TESTS_SOME_RULES_H

#include "policy/ruleset.h"

/* Indices in it. */
enum { RULE_SECRET = 0, RULE_HOME, RULE_NPMRC, RULE_OUTLIVE_ALERT, SOME_RULES };

/* Static: not to be freed. The last one (RULE_OUTLIVE_ALERT) is only part of it when asked for. */
const struct ruleset *some_rules(bool outlive);

#endif
