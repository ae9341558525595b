// SPDX-License-Identifier: GPL-2.0-only
/* test_verdict_rule.c - every number in a verdict's record leads to something that people can read.
 */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/verdict_rule.h"
#include "some_rules.h"

static void one_of_those_loaded(void **state)
{
	const struct ruleset *rules = some_rules(false);
	struct verdict_rule rule;

	(void)state;
	for (uint32_t i = 0; i < rules->count; i++) {
		verdict_rule(&rule, rules, i);
		assert_ptr_equal(rule.rule, &rules->rules[i]);
		assert_string_equal(rule.id, rules->rules[i].id);
		assert_string_equal(rule.title, rules->rules[i].title);
		assert_string_equal(rule.why, rules->rules[i].why);
		assert_string_equal(rule.remedy, rules->rules[i].remedy);
		assert_string_equal(rule.family, rules->rules[i].family);
		assert_int_equal(rule.severity, rules->rules[i].severity);
		assert_int_equal(rule.action, rules->rules[i].action);
	}
}

static void the_engines_own(void **state)
{
	static const struct {
		uint32_t index;
		const char *id;
		enum ws_action action;
	} table[] = {
		{ WS_RULE_UNRESOLVED, "engine-unresolved", WS_DENY },
		{ WS_RULE_CONDEMNED, "engine-condemned", WS_KILL },
		{ WS_RULE_LINEAGE, "engine-lineage", WS_KILL },
		{ WS_RULE_HELD, "engine-held", WS_KILL },
		{ WS_RULE_GUARD, "engine-guard", WS_HIDE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct verdict_rule rule;

		verdict_rule(&rule, some_rules(false), table[i].index);
		assert_string_equal(rule.id, table[i].id);
		assert_int_equal(rule.action, table[i].action);
		assert_string_equal(rule.family, "engine");
		assert_null(rule.rule);
		assert_true(strlen(rule.title) > 10);
		assert_true(strlen(rule.why) > 10);
		assert_true(strlen(rule.remedy) > 10);
	}
}

static void one_that_is_not_known(void **state)
{
	static const uint32_t indices[] = { WS_RULE_NONE, SOME_RULES, 0xffffffff };
	struct verdict_rule rule;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(indices); i++) {
		verdict_rule(&rule, some_rules(true), indices[i]);
		assert_string_equal(rule.id, "engine-unknown");
		assert_string_equal(rule.family, "engine");
		assert_non_null(rule.title);
		assert_null(rule.rule);
	}
	verdict_rule(&rule, NULL, 0);
	assert_string_equal(rule.id, "engine-unknown");
}

static void outliving_the_command(void **state)
{
	struct verdict_rule rule;

	(void)state;
	verdict_rule_outlive(&rule, some_rules(true), WS_ACTOR_PACKAGE);
	assert_string_equal(rule.id, "outlive-alert");
	assert_int_equal(rule.action, WS_ALERT);
	/* a rule about another actor, about other operations, or none at all */
	verdict_rule_outlive(&rule, some_rules(true), WS_ACTOR_PROJECT);
	assert_string_equal(rule.id, "outlive");
	verdict_rule_outlive(&rule, some_rules(false), WS_ACTOR_PACKAGE);
	assert_string_equal(rule.id, "outlive");
	verdict_rule_outlive(&rule, NULL, WS_ACTOR_PACKAGE);
	assert_string_equal(rule.id, "outlive");
	assert_int_equal(rule.action, WS_KILL);
	assert_string_equal(rule.family, "engine");
	assert_null(rule.rule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_those_loaded),
		cmocka_unit_test(the_engines_own),
		cmocka_unit_test(one_that_is_not_known),
		cmocka_unit_test(outliving_the_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
