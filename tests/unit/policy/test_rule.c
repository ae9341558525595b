// SPDX-License-Identifier: GPL-2.0-only
/* test_rule.c - a rule in memory: its lists, what it frees, and the conditions it waits for. */
#include "policy/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"

static void test_strings(void **state)
{
	struct strings s = { 0 };
	char text[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_int_equal(strings_add(&s, text), 0); /* a copy: text is written over */
	}
	assert_int_equal(s.count, 100);
	assert_string_equal(s.at[0], "0");
	assert_string_equal(s.at[99], "99");
	strings_done(&s);
	assert_null(s.at);
	assert_int_equal(s.count, 0);
	strings_done(&s);
}

/* AddressSanitizer finds a field that is forgotten. */
static void test_done(void **state)
{
	static const struct rule empty;
	struct rule r = { .port_count = 1 };
	struct strings *lists[] = {
		&r.path,    &r.exe,	    &r.argv,	   &r.package,
		&r.address, &r.unless_path, &r.unless_exe, &r.unless_package,
		&r.after,   &r.attack,	    &r.references, &r.unless_new_directory
	};
	char **texts[] = { &r.id,  &r.family, &r.file,	&r.title,
			   &r.why, &r.remedy, &r.label, &r.tuned };

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_int_equal(strings_add(lists[i], "x"), 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = strdup("x");
	r.ports = malloc(sizeof(*r.ports));
	r.tests = json_object();
	rule_done(&r);
	assert_memory_equal(&r, &empty, sizeof(r));
	rule_done(&r);
}

static void test_conditions(void **state)
{
	bool session;

	(void)state;
	assert_string_equal(label_of_condition("secret-read", &session), "secret-read");
	assert_false(session);
	assert_string_equal(label_of_condition("session:secret-read", &session), "secret-read");
	assert_true(session);
	assert_string_equal(label_of_condition("sessions:x", &session), "sessions:x");
	assert_false(session);
	assert_string_equal(label_of_condition("session:", &session), "");
	assert_true(session);
}

static void test_objects_of_operations(void **state)
{
	static const enum ws_op paths[] = { WS_OP_EXEC,	  WS_OP_READ,	WS_OP_WRITE,
					    WS_OP_CREATE, WS_OP_RENAME, WS_OP_LINK,
					    WS_OP_UNLINK, WS_OP_CHMOD,	WS_OP_UNIX };
	uint32_t want = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		want |= 1u << paths[i];
	assert_int_equal(ops_with_path(), want);
	assert_int_equal(ops_with_address(), 1u << WS_OP_CONNECT | 1u << WS_OP_SEND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_objects_of_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
