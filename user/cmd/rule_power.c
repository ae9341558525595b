// SPDX-License-Identifier: GPL-2.0-only
/* rule_power.c - compare what a rule demands with what the hooks can do. */
#include "cmd/rule_power.h"

#include <string.h>

#include "policy/names.h"

const char *rule_power_name(enum rule_power p)
{
	static const char *const names[] = { "blind", "watch", "kill", "deny" };

	return names[p];
}

const char *op_power_name(enum op_power p)
{
	static const char *const names[] = { [POWER_BLIND] = "blind",
					     [POWER_WATCH] = "watch",
					     [POWER_KILL_AFTER] = "kill-after",
					     [POWER_KILL_BEFORE] = "kill-before",
					     [POWER_DENY] = "deny" };

	return names[p];
}

static enum rule_power power_for(enum ws_action action, enum op_power power)
{
	if (power == POWER_BLIND)
		return RULE_BLIND;
	if (action <= WS_ALERT || power == POWER_WATCH)
		return RULE_WATCH;
	if (power == POWER_DENY)
		return RULE_DENY;
	/* what cannot be refused cannot be hidden either, and a rule that hides does not kill */
	return action == WS_HIDE ? RULE_WATCH : RULE_KILL;
}

enum rule_power rule_power(const struct rule *r, const struct op_powers *p, enum ws_op *ret_op)
{
	enum rule_power weakest = RULE_DENY, becomes;
	enum op_power weakest_op = POWER_DENY;
	bool first = true;

	for (enum ws_op op = WS_OP_NONE + 1; op < WS_OP_MAX; op++) {
		enum op_power here;

		if (!(r->ops & (1u << op)))
			continue;
		here = p->of[op];
		becomes = power_for(r->action, here);
		if (first || becomes < weakest || (becomes == weakest && here < weakest_op)) {
			weakest = becomes;
			weakest_op = here;
			*ret_op = op;
		}
		first = false;
	}
	return weakest;
}

bool rule_power_suffices(const struct rule *r, const struct op_powers *p)
{
	enum ws_op weakest = WS_OP_NONE;

	switch (rule_power(r, p, &weakest)) {
	case RULE_BLIND:
		return false;
	case RULE_WATCH:
		return r->action <= WS_ALERT;
	case RULE_KILL: /* outliving the command is over only when it is killed */
		return p->of[weakest] != POWER_KILL_AFTER || weakest == WS_OP_OUTLIVE;
	default:
		return true;
	}
}

/* What becomes of an operation, in words. */
static const char *consequence(enum ws_action action, enum op_power power, enum ws_op op)
{
	if (power == POWER_BLIND)
		return "not seen, this kernel has no hook for it";
	if (action <= WS_ALERT)
		return "reported, as the rule wants";
	if (power == POWER_WATCH)
		return "only reported, the hook can neither refuse nor kill";
	if (power == POWER_DENY)
		return action == WS_HIDE && (1u << op & ops_with_path()) ? "hidden" : "refused";
	if (action == WS_HIDE)
		return 1u << op & ops_with_path()
			       ? "only reported, hiding it takes a hook that can refuse"
			       : "only reported, the hook cannot refuse, and the rule does not "
				 "kill";
	if (op == WS_OP_OUTLIVE)
		return "killed when the command has ended";
	return power == POWER_KILL_BEFORE ? "killed before the result can be used"
					  : "killed after it has taken effect once";
}

/* Append the operations of r with this consequence, "write create"; returns their bits. */
static uint32_t add_alike(struct buf *out, const struct rule *r, const struct op_powers *p,
			  const char *words)
{
	uint32_t alike = 0;

	for (enum ws_op op = WS_OP_NONE + 1; op < WS_OP_MAX; op++)
		if ((r->ops & (1u << op)) &&
		    strcmp(consequence(r->action, p->of[op], op), words) == 0) {
			buf_addf(out, "%s%s", alike ? " " : "", op_name(op));
			alike |= 1u << op;
		}
	return alike;
}

void rule_power_explain(struct buf *out, const struct rule *r, const struct op_powers *p)
{
	uint32_t left = r->ops;

	for (enum op_power power = POWER_BLIND; power <= POWER_DENY; power++)
		for (enum ws_op op = WS_OP_NONE + 1; op < WS_OP_MAX; op++) {
			const char *words = consequence(r->action, power, op);

			if (!(left & (1u << op)) || p->of[op] != power)
				continue;
			buf_adds(out, left == r->ops ? "" : "; ");
			left &= ~add_alike(out, r, p, words);
			buf_addf(out, ": %s", words);
		}
}
