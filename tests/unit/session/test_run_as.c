// SPDX-License-Identifier: GPL-2.0-only
/* test_run_as.c - whom the command runs as, and that a broken answer runs nothing. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/run_as.h"

static int make(void **state)
{
	(void)state;
	return clearenv();
}

static void nobody_asked(void **state)
{
	struct run_as w;

	(void)state;
	assert_int_equal(run_as_find(&w, 0, NULL), 0);
	assert_false(w.drop);
	assert_int_equal(w.uid, 0);
	assert_string_equal(w.name, "root");
	assert_int_equal(run_as_set_environment(&w), 0);
	assert_null(getenv("HOME"));
	run_as_free(&w);
}

/* Only root can have been made so by sudo; to anybody else the variables mean nothing. */
static void not_root(void **state)
{
	struct run_as w;

	(void)state;
	setenv("SUDO_UID", "0", 1);
	assert_int_equal(run_as_find(&w, 1234, NULL), 0);
	assert_false(w.drop);
	assert_int_equal(w.uid, 1234);
	run_as_free(&w);
}

static void sudo(void **state)
{
	struct passwd *found = getpwnam("daemon"), copy, *p = &copy;
	char uid[16], gid[16];
	struct run_as w;

	(void)state;
	if (!found)
		skip();
	copy = *found; /* of which the numbers last */
	snprintf(uid, sizeof(uid), "%u", p->pw_uid);
	snprintf(gid, sizeof(gid), "%u", p->pw_gid);
	setenv("SUDO_UID", uid, 1);
	setenv("SUDO_GID", gid, 1);
	setenv("SUDO_USER", "daemon", 1);
	assert_int_equal(run_as_find(&w, 0, NULL), 0);
	assert_true(w.drop);
	assert_int_equal(w.uid, p->pw_uid);
	assert_int_equal(w.gid, p->pw_gid);
	assert_string_equal(w.name, "daemon");
	assert_true(w.group_count >= 1);
	run_as_free(&w);
	/* the number counts, not the name */
	setenv("SUDO_USER", "root", 1);
	unsetenv("SUDO_GID");
	assert_int_equal(run_as_find(&w, 0, NULL), 0);
	assert_string_equal(w.name, "daemon");
	assert_int_equal(w.gid, p->pw_gid);
	run_as_free(&w);
}

static void sudo_by_root(void **state)
{
	struct error e = { 0 };
	struct run_as w;

	(void)state;
	setenv("SUDO_UID", "0", 1);
	setenv("SUDO_GID", "0", 1);
	if (run_as_find(&w, 0, &e) == 0) {
		assert_false(w.drop);
		run_as_free(&w);
	} else { /* this test runs under a login of somebody else's */
		assert_non_null(strstr(e.text, "has logged in"));
	}
}

/* sudo with the tag SETENV: SUDO_UID is the caller's own word. */
static void word(void **state)
{
	(void)state;
	/* sudo, or a shell that sudo has replaced by us: its real user is the caller */
	assert_int_equal(run_as_claim(1000, 50, 1000, NULL), RUN_AS_PROVED);
	assert_int_equal(run_as_claim(1001, 50, 1000, NULL), RUN_AS_FALSE);
	assert_int_equal(run_as_claim(0, 50, 1000, NULL), RUN_AS_FALSE);
	/* ... also where somebody else has logged in: su */
	assert_int_equal(run_as_claim(1000, 50, 1000, "1001"), RUN_AS_PROVED);
	assert_int_equal(run_as_claim(1001, 50, 1000, "1001"), RUN_AS_FALSE);
	/* root's shell may say who it is for */
	assert_int_equal(run_as_claim(1001, 50, 0, "1000"), RUN_AS_UNPROVED);
	assert_int_equal(run_as_claim(0, 50, 0, "0"), RUN_AS_UNPROVED);
	assert_int_equal(run_as_claim(0, 50, 0, "4294967295"), RUN_AS_UNPROVED);
	assert_int_equal(run_as_claim(0, 50, 0, ""), RUN_AS_UNPROVED);
	assert_int_equal(run_as_claim(0, 50, 0, NULL), RUN_AS_UNPROVED);
	assert_int_equal(run_as_claim(0, 50, 0, "1000"), RUN_AS_FALSE);
	/* whose parent has ended is init's child */
	assert_int_equal(run_as_claim(1001, 1, 0, "1000"), RUN_AS_FALSE);
	assert_int_equal(run_as_claim(1000, 1, 0, "1000"), RUN_AS_UNPROVED);
	assert_int_equal(run_as_claim(1001, 1, 0, "4294967295"), RUN_AS_UNPROVED);
	assert_int_equal(run_as_claim(1001, 0, 0, "1000"), RUN_AS_FALSE);
}

/* In a child of a process whose real user is 54321, as sudo is, with these variables. */
static int found_below(uid_t real, const char *uid, const char *gid)
{
	pid_t sudo = fork(), pid;
	int status;

	if (sudo == 0) {
		if (setresuid(real, 0, 0) < 0)
			_exit(99);
		pid = fork();
		if (pid == 0) {
			struct error e = { 0 };
			struct run_as w;
			int r;

			if (setresuid(0, 0, 0) < 0)
				_exit(98);
			setenv("SUDO_UID", uid, 1);
			setenv("SUDO_GID", gid, 1);
			r = run_as_find(&w, 0, &e);
			_exit(r == 0 ? 0 : strstr(e.text, "SUDO_") ? -r : 97);
		}
		waitpid(pid, &status, 0);
		_exit(WEXITSTATUS(status));
	}
	waitpid(sudo, &status, 0);
	return WEXITSTATUS(status);
}

static void callers_word(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(found_below(1, "1", "1"), 0);
	assert_int_equal(found_below(1, "0", "0"), EPERM);
	assert_int_equal(found_below(1, "2", "2"), EPERM);
	assert_int_equal(found_below(1, "1", "0"), EPERM); /* root's group */
	assert_int_equal(found_below(0, "1", "0"), 0);	   /* root says so */
}

/* Files are opened with the user's rights in between, and with root's before and after. */
static void files(void **state)
{
	struct run_as w = { .drop = true, .uid = 54321, .gid = 54322 };
	struct run_as_files f = { 0 };
	char path[] = "/tmp/test_run_as.XXXXXX", other[64];
	struct stat st;
	gid_t groups[64];
	int fd, count;

	(void)state;
	if (geteuid() != 0)
		skip();
	count = getgroups(64, groups);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	snprintf(other, sizeof(other), "%s.new", path);

	assert_int_equal(run_as_files_begin(&f, &w), 0);
	assert_int_equal(open(path, O_RDONLY), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(chmod(path, 0666), -1);
	assert_int_equal(getgroups(0, NULL), 0);
	fd = open(other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_uid, 54321);
	assert_int_equal(st.st_gid, 54322);
	close(fd);
	run_as_files_end(&f);

	assert_int_equal(getgroups(64, groups), count);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	close(fd);
	run_as_files_end(&f); /* once more: nothing happens */
	w.drop = false;
	assert_int_equal(run_as_files_begin(&f, &w), 0);
	fd = open(other, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	close(fd);
	run_as_files_end(&f);
	unlink(path);
	unlink(other);
}

static void nonsense(void **state)
{
	static const char *const bad[] = {
		"", "x", "-1", "1x", " 1", "4294967295", "4294967296", "99999999999999999999"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct error e = { 0 };
		struct run_as w;

		setenv("SUDO_UID", bad[i], 1);
		unsetenv("SUDO_GID");
		assert_int_equal(run_as_find(&w, 0, &e), -EINVAL);
		assert_non_null(strstr(e.text, "SUDO_UID"));
		setenv("SUDO_UID", "1", 1);
		setenv("SUDO_GID", bad[i], 1);
		assert_int_equal(run_as_find(&w, 0, NULL), -EINVAL);
	}
}

static void unknown_number(void **state)
{
	struct run_as w;

	(void)state;
	setenv("SUDO_UID", "3000000017", 1);
	assert_int_equal(run_as_find(&w, 0, NULL), -EINVAL); /* of which group? */
	setenv("SUDO_GID", "3000000018", 1);
	assert_int_equal(run_as_find(&w, 0, NULL), 0);
	assert_int_equal(w.group_count, 0);
	assert_string_equal(w.name, "3000000017");
	assert_null(w.home);
	run_as_free(&w);
}

static void environment(void **state)
{
	struct run_as w = { .drop = true, .uid = 5, .name = "ci", .home = "/home/ci" };
	struct passwd *root = getpwuid(0);

	(void)state;
	setenv("HOME", root ? root->pw_dir : "/root", 1);
	setenv("USER", "root", 1);
	setenv("LOGNAME", "somebody", 1);
	assert_int_equal(run_as_set_environment(&w), 0);
	assert_string_equal(getenv("HOME"), "/home/ci");
	assert_string_equal(getenv("USER"), "ci");
	assert_string_equal(getenv("LOGNAME"), "somebody");
	setenv("HOME", "/elsewhere", 1);
	assert_int_equal(run_as_set_environment(&w), 0);
	assert_string_equal(getenv("HOME"), "/elsewhere");
}

static bool has_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	return syscall(SYS_capget, &head, data) < 0 || data[0].permitted || data[1].permitted;
}

static void become(void **state)
{
	struct run_as w = { .drop = true, .uid = 54321, .gid = 54322 };
	const gid_t other = 7;
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0) {
		/* groups, and capabilities that would outlive the change of user */
		if (setgroups(1, &other) < 0 || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
			_exit(3);
		if (run_as_become(&w) < 0)
			_exit(1);
		_exit(getuid() == 54321 && getegid() == 54322 && getgroups(0, NULL) == 0 &&
				      !has_capabilities() && setuid(0) < 0 && seteuid(0) < 0
			      ? 0
			      : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Whether an ambient CAP_KILL would get through exec as user uid. */
static bool ambient_stays(uid_t uid)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	const struct run_as same = { .uid = uid };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
		    syscall(SYS_setresuid, uid, uid, uid) < 0)
			_exit(2);
		data[0].permitted = data[0].inheritable = 1u << CAP_KILL;
		if (syscall(SYS_capset, &head, data) < 0 ||
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0) < 0 ||
		    run_as_become(&same) < 0)
			_exit(3);
		_exit(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 1;
}

/* A user who was given capabilities to run wormsign with does not hand them to the command; what
 * root's command has is root's affair. */
static void ambient(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_false(ambient_stays(54321));
	assert_true(ambient_stays(0));
}

/* What setresuid() does when it is asked to become 54321: stands in for libc's. */
static uid_t set_real, set_effective, set_saved;
static bool honest = true;

int setresuid(uid_t real, uid_t effective, uid_t saved)
{
	return honest ? syscall(SYS_setresuid, real, effective, saved)
		      : syscall(SYS_setresuid, set_real, set_effective, set_saved);
}

static void refuses(const struct run_as *as)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(run_as_become(as) == -EPERM ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Root that is left in any of the three ids would be root again: the command must not start. */
static void become_in_part(void **state)
{
	const struct run_as user = { .drop = true, .uid = 54321, .gid = 54322 };
	const struct run_as root = { .drop = true };

	(void)state;
	if (geteuid() != 0)
		skip();
	refuses(&root);
	honest = false;
	set_real = 0, set_effective = 0, set_saved = 0;
	refuses(&user);
	set_real = 54321, set_effective = 54321, set_saved = 0;
	refuses(&user);
	set_real = 1, set_effective = 54321, set_saved = 54321;
	refuses(&user);
	set_real = 54321, set_effective = 1, set_saved = 54321;
	refuses(&user);
	honest = true;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody_asked, make),
		cmocka_unit_test_setup(not_root, make),
		cmocka_unit_test_setup(sudo, make),
		cmocka_unit_test_setup(sudo_by_root, make),
		cmocka_unit_test(word),
		cmocka_unit_test_setup(callers_word, make),
		cmocka_unit_test_setup(files, make),
		cmocka_unit_test_setup(nonsense, make),
		cmocka_unit_test_setup(unknown_number, make),
		cmocka_unit_test_setup(environment, make),
		cmocka_unit_test_setup(become, make),
		cmocka_unit_test_setup(become_in_part, make),
		cmocka_unit_test_setup(ambient, make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
