// SPDX-License-Identifier: GPL-2.0-only
/* test_coverage.c - which operations are refused, watched, or not seen. */
#include "cleanup.h"
#include "cmocka_all.h"
#include "coverage.h"
#include "some_rules.h"

static void strongest_hook_counts(void **state)
{
	const struct hook_state hooks[] = {
		{ .ops = 1u << WS_OP_READ, .backend = WS_BACKEND_WATCH },
		{ .ops = 1u << WS_OP_READ | 1u << WS_OP_WRITE, .backend = WS_BACKEND_DENY },
		{ .ops = 1u << WS_OP_UNLINK, .backend = WS_BACKEND_WATCH },
		{ .ops = 1u << WS_OP_BPF, .backend = WS_BACKEND_NONE },
	};
	struct coverage c = coverage_of(hooks, ARRAY_SIZE(hooks), NULL);

	(void)state;
	assert_int_equal(c.deny, 1u << WS_OP_READ | 1u << WS_OP_WRITE);
	assert_int_equal(c.watch, 1u << WS_OP_UNLINK);
	assert_true(c.blind & 1u << WS_OP_BPF);
	assert_false(c.blind & 1u << WS_OP_NONE);
	assert_false(c.blind & 1u << WS_OP_OUTLIVE);
}

static void only_what_rules_are_about(void **state)
{
	const struct hook_state hooks[] = {
		{ .ops = 1u << WS_OP_READ | 1u << WS_OP_WRITE, .backend = WS_BACKEND_DENY },
	};
	struct coverage c = coverage_of(hooks, 1, some_rules(true));
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(c.deny, 1u << WS_OP_READ);
	assert_int_equal(c.blind, 1u << WS_OP_CONNECT);
	coverage_names(&out, c.deny | c.blind);
	assert_string_equal(out.at, " read connect");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strongest_hook_counts),
		cmocka_unit_test(only_what_rules_are_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
