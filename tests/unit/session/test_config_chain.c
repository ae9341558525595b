// SPDX-License-Identifier: GPL-2.0-only
/* test_config_chain.c - which files are found by the home, the directory and the variables of a
 * process: here, of the test itself. */
#include "session/config_chain.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "tree.h"

static char found[8192]; /* "KIND PATH\n", paths below tree_top only */

static void on_file(void *arg, const struct config_file *f)
{
	char link[32], path[PATH_MAX];
	ssize_t n;

	(void)arg;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", f->fd);
	n = readlink(link, path, sizeof(path) - 1);
	assert_true(n > 0);
	path[n] = 0;
	if (strncmp(path, tree_top, strlen(tree_top)) == 0) {
		struct stat dir;

		/* by variables: in any directory, which is nobody's to watch */
		assert_true((f->dir < 0) == (strstr(path, "/named/") || strstr(path, "/xdg/") ||
					     strstr(path, "/prefix/")));
		assert_true(f->dir < 0 || (fstat(f->dir, &dir) == 0 && S_ISDIR(dir.st_mode)));
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s %s\n",
			 f->kind == CONFIG_NETRC ? "netrc" : "manager", path + strlen(tree_top));
	}
}

static bool has(const char *line)
{
	return strstr(found, line) != NULL;
}

static void read_table(struct environment_table *t)
{
	_json_ json_t *root = json_load_file("rules/data/environment.json", 0, NULL);
	struct error e = { 0 };

	assert_non_null(root);
	assert_int_equal(environment_read(t, root, "environment.json", &e), 0);
}

static void look(const char *environment, size_t len, const char *const *homes)
{
	CLEANUP(environment_free) struct environment_table t = { 0 };
	struct config_chain c = { .table = &t, .homes = homes };

	read_table(&t);
	found[0] = 0;
	config_chain_each(&c, (uint32_t)getpid(), environment, len, on_file, NULL);
}

static void test_places(void **state)
{
	static const char *const files[] = { "home/.npmrc",
					     "home/.yarnrc.yml",
					     "home/.netrc",
					     "home/.config/pnpm/rc",
					     "home/.bunfig.toml",
					     "second/.npmrc",
					     "work/.yarnrc",
					     "work/app/.npmrc",
					     "work/app/bunfig.toml",
					     "work/app/node_modules/x/package.json",
					     "ws/.npmrc",
					     "named/rc",
					     "named/netrc",
					     "xdg/pnpm/auth.ini",
					     "prefix/etc/npmrc",
					     "work/other.yml",
					     "named/not" };
	const char *const homes[] = { tree_path(tree_top, "second"), NULL };
	char environment[4096], here[PATH_MAX];
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		tree_add(tree_top, files[i], "x=1\n");
#define ADD(name, path) \
	len += (size_t)sprintf(environment + len, "%s=%s%s", name, tree_top, path) + 1
	ADD("HOME", "/home");
	ADD("INIT_CWD", "/ws/");
	ADD("npm_config_userconfig", "/named/rc");
	ADD("NETRC", "/named/netrc");
	ADD("XDG_CONFIG_HOME", "/xdg");
	ADD("npm_config_global_prefix", "/prefix");
	len += (size_t)sprintf(environment + len, "YARN_RC_FILENAME=other.yml") + 1;
	len += (size_t)sprintf(environment + len, "NPM_CONFIG_USERCONFIG=") + 1;
	assert_non_null(getcwd(here, sizeof(here)));
	{
		CLEANUP(environment_free) struct environment_table t = { 0 };
		struct config_chain c = { .table = &t, .homes = homes };

		read_table(&t);
		assert_int_equal(chdir(tree_path(tree_top, "work/app/node_modules/x")), 0);
		found[0] = 0;
		config_chain_each(&c, (uint32_t)getpid(), environment, len, on_file, NULL);
		assert_int_equal(chdir(here), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(files) - 1; i++) {
		char line[128];

		if (strstr(files[i], "package.json"))
			continue;
		snprintf(line, sizeof(line), "%s /%s\n",
			 strstr(files[i], "netrc") ? "netrc" : "manager", files[i]);
		if (!has(line))
			fail_msg("%s was not found, but\n%s", line, found);
	}
	assert_false(has("not"));
	assert_false(has("package.json"));
}

static void test_odd_files(void **state)
{
	char environment[256];
	size_t len;

	(void)state;
	tree_add(tree_top, "odd/real", "x=1\n");
	tree_link(tree_top, "odd/.npmrc", tree_path(tree_top, "odd/real"));
	tree_add(tree_top, "odd/.yarnrc/", NULL);
	assert_int_equal(mkfifo(tree_path(tree_top, "odd/.netrc"), 0600), 0);
	len = (size_t)snprintf(environment, sizeof(environment), "HOME=%s/odd", tree_top) + 1;
	look(environment, len, NULL);
	/* what a link of one's own leads to; no directory, and no pipe, at which one would wait */
	assert_string_equal(found, "manager /odd/real\n");
	/* a variable that does not end, and none at all */
	look(environment, len - 1, NULL);
	assert_string_equal(found, "");
	look("", 0, NULL);
	assert_string_equal(found, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_places, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_odd_files, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
