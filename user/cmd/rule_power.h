/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_power.h - what a rule comes to on a machine, given what can be done to each operation. */
#ifndef WORMSIGN_RULE_POWER_H
#define WORMSIGN_RULE_POWER_H

#include "base/buf.h"
#include "kernel/power.h"
#include "policy/rule.h"

/* What becomes of the operations of one rule: not seen; reported; carried out, and the caller
 * killed; refused. */
enum rule_power { RULE_BLIND = 0, RULE_WATCH, RULE_KILL, RULE_DENY };

/* What can be done to each operation, by enum ws_op. */
struct op_powers {
	enum op_power of[WS_OP_MAX];
};

/* The weakest over the operations of the rule; *ret_op is the operation that is the weakest. */
enum rule_power rule_power(const struct rule *r, const struct op_powers *p, enum ws_op *ret_op);

/* Whether what the rule demands is done, and before the operation has taken effect. */
bool rule_power_suffices(const struct rule *r, const struct op_powers *p);

/* Append what becomes of each operation, the weakest first: "rename: killed after it has taken
 * effect once; write create: killed before the result can be used". */
void rule_power_explain(struct buf *out, const struct rule *r, const struct op_powers *p);

const char *rule_power_name(enum rule_power p);
const char *op_power_name(enum op_power p);

#endif
