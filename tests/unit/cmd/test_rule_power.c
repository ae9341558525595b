// SPDX-License-Identifier: GPL-2.0-only
/* test_rule_power.c - what a rule comes to, by what its operations' hooks can do. */
#include <string.h>

#include "base/cleanup.h"
#include "cmd/rule_power.h"
#include "cmocka_all.h"

static void the_weakest_counts(void **state)
{
	static const struct {
		enum ws_action action;
		enum op_power read, unlink;
		enum rule_power is;
		enum ws_op op;
	} table[] = {
		{ WS_KILL, POWER_DENY, POWER_DENY, RULE_DENY, WS_OP_READ },
		{ WS_DENY, POWER_DENY, POWER_KILL_AFTER, RULE_KILL, WS_OP_UNLINK },
		{ WS_KILL, POWER_KILL_AFTER, POWER_KILL_BEFORE, RULE_KILL, WS_OP_READ },
		{ WS_KILL, POWER_KILL_BEFORE, POWER_KILL_AFTER, RULE_KILL, WS_OP_UNLINK },
		{ WS_STOP, POWER_DENY, POWER_WATCH, RULE_WATCH, WS_OP_UNLINK },
		{ WS_KILL, POWER_BLIND, POWER_DENY, RULE_BLIND, WS_OP_READ },
		{ WS_ALERT, POWER_DENY, POWER_DENY, RULE_WATCH, WS_OP_READ },
		{ WS_ALERT, POWER_DENY, POWER_BLIND, RULE_BLIND, WS_OP_UNLINK },
		/* a rule that hides does not kill where it cannot hide */
		{ WS_HIDE, POWER_KILL_BEFORE, POWER_DENY, RULE_WATCH, WS_OP_READ },
		{ WS_HIDE, POWER_DENY, POWER_DENY, RULE_DENY, WS_OP_READ },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct rule r = { .action = table[i].action,
				  .ops = 1u << WS_OP_READ | 1u << WS_OP_UNLINK };
		struct op_powers p = {
			.of = { [WS_OP_READ] = table[i].read, [WS_OP_UNLINK] = table[i].unlink }
		};
		enum ws_op op = WS_OP_NONE;

		if (rule_power(&r, &p, &op) != table[i].is || op != table[i].op)
			fail_msg("row %zu", i);
	}
}

static void what_suffices(void **state)
{
	static const struct {
		enum ws_action action;
		enum ws_op op;
		enum op_power power;
		bool suffices;
	} table[] = {
		{ WS_ALERT, WS_OP_READ, POWER_BLIND, false },
		{ WS_ALERT, WS_OP_READ, POWER_WATCH, true },
		{ WS_KILL, WS_OP_READ, POWER_WATCH, false },
		{ WS_KILL, WS_OP_READ, POWER_KILL_AFTER, false },
		{ WS_KILL, WS_OP_OUTLIVE, POWER_KILL_AFTER, true },
		{ WS_KILL, WS_OP_READ, POWER_KILL_BEFORE, true },
		{ WS_DENY, WS_OP_READ, POWER_DENY, true },
		{ WS_HIDE, WS_OP_READ, POWER_KILL_BEFORE, false },
		{ WS_HIDE, WS_OP_READ, POWER_DENY, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct rule r = { .action = table[i].action, .ops = 1u << table[i].op };
		struct op_powers p = { .of = { [WS_OP_NONE] = POWER_BLIND } };

		p.of[table[i].op] = table[i].power;
		if (rule_power_suffices(&r, &p) != table[i].suffices)
			fail_msg("row %zu", i);
	}
}

/* Operations that meet with the same are put together, the weakest first. */
static void explained(void **state)
{
	static const struct {
		enum ws_action action;
		uint32_t ops;
		const char *words;
	} table[] = {
		{ WS_KILL, 1u << WS_OP_READ | 1u << WS_OP_WRITE | 1u << WS_OP_RENAME,
		  "write: not seen, this kernel has no hook for it; rename: killed after it has "
		  "taken effect once; read: killed before the result can be used" },
		{ WS_DENY, 1u << WS_OP_CREATE | 1u << WS_OP_UNLINK, "create unlink: refused" },
		{ WS_HIDE, 1u << WS_OP_CREATE | 1u << WS_OP_CONNECT,
		  "connect: only reported, the hook can neither refuse nor kill; create: hidden" },
		{ WS_HIDE, 1u << WS_OP_READ | 1u << WS_OP_IO_URING,
		  "read: only reported, hiding it takes a hook that can refuse; io_uring: only "
		  "reported, the hook cannot refuse, and the rule does not kill" },
		{ WS_ALERT, 1u << WS_OP_CONNECT | 1u << WS_OP_READ,
		  "read connect: reported, as the rule wants" },
		{ WS_KILL, 1u << WS_OP_OUTLIVE, "outlive: killed when the command has ended" },
	};
	const struct op_powers p = { .of = { [WS_OP_READ] = POWER_KILL_BEFORE,
					     [WS_OP_WRITE] = POWER_BLIND,
					     [WS_OP_RENAME] = POWER_KILL_AFTER,
					     [WS_OP_CREATE] = POWER_DENY,
					     [WS_OP_UNLINK] = POWER_DENY,
					     [WS_OP_CONNECT] = POWER_WATCH,
					     [WS_OP_IO_URING] = POWER_KILL_BEFORE,
					     [WS_OP_OUTLIVE] = POWER_KILL_AFTER } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct rule r = { .action = table[i].action, .ops = table[i].ops };
		_buf_ struct buf out = BUF_INIT;

		rule_power_explain(&out, &r, &p);
		assert_string_equal(out.at, table[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_weakest_counts),
		cmocka_unit_test(what_suffices),
		cmocka_unit_test(explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
