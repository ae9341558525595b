/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict_rule.h - the rule behind a verdict, as logs and people are shown it: one of the rules
 * loaded, or what the engine decides without one.
 */
#ifndef WORMSIGN_VERDICT_RULE_H
#define WORMSIGN_VERDICT_RULE_H

#include "policy/ruleset.h"

/* Strings belong to the ruleset, or are constants; id, title and family are never NULL. */
struct verdict_rule {
	const char *id, *title, *why, *remedy, *family;
	enum ws_severity severity;
	enum ws_action action;
	const struct rule *rule; /* NULL: the engine's */
};

/* index: as in a verdict's record; one that is not known gives "engine-unknown". rules: may be
 * NULL. */
void verdict_rule(struct verdict_rule *ret, const struct ruleset *rules, uint32_t index);
/* The verdict about a script that looks for many hidden files of the home. */
void verdict_rule_search(struct verdict_rule *ret);
/* The verdict about a package's program that the project runs in place of the system's. */
void verdict_rule_shadowed(struct verdict_rule *ret);
/* The first rule about processes of this actor that outlive the command, else the engine's. */
void verdict_rule_outlive(struct verdict_rule *ret, const struct ruleset *rules, unsigned actor);

/* The ids of the rules that are none of a file, one after the other; NULL after the last. */
const char *verdict_rule_engine_id(size_t n);

#endif
