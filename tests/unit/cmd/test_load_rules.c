// SPDX-License-Identifier: GPL-2.0-only
/* test_load_rules.c - directories that the caller names are read with his rights, and no others. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/load_rules.h"
#include "cmocka_all.h"
#include "rule_dir.h"

static int load(const struct run_as *as, const struct rule_dir *d, struct error *e)
{
	const char *const extra[] = { d->path, NULL };
	struct ruleset *rules = NULL;
	struct rule_dirs dirs = { 0 };
	int r;

	*e = (struct error){ 0 };
	r = load_rules(&rules, &dirs, extra, as, e);
	if (r == 0)
		assert_non_null(ruleset_find(rules, "site-x"));
	ruleset_free(rules);
	rule_dirs_done(&dirs);
	return r;
}

static void rights(void **state)
{
	struct run_as root = { 0 }, user = { .drop = true, .uid = 54321, .gid = 54322 };
	struct rule_dir d;
	struct error e;

	(void)state;
	if (geteuid() != 0)
		skip();
	rule_dir_make(&d);
	rule_dir_rule(&d, "site-x", "read", "kill", ",\"path\":[\"/a\"]");
	assert_int_equal(chmod(d.path, 0700), 0);
	assert_int_equal(load(&root, &d, &e), 0);
	assert_int_equal(load(&user, &d, &e), -EACCES);
	assert_non_null(strstr(e.text, d.path));
	/* root's rights are back */
	assert_int_equal(load(&root, &d, &e), 0);
	rule_dir_remove(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
