// SPDX-License-Identifier: GPL-2.0-only
/* coverage.c - what the hooks of a session could do to the operations that its rules are about. */
#include "kernel/coverage.h"

#include <string.h>

#include "kernel/hooks.h"

enum op_power coverage_power(const struct hook_state *h)
{
	if (h->backend == WS_BACKEND_NONE)
		return POWER_BLIND;
	/* Two rows may share a name, one for each backend: the program tells them apart. */
	for (size_t i = 0; h->program && i < hook_count; i++)
		if (strcmp(hooks[i].name, h->name) == 0 &&
		    (h->lsm[0] ? hooks[i].backend == HOOK_DENY
			       : strcmp(hooks[i].section, h->program) == 0))
			return hooks[i].power;
	return POWER_WATCH;
}

struct op_coverage coverage_of(const struct hook_state *states, size_t count,
			       const struct ruleset *rules)
{
	uint32_t wanted = rules ? 0 : (1u << WS_OP_MAX) - 2;
	struct op_coverage c = { 0 };

	for (size_t i = 0; rules && i < rules->count; i++)
		wanted |= rules->rules[i].ops;
	wanted &= ~(1u << WS_OP_OUTLIVE); /* user space sees that one by itself */
	for (size_t i = 0; i < count; i++) {
		enum op_power power = coverage_power(&states[i]);

		if (power == POWER_DENY)
			c.deny |= states[i].ops;
		else if (power == POWER_KILL_BEFORE || power == POWER_KILL_AFTER)
			c.kill |= states[i].ops;
		else if (power == POWER_WATCH)
			c.watch |= states[i].ops;
	}
	c.deny &= wanted;
	c.kill &= wanted & ~c.deny;
	c.watch &= wanted & ~c.deny & ~c.kill;
	c.blind = wanted & ~c.deny & ~c.kill & ~c.watch;
	return c;
}
