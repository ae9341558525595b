// SPDX-License-Identifier: GPL-2.0-only
/* test_log_file.c - the user reads a log of root's, and neither writes it nor shares it. */
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "session/log_file.h"

/* Whether a process of this user can open the file so. */
static bool opens(const char *path, uid_t uid, gid_t gid, int flags)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
		      setresuid(uid, uid, uid) < 0 || open(path, flags) < 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
}

static void shared(void **state)
{
	struct run_as w = { .drop = true, .uid = 54321, .gid = 54322 };
	char path[] = "/tmp/test_log_file.XXXXXX";
	int fd = mkstemp(path);
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(log_file_share(fd, &w), 0);
	assert_true(opens(path, 54321, 54322, O_RDONLY));
	assert_false(opens(path, 54321, 54322, O_RDWR));
	assert_false(opens(path, 12345, 12345, O_RDONLY));
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_uid, 0);
	close(fd);
	unlink(path);
}

/* root's own command: nothing changes. */
static void roots_own(void **state)
{
	struct run_as w = { .uid = 0 };
	char path[] = "/tmp/test_log_file.XXXXXX";
	int fd = mkstemp(path);
	struct stat st;

	(void)state;
	assert_int_equal(log_file_share(fd, &w), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared),
		cmocka_unit_test(roots_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
