// SPDX-License-Identifier: GPL-2.0-only
/* coverage.c - which operations are refused, only watched, or not seen. */
#include "coverage.h"

struct coverage coverage_of(const struct hook_state *hooks, size_t count,
			    const struct ruleset *rules)
{
	uint32_t wanted = rules ? 0 : (1u << WS_OP_MAX) - 2;
	struct coverage c = { 0 };

	for (size_t i = 0; rules && i < rules->count; i++)
		wanted |= rules->rules[i].ops;
	wanted &= ~(1u << WS_OP_OUTLIVE); /* user space sees that one by itself */
	for (size_t i = 0; i < count; i++) {
		if (hooks[i].backend == WS_BACKEND_DENY)
			c.deny |= hooks[i].ops;
		else if (hooks[i].backend == WS_BACKEND_WATCH)
			c.watch |= hooks[i].ops;
	}
	c.deny &= wanted;
	c.watch &= wanted & ~c.deny;
	c.blind = wanted & ~c.deny & ~c.watch;
	return c;
}

void coverage_names(struct buf *out, uint32_t ops)
{
	for (unsigned op = 0; op < WS_OP_MAX; op++)
		if ((ops & (1u << op)) && op_name(op))
			buf_addf(out, " %s", op_name(op));
}
