/* SPDX-License-Identifier: GPL-2.0-only */
/* rules.h - the rule set that the agent's sessions share: read once, from directories that only
 * root can change. */
#ifndef WORMSIGN_RULES_H
#define WORMSIGN_RULES_H

#include "agent/config.h"
#include "policy/op_coverage.h"
#include "policy/rule_dirs.h"
#include "policy/ruleset.h"
#include "policy/tables.h"

struct agent_rules {
	struct rule_dirs dirs;
	struct ruleset *set;
	struct tables *tables;
	int image;	 /* descriptor of a sealed file with ruleset_image(); -1: none */
	int session_log; /* index of that rule; -1: it is not loaded */
	struct op_coverage power;
};

/* 0, or -errno with e; -EPERM: others can write where the rules are. Free it in any case. */
int agent_rules_read(struct agent_rules *ret, const struct config *config, struct error *e);
void agent_rules_free(struct agent_rules *r);

#endif
