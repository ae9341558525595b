// SPDX-License-Identifier: GPL-2.0-only
/* test_doctor.c - what a rule comes to, by what its operations' hooks can do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cmocka_all.h"
#include "doctor.h"
#include "features.h"

static enum op_power ask(void *arg, enum ws_op op)
{
	return ((const enum op_power *)arg)[op];
}

static enum rule_power come_to(enum ws_action action, const enum op_power *power,
			       enum ws_op *ret_op)
{
	struct rule r = { .action = action };

	for (unsigned op = 1; op < WS_OP_MAX; op++)
		if (op == WS_OP_READ || op == WS_OP_UNLINK)
			r.ops |= 1u << op;
	return doctor_rule(&r, ask, (void *)power, ret_op);
}

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
		/* nobody is killed for looking at what should have been hidden */
		{ WS_HIDE, POWER_KILL_BEFORE, POWER_DENY, RULE_WATCH, WS_OP_READ },
		{ WS_HIDE, POWER_DENY, POWER_DENY, RULE_DENY, WS_OP_READ },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		enum op_power power[WS_OP_MAX] = { 0 };
		enum ws_op op = WS_OP_NONE;

		power[WS_OP_READ] = table[i].read;
		power[WS_OP_UNLINK] = table[i].unlink;
		if (come_to(table[i].action, power, &op) != table[i].is || op != table[i].op)
			fail_msg("row %zu", i);
	}
}

static void preemption(void **state)
{
	static const struct {
		const char *version, *chosen, *command_line, *is;
	} table[] = {
		{ "#1 SMP PREEMPT_DYNAMIC Debian 6.12.1-1", "none (voluntary) full", "quiet preempt=full", "voluntary" },
		{ "#1 SMP PREEMPT_DYNAMIC", "none voluntary full (lazy)", NULL, "lazy" },
		{ "#1 SMP PREEMPT_DYNAMIC", NULL, "root=/dev/vda preempt=none preempt=full quiet\n", "full" },
		{ "#1 SMP PREEMPT_DYNAMIC", NULL, "xpreempt=none ", "unknown" },
		{ "#1 SMP PREEMPT_DYNAMIC", NULL, "preempt=", "unknown" },
		{ "#1 SMP PREEMPT_DYNAMIC", "(", NULL, "unknown" },
		{ "#1 SMP PREEMPT_DYNAMIC", NULL, NULL, "unknown" },
		{ "#1 SMP PREEMPT_LAZY", NULL, NULL, "lazy" },
		{ "#1 SMP PREEMPT_RT", NULL, NULL, "full" },
		{ "#1 SMP PREEMPT Mon", NULL, "preempt=none", "full" },
		{ "#1 SMP Debian 5.10.1", NULL, NULL, "voluntary" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(features_preemption(table[i].version, table[i].chosen, table[i].command_line), table[i].is))
			fail_msg("row %zu: not %s", i, table[i].is);
}

/* The report for people leaves nothing out, and copes with one that is nearly empty. */
static void printed(void **state)
{
	json_t *report = json_pack(
		"{s:{s:s,s:s,s:b,s:n,s:s,s:s},s:s,s:s,s:[{s:s,s:s,s:s,s:s,s:[],s:s}],"
		"s:{s:i,s:i,s:i,s:i},s:[{s:s,s:s,s:s,s:s,s:s}],s:s}",
		"kernel", "release", "6.18.1", "machine", "x86_64", "btf", 1, "cgroup2",
		"missing_capabilities", "", "lockdown", "integrity", "backend", "watch",
		"fmod_ret_why", "Operation not permitted", "hooks", "name", "open", "power",
		"kill-before", "backend", "watch", "program", "tp_btf/sys_exit", "ops", "why", "",
		"rule_counts", "deny", 0, "kill", 1, "watch", 0, "blind", 0, "rules", "id",
		"ssh-key-read", "action", "deny", "power", "kill", "weakest", "read", "why",
		"read is done", "enforcement", "partly");
	json_t *empty = json_object();
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_non_null(report);
	doctor_print(f, report);
	fclose(f);
	assert_non_null(strstr(text, "kernel         6.18.1 x86_64\n"));
	assert_non_null(strstr(text, "because: Operation not permitted\n"));
	assert_non_null(strstr(text, "rules: 0 deny, 1 kill, 0 watch, 0 blind\n"));
	assert_non_null(strstr(text, "ssh-key-read"));
	assert_non_null(strstr(text, "a part of its rules"));
	free(text);
	f = open_memstream(&text, &size);
	doctor_print(f, empty);
	fclose(f);
	assert_non_null(strstr(text, "wormsign can enforce nothing here"));
	free(text);
	json_decref(report);
	json_decref(empty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_weakest_counts),
		cmocka_unit_test(preemption),
		cmocka_unit_test(printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
