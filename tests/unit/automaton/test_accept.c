// SPDX-License-Identifier: GPL-2.0-only
/* test_accept.c - accept sets joined and compared, in every one of their parts. */
#include "automaton/accept.h"

#include <stddef.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

static const size_t masks[] = {
	offsetof(struct ws_set, match),	    offsetof(struct ws_set, except),
	offsetof(struct ws_set, exe_match), offsetof(struct ws_set, exe_except),
	offsetof(struct ws_set, above),
};

static struct ws_set with_rule(size_t mask, unsigned rule)
{
	struct ws_set s = { 0 };

	((struct ws_mask *)((char *)&s + mask))->w[rule / 64] |= 1ULL << rule % 64;
	return s;
}

static void every_mask(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(masks); i++)
		for (unsigned rule = 0; rule < WS_RULES_MAX; rule += 51) {
			struct ws_set one = with_rule(masks[i], rule), all = { 0 };

			assert_false(accept_includes(&all, &one));
			assert_true(accept_includes(&one, &all));
			accept_or(&all, &one);
			assert_memory_equal(&all, &one, sizeof(all));
			for (size_t k = 0; k < ARRAY_SIZE(masks); k++) {
				struct ws_set other = with_rule(masks[k], 3);

				accept_or(&all, &other);
				assert_true(accept_includes(&all, &other));
			}
			assert_true(accept_includes(&all, &one));
			assert_false(accept_includes(&one, &all));
		}
}

static void managers(void **state)
{
	struct ws_set none = { 0 }, two = { .manager = 2 }, three = { .manager = 3 };
	struct ws_set all = none;

	(void)state;
	accept_or(&all, &three);
	assert_int_equal(all.manager, 3);
	accept_or(&all, &two);
	assert_int_equal(all.manager, 2);
	accept_or(&all, &three);
	accept_or(&all, &none);
	assert_int_equal(all.manager, 2);
	assert_true(accept_includes(&two, &three));
	assert_true(accept_includes(&two, &none));
	assert_false(accept_includes(&none, &two));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mask),
		cmocka_unit_test(managers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
