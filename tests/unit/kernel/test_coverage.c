// SPDX-License-Identifier: GPL-2.0-only
/* test_coverage.c - what hooks could do: by their power, not by the backend's name. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "kernel/coverage.h"
#include "kernel/hooks.h"
#include "some_rules.h"

/* The first hook of the table with this power that serves the operation. */
static struct hook_state a_hook(enum op_power power, enum ws_op op)
{
	for (size_t i = 0; i < hook_count; i++)
		if (hooks[i].power == power && (hooks[i].ops & (1u << op)))
			return (struct hook_state){ .name = hooks[i].name,
						    .program = hooks[i].section,
						    .ops = 1u << op,
						    .backend = WS_BACKEND_DENY };
	fail_msg("no hook of power %d for %s", power, op_name(op));
	return (struct hook_state){ 0 };
}

static void strongest_hook_counts(void **state)
{
	const struct hook_state states[] = {
		a_hook(POWER_KILL_BEFORE, WS_OP_READ),
		a_hook(POWER_DENY, WS_OP_READ),
		/* attached by the deny backend, and yet no refusal */
		a_hook(POWER_KILL_BEFORE, WS_OP_EXEC),
		a_hook(POWER_KILL_AFTER, WS_OP_UNLINK),
		{ .name = "new",
		  .program = "x",
		  .ops = 1u << WS_OP_LISTEN,
		  .backend = WS_BACKEND_WATCH },
		{ .name = "bpf",
		  .program = "x",
		  .ops = 1u << WS_OP_BPF,
		  .backend = WS_BACKEND_NONE },
	};
	struct op_coverage c = coverage_of(states, ARRAY_SIZE(states), NULL);

	(void)state;
	assert_int_equal(c.deny, 1u << WS_OP_READ);
	assert_int_equal(c.kill, 1u << WS_OP_EXEC | 1u << WS_OP_UNLINK);
	assert_int_equal(c.watch, 1u << WS_OP_LISTEN);
	assert_true(c.blind & 1u << WS_OP_BPF);
	assert_false(c.blind & 1u << WS_OP_NONE);
	assert_false(c.blind & 1u << WS_OP_OUTLIVE);
}

static void only_what_rules_are_about(void **state)
{
	struct hook_state states[] = { a_hook(POWER_DENY, WS_OP_READ) };
	struct op_coverage c = coverage_of(states, 1, some_rules(true));

	(void)state;
	assert_int_equal(c.deny, 1u << WS_OP_READ);
	assert_int_equal(c.blind, 1u << WS_OP_CONNECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strongest_hook_counts),
		cmocka_unit_test(only_what_rules_are_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
