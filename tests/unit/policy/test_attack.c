// SPDX-License-Identifier: GPL-2.0-only
/* test_attack.c - techniques are found by their ids, and every rule's are known. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/attack.h"
#include "policy/ruleset.h"

static void finds(void **state)
{
	static const char *const none[] = { "", "T", "T0000", "T1552.999", "T1552.", "TA0006" };
	const struct attack_technique *t = attack_find("T1552.001");

	(void)state;
	assert_non_null(t);
	assert_string_equal(t->name, "Credentials In Files");
	assert_string_equal(attack_parent(t)->id, "T1552");
	assert_ptr_equal(attack_parent(attack_parent(t)), attack_parent(t));
	/* the first and the last */
	assert_string_equal(attack_find("T1001")->name, "Data Obfuscation");
	assert_string_equal(attack_find("T1675")->id, "T1675");
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_null(attack_find(none[i]));
}

static void says(void **state)
{
	static const struct {
		const char *id, *want;
	} cases[] = {
		{ "T1552.001", "T1552.001 Unsecured Credentials: Credentials In Files "
			       "(Credential Access)" },
		{ "T1546", "T1546 Event Triggered Execution (Persistence, Privilege Escalation)" },
		{ "T0000", "T0000" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_buf_ struct buf text = BUF_INIT;

		attack_text(&text, cases[i].id);
		assert_string_equal(text.at, cases[i].want);
	}
}

/* Each shipped rule names at least one, and each has a tactic and a parent with the same tactics.
 */
static void shipped(void **state)
{
	CLEANUP(ruleset_freep) struct ruleset *set = NULL;
	const char *const dirs[] = { "rules" };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(ruleset_load(&set, dirs, 1, &e), 0);
	for (size_t i = 0; i < set->count; i++) {
		assert_true(set->rules[i].attack.count);
		for (size_t k = 0; k < set->rules[i].attack.count; k++) {
			const struct attack_technique *t = attack_find(set->rules[i].attack.at[k]);

			assert_non_null(t);
			assert_true(t->tactics);
			assert_true(t->tactics < 1u << attack_tactic_count);
			assert_true((t->tactics & attack_parent(t)->tactics) == t->tactics);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(says),
		cmocka_unit_test(shipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
