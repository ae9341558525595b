// SPDX-License-Identifier: GPL-2.0-only
/* test_manager_commands.c - each manager has its own commands, and none of them runs scripts. */
#include <string.h>

#include "cmocka_all.h"
#include "events/manager_commands.h"
#include "policy/managers.h"

static void complete(void **state)
{
	(void)state;
	for (unsigned i = 0; i < manager_count; i++)
		for (int berry = 0; berry < 2; berry++) {
			const struct manager_commands *c = manager_commands(i, berry);

			assert_string_equal(c->name, managers[i].name);
			assert_int_equal(strncmp(c->remove, c->name, strlen(c->name)), 0);
			assert_int_equal(strncmp(c->why, c->name, strlen(c->name)), 0);
			if (c->removal) {
				assert_non_null(managers[i].build);
				assert_non_null(strstr(c->removal, "NAME"));
				continue;
			}
			assert_true(strstr(c->no_scripts, "ignore-scripts") ||
				    strstr(c->no_scripts, "skip-build"));
			assert_true(strstr(c->install, "ignore-scripts") ||
				    strstr(c->install, "skip-build"));
			assert_true(strstr(c->clean_install, "ignore-scripts") ||
				    strstr(c->clean_install, "skip-build"));
		}
	assert_string_equal(manager_commands((unsigned)manager_count, false)->name, "npm");
	assert_ptr_equal(manager_commands(0, true), manager_commands(0, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
