/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_dir.h - a directory of rule files that a test makes and loads. */
#ifndef TESTS_RULE_DIR_H
#define TESTS_RULE_DIR_H

#include "policy/compile.h"
#include "policy/ruleset.h"

struct rule_dir {
	char path[64];
};

void rule_dir_make(struct rule_dir *d);
/* Write text to NAME below d ("family/x.json"), making the directory it lies in. */
void rule_dir_put(const struct rule_dir *d, const char *name, const char *text);
/* Write a rule with these members beside the needed ones; `more` begins with a comma or is empty.
 */
void rule_dir_rule(const struct rule_dir *d, const char *id, const char *on, const char *action,
		   const char *more);
void rule_dir_remove(struct rule_dir *d);

/* Load and compile; fails the test on an error. */
void rule_dir_compile(const struct rule_dir *d, struct ruleset **ret_rules,
		      struct tables **ret_tables);
/* Whether rule `id` is in m. */
int mask_has(const struct ws_mask *m, const struct ruleset *rules, const char *id);

#endif
