// SPDX-License-Identifier: GPL-2.0-only
/* test_cgroup.c - where the v2 hierarchy is, on hybrid hosts, in containers, and where it is not.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "cleanup.h"
#include "cmocka_all.h"

static void own(void **state)
{
	_free_ char *path = NULL;

	(void)state;
	assert_int_equal(
		cgroup_parse_own("9:name=systemd:/x\n1:cpu:/y\n0::/user.slice/a b\n", &path), 0);
	assert_string_equal(path, "/user.slice/a b");
	free(path);
	assert_int_equal(cgroup_parse_own("0::/", &path), 0);
	assert_string_equal(path, "/");
	free(TAKE_PTR(path));
	assert_int_equal(cgroup_parse_own("1:cpu:/0::/x\n", &path), -ENOENT);
	assert_int_equal(cgroup_parse_own("", &path), -ENOENT);
	assert_int_equal(cgroup_parse_own("10::/x\n", &path), -ENOENT);
}

static const char hybrid[] =
	"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
	"32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
	"41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

static void check(const char *mounts, const char *path, int wanted, const char *dir)
{
	_free_ char *got = NULL;

	assert_int_equal(cgroup_parse_mounts(mounts, path, &got), wanted);
	if (wanted >= 0)
		assert_string_equal(got, dir);
}

static void mounts(void **state)
{
	(void)state;
	check(hybrid, "/", 0, "/sys/fs/cgroup/unified");
	check(hybrid, "/a/b", 0, "/sys/fs/cgroup/unified/a/b");
	/* optional fields, and a name with a blank and a backslash */
	check("9 1 0:5 / /cg\\040x\\134y rw shared:4 master:1 - cgroup2 none rw\n", "/z", 0,
	      "/cg x\\y/z");
	/* a container that shares the cgroup namespace sees its own part alone */
	check("9 1 0:5 /docker/1 /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "/docker/1", 0,
	      "/sys/fs/cgroup");
	check("9 1 0:5 /docker/1 /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "/docker/1/x", 0,
	      "/sys/fs/cgroup/x");
	check("9 1 0:5 /docker/1 /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "/docker/12", 1,
	      "/sys/fs/cgroup");
	/* outside of the namespace */
	check(hybrid, "/../x", 1, "/sys/fs/cgroup/unified");
	/* the second mount is the one that holds it */
	check("9 1 0:5 /a /one rw - cgroup2 c rw\n10 1 0:5 / /two rw - cgroup2 c rw\n", "/b", 0,
	      "/two/b");
	check("32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", "/", -ENOENT, NULL);
	check("", "/", -ENOENT, NULL);
	check("garbage\n - cgroup2 \n1 2 - cgroup2 x\n", "/", -ENOENT, NULL);
}

static int count(void *arg, pid_t pid)
{
	++*(int *)arg;
	return pid <= 0;
}

/* With a real hierarchy, as root. */
static void life(void **state)
{
	CLEANUP(cgroup_freep) struct cgroup *c = NULL;
	struct error e = { 0 };
	int status, n = 0;
	pid_t pid;

	(void)state;
	if (geteuid() != 0 || cgroup_create(&c, 0, &e) < 0)
		skip();
	assert_int_equal(cgroup_populated(c), 0);
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	assert_int_equal(cgroup_enter(c, pid), 0);
	assert_int_equal(cgroup_populated(c), 1);
	assert_int_equal(cgroup_processes(c, count, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(cgroup_wait_empty(c, 10), 1);
	assert_int_equal(cgroup_kill(c), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(cgroup_wait_empty(c, 5000), 0);
	assert_int_equal(cgroup_remove(c), 0);
	assert_int_equal(cgroup_populated(c), 0);
	assert_int_equal(cgroup_remove(c), 0);
}

/* Kernels before 5.14 have no cgroup.kill. */
static void kill_one_by_one(void **state)
{
	CLEANUP(cgroup_freep) struct cgroup *c = NULL;
	struct error e = { 0 };
	pid_t pid;

	(void)state;
	if (geteuid() != 0 || cgroup_create(&c, 0, &e) < 0)
		skip();
	if (c->kill >= 0)
		close(TAKE_FD(c->kill));
	for (int i = 0; i < 3; i++) {
		pid = fork();
		if (pid == 0)
			for (;;)
				pause();
		assert_int_equal(cgroup_enter(c, pid), 0);
	}
	assert_int_equal(cgroup_kill(c), 0);
	for (int i = 0; i < 3; i++)
		assert_true(waitpid(-1, NULL, 0) > 0);
	assert_int_equal(cgroup_wait_empty(c, 5000), 0);
	assert_int_equal(cgroup_remove(c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own),
		cmocka_unit_test(mounts),
		cmocka_unit_test(life),
		cmocka_unit_test(kill_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
