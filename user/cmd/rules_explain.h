/* SPDX-License-Identifier: GPL-2.0-only */
/* rules_explain.h - `wormsign rules explain`: what the rules say about one operation, and why. */
#ifndef WORMSIGN_RULES_EXPLAIN_H
#define WORMSIGN_RULES_EXPLAIN_H

#include <jansson.h>

#include "base/error.h"
#include "policy/ruleset.h"
#include "policy/tables.h"

/*
 * Words of the command line as an operation in JSON (operation.h), owned by the caller: OP ACTOR
 * [OBJECT] [KEY=VALUE]..., and argv, NULL or what stood behind `--`; both NULL-ended. -EINVAL: a
 * word is neither, is given twice, or does not apply to OP.
 */
int explain_describe(json_t **ret, char *const *words, char *const *argv, struct error *e);

/* Print it to stdout. -EINVAL with e: the words describe no operation. */
int rules_explain(const struct ruleset *rules, const struct tables *tables, char *const *words,
		  char *const *argv, struct error *e);

#endif
