// SPDX-License-Identifier: GPL-2.0-only
/* test_cgroup_find.c - where the v2 hierarchy is, on hybrid hosts, in containers, and where it is
 * not mounted. */
#include <errno.h>
#include <string.h>
#include <sys/vfs.h>
#include <linux/magic.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/cgroup_find.h"

static void own(void **state)
{
	_free_ char *path = NULL;

	(void)state;
	assert_int_equal(
		cgroup_find_own("9:name=systemd:/x\n1:cpu:/y\n0::/user.slice/a b\n", &path), 0);
	assert_string_equal(path, "/user.slice/a b");
	free(path);
	assert_int_equal(cgroup_find_own("0::/", &path), 0);
	assert_string_equal(path, "/");
	free(TAKE_PTR(path));
	assert_int_equal(cgroup_find_own("1:cpu:/0::/x\n", &path), -ENOENT);
	assert_int_equal(cgroup_find_own("", &path), -ENOENT);
	assert_int_equal(cgroup_find_own("10::/x\n", &path), -ENOENT);
}

static const char hybrid[] =
	"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
	"32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
	"41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

static void check(const char *mounts, const char *path, int wanted, const char *dir)
{
	_free_ char *got = NULL;

	assert_int_equal(cgroup_find_mount(mounts, path, &got), wanted);
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

/* On this machine. */
static void here(void **state)
{
	CLEANUP(cgroup_found_free) struct cgroup_found f = { 0 };
	struct error e = { 0 };
	struct statfs fs;
	int r = cgroup_find(&f, 0, &e);

	(void)state;
	if (r == -ENOENT) {
		assert_non_null(strstr(e.text, "mount -t cgroup2"));
		skip();
	}
	assert_int_equal(r, 0);
	assert_int_equal(f.own[0], '/');
	assert_int_equal(statfs(f.mount, &fs), 0);
	assert_int_equal(fs.f_type, CGROUP2_SUPER_MAGIC);
	assert_int_equal(statfs(f.dir, &fs), 0);
	assert_int_equal(fs.f_type, CGROUP2_SUPER_MAGIC);
	if (f.hidden)
		assert_string_equal(f.dir, f.mount);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own),
		cmocka_unit_test(mounts),
		cmocka_unit_test(here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
