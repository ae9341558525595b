// SPDX-License-Identifier: GPL-2.0-only
/* test_passwd_homes.c - which directories of a password file are homes. */
#include "session/passwd_homes.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "tree.h"

static void test_homes(void **state)
{
	CLEANUP(strings_done) struct strings homes = { 0 };
	char text[4096];

	(void)state;
	tree_add(tree_top, "a/", NULL);
	tree_add(tree_top, "b/", NULL);
	tree_add(tree_top, "file", "x");
	/* a home twice, a missing one, a file, the root, a directory right below it, the
	 * system's, a relative one, a service's that cannot log in, root's */
	snprintf(text, sizeof(text),
		 "u:x:1000:1000::%s/a:/bin/sh\nv:x:1001:1001::%s/a:/bin/sh\n"
		 "w:x:1002:1002::%s/missing:/bin/sh\nf:x:1003:1003::%s/file:/bin/sh\n"
		 "x:x:1:1::/:/bin/sh\ny:x:2:2::/var:/bin/sh\nm:x:3:3::/var/cache:/bin/sh\n"
		 "r:x:4:4::tmp:/bin/sh\ns:x:99:99::%s/b:/usr/sbin/nologin\n"
		 "root:x:0:0::/root:/bin/sh\n",
		 tree_top, tree_top, tree_top, tree_top, tree_top);
	tree_add(tree_top, "passwd", text);
	assert_int_equal(passwd_homes_read(&homes, tree_path(tree_top, "passwd")), 0);
	assert_true(homes.count >= 2 && homes.count <= 3); /* /root, if there is one */
	assert_string_equal(homes.at[0], tree_path(tree_top, "a"));
	assert_string_equal(homes.at[1], tree_path(tree_top, "b"));
	if (homes.count == 3)
		assert_string_equal(homes.at[2], "/root");
	assert_null(homes.at[homes.count]);
}

static void test_no_file(void **state)
{
	CLEANUP(strings_done) struct strings homes = { 0 };

	(void)state;
	assert_int_equal(passwd_homes_read(&homes, "/nonexistent/passwd"), 0);
	assert_int_equal(homes.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_homes, tree_setup, tree_teardown),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
