// SPDX-License-Identifier: GPL-2.0-only
/* test_who.c - whom the command runs as, and that a broken answer runs nothing. */
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "cmocka_all.h"
#include "who.h"

static int make(void **state)
{
	(void)state;
	return clearenv();
}

static void nobody_asked(void **state)
{
	struct who w;

	(void)state;
	assert_int_equal(who_find(&w, 0, NULL), 0);
	assert_false(w.drop);
	assert_int_equal(w.uid, 0);
	assert_string_equal(w.name, "root");
	assert_int_equal(who_set_environment(&w), 0);
	assert_null(getenv("HOME"));
	who_free(&w);
}

/* Only root can have been made so by sudo; to anybody else the variables mean nothing. */
static void not_root(void **state)
{
	struct who w;

	(void)state;
	setenv("SUDO_UID", "0", 1);
	assert_int_equal(who_find(&w, 1234, NULL), 0);
	assert_false(w.drop);
	assert_int_equal(w.uid, 1234);
	who_free(&w);
}

static void sudo(void **state)
{
	struct passwd *found = getpwnam("daemon"), copy, *p = &copy;
	char uid[16], gid[16];
	struct who w;

	(void)state;
	if (!found)
		skip();
	copy = *found; /* of which the numbers last */
	snprintf(uid, sizeof(uid), "%u", p->pw_uid);
	snprintf(gid, sizeof(gid), "%u", p->pw_gid);
	setenv("SUDO_UID", uid, 1);
	setenv("SUDO_GID", gid, 1);
	setenv("SUDO_USER", "daemon", 1);
	assert_int_equal(who_find(&w, 0, NULL), 0);
	assert_true(w.drop);
	assert_int_equal(w.uid, p->pw_uid);
	assert_int_equal(w.gid, p->pw_gid);
	assert_string_equal(w.name, "daemon");
	assert_true(w.group_count >= 1);
	who_free(&w);
	/* the number counts, not the name */
	setenv("SUDO_USER", "root", 1);
	unsetenv("SUDO_GID");
	assert_int_equal(who_find(&w, 0, NULL), 0);
	assert_string_equal(w.name, "daemon");
	assert_int_equal(w.gid, p->pw_gid);
	who_free(&w);
}

static void sudo_by_root(void **state)
{
	struct who w;

	(void)state;
	setenv("SUDO_UID", "0", 1);
	setenv("SUDO_GID", "0", 1);
	assert_int_equal(who_find(&w, 0, NULL), 0);
	assert_false(w.drop);
	who_free(&w);
}

static void nonsense(void **state)
{
	static const char *const bad[] = {
		"", "x", "-1", "1x", " 1", "4294967295", "4294967296", "99999999999999999999"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct error e = { 0 };
		struct who w;

		setenv("SUDO_UID", bad[i], 1);
		unsetenv("SUDO_GID");
		assert_int_equal(who_find(&w, 0, &e), -EINVAL);
		assert_non_null(strstr(e.text, "SUDO_UID"));
		setenv("SUDO_UID", "1", 1);
		setenv("SUDO_GID", bad[i], 1);
		assert_int_equal(who_find(&w, 0, NULL), -EINVAL);
	}
}

static void unknown_number(void **state)
{
	struct who w;

	(void)state;
	setenv("SUDO_UID", "3000000017", 1);
	assert_int_equal(who_find(&w, 0, NULL), -EINVAL); /* of which group? */
	setenv("SUDO_GID", "3000000018", 1);
	assert_int_equal(who_find(&w, 0, NULL), 0);
	assert_int_equal(w.group_count, 0);
	assert_string_equal(w.name, "3000000017");
	assert_null(w.home);
	who_free(&w);
}

static void environment(void **state)
{
	struct who w = { .drop = true, .uid = 5, .name = "ci", .home = "/home/ci" };
	struct passwd *root = getpwuid(0);

	(void)state;
	setenv("HOME", root ? root->pw_dir : "/root", 1);
	setenv("USER", "root", 1);
	setenv("LOGNAME", "somebody", 1);
	assert_int_equal(who_set_environment(&w), 0);
	assert_string_equal(getenv("HOME"), "/home/ci");
	assert_string_equal(getenv("USER"), "ci");
	assert_string_equal(getenv("LOGNAME"), "somebody");
	setenv("HOME", "/elsewhere", 1);
	assert_int_equal(who_set_environment(&w), 0);
	assert_string_equal(getenv("HOME"), "/elsewhere");
}

static void become(void **state)
{
	struct who w = { .drop = true, .uid = 54321, .gid = 54322 };
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0) {
		if (who_become(&w) < 0)
			_exit(1);
		_exit(getuid() == 54321 && getegid() == 54322 && getgroups(0, NULL) == 0 &&
				      setuid(0) < 0 && seteuid(0) < 0
			      ? 0
			      : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody_asked, make),
		cmocka_unit_test_setup(not_root, make),
		cmocka_unit_test_setup(sudo, make),
		cmocka_unit_test_setup(sudo_by_root, make),
		cmocka_unit_test_setup(nonsense, make),
		cmocka_unit_test_setup(unknown_number, make),
		cmocka_unit_test_setup(environment, make),
		cmocka_unit_test_setup(become, make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
