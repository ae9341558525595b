// SPDX-License-Identifier: GPL-2.0-only
/* test_places.c - which directories become places, from users, environment and npm's
 * configuration. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "decide.h"
#include "cmocka_all.h"
#include "session/places_enter.h"
#include "tree.h"

static int make(void **state)
{
	tree_setup(state);
	clearenv();
	setenv("HOME", tree_path(tree_top, "home"), 1);
	setenv("PATH", "/usr/bin:/bin", 1);
	tree_add(tree_top, "home/.npm/", "");
	tree_add(tree_top, "home/.cache/", "");
	tree_add(tree_top, "home/.nvm/v20/bin/node", "");
	tree_add(tree_top, "home/project/.git/config", "");
	return chdir(tree_path(tree_top, "home/project"));
}

static int clear(void **state)
{
	assert_int_equal(chdir("/"), 0);
	return tree_teardown(state);
}

static struct ws_session enter(const struct places_sources *f)
{
	struct ws_session s = { 0 };
	struct places p;
	size_t left_out;

	assert_int_equal(places_find(&p, f, NULL), 0);
	assert_int_equal(places_enter(&s, &p, tree_identify, NULL, &left_out, NULL), 0);
	assert_int_equal(left_out, 0);
	places_free(&p);
	return s;
}

static struct places_sources facts(void)
{
	return (struct places_sources){ .passwd_home = tree_path(tree_top, "home"),
					.cwd = tree_path(tree_top, "home/project") };
}

/* The place that the directory itself has; as the kernel does it. */
static enum ws_place place_of(const struct ws_session *s, const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	for (size_t i = 0; i < s->place_count; i++)
		if (s->places[i].id.ino == st.st_ino && s->places[i].id.dev == st.st_dev) {
			assert_true(ws_bloom_has(s->place_bloom, st.st_ino));
			return ws_main_place(s->places[i].places & WS_PLACES_ALL);
		}
	return WS_PLACE_ELSEWHERE;
}

static void check(const struct ws_session *s, const char *name, enum ws_place wanted)
{
	assert_int_equal(place_of(s, tree_path(tree_top, name)), wanted);
}

static void usual(void **state)
{
	struct places_sources f = facts();
	struct ws_session s = enter(&f);

	(void)state;
	check(&s, "home", WS_PLACE_HOME);
	check(&s, "home/project", WS_PLACE_PROJECT);
	check(&s, "home/.npm", WS_PLACE_CACHE);
	check(&s, "home/.cache", WS_PLACE_CACHE);
	check(&s, "home/.nvm", WS_PLACE_TOOLS);
	assert_int_equal(place_of(&s, "/tmp"), WS_PLACE_TMP);
	assert_int_equal(place_of(&s, "/usr"), WS_PLACE_TOOLS);
	assert_int_equal(place_of(&s, "/"), WS_PLACE_ELSEWHERE);
}

static void two_homes(void **state)
{
	struct places_sources f = facts();
	struct ws_session s;

	(void)state;
	tree_add(tree_top, "second/.npm/", "");
	f.passwd_home = tree_path(tree_top, "second");
	s = enter(&f);
	check(&s, "home", WS_PLACE_HOME);
	check(&s, "second", WS_PLACE_HOME);
	check(&s, "second/.npm", WS_PLACE_CACHE);
	check(&s, "home/.npm", WS_PLACE_CACHE);
}

/* Users of the system "live" in directories that must not be hidden; so may HOME be nonsense. */
static void no_homes(void **state)
{
	static const char *const bad[] = {
		"/", "/usr/sbin", "/bin", "//", "relative", "", "/etc/x"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct places_sources f = facts();
		struct ws_session s;

		f.passwd_home = bad[i];
		setenv("HOME", bad[i], 1);
		s = enter(&f);
		for (size_t k = 0; k < s.place_count; k++)
			assert_false(s.places[k].places &
				     (WS_PLACE_BIT(WS_PLACE_HOME) | WS_PLACES_TILDE));
	}
	unsetenv("HOME");
}

/* The places that the directory itself is. */
static uint32_t places_of(const struct ws_session *s, const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	for (size_t i = 0; i < s->place_count; i++)
		if (s->places[i].id.ino == st.st_ino && s->places[i].id.dev == st.st_dev)
			return s->places[i].places;
	return 0;
}

/* A directory is all that it is named, but scripts keep their /tmp. */
static void same_directory(void **state)
{
	struct places_sources f = facts();
	struct ws_session s;

	(void)state;
	assert_int_equal(chdir(tree_path(tree_top, "home")), 0);
	f.cwd = tree_path(tree_top, "home");
	setenv("TMPDIR", tree_path(tree_top, "home"), 1);
	s = enter(&f);
	assert_int_equal(places_of(&s, tree_path(tree_top, "home")),
			 WS_PLACE_BIT(WS_PLACE_HOME) | WS_PLACES_TILDE |
				 WS_PLACE_BIT(WS_PLACE_PROJECT) | WS_PLACE_BIT(WS_PLACE_TMP));
	setenv("npm_config_cache", tree_path(tree_top, "home"), 1);
	s = enter(&f);
	assert_true(places_of(&s, tree_path(tree_top, "home")) & WS_PLACE_BIT(WS_PLACE_CACHE));
	check(&s, "home", WS_PLACE_HOME);
	unsetenv("npm_config_cache");

	assert_int_equal(chdir(tree_path(tree_top, "home/project")), 0);
	f.cwd = tree_path(tree_top, "home/project");
	setenv("TMPDIR", tree_path(tree_top, "home/project"), 1);
	s = enter(&f);
	assert_int_equal(places_of(&s, tree_path(tree_top, "home/project")),
			 WS_PLACE_BIT(WS_PLACE_PROJECT) | WS_PLACE_BIT(WS_PLACE_TMP));

	/* not the place `home`, but `~` stands for it */
	setenv("HOME", "/tmp", 1);
	s = enter(&f);
	assert_int_equal(places_of(&s, "/tmp"), WS_PLACE_BIT(WS_PLACE_TMP) | WS_PLACES_TILDE);
}

/* Above a home, the working directory is no project: all other homes would be. */
static void project_above_home(void **state)
{
	struct places_sources f = facts();
	struct ws_session s;

	(void)state;
	assert_int_equal(chdir(tree_top), 0);
	f.cwd = tree_top;
	s = enter(&f);
	assert_int_equal(place_of(&s, tree_top), WS_PLACE_ELSEWHERE);
	assert_int_equal(chdir("/"), 0);
	f.cwd = "/";
	s = enter(&f);
	assert_int_equal(place_of(&s, "/"), WS_PLACE_ELSEWHERE);
	f.cwd = NULL; /* removed */
	s = enter(&f);
	check(&s, "home", WS_PLACE_HOME);
}

/* The repository of a linked worktree is the project's; what lies beside it is not. */
static void worktree(void **state)
{
	struct places_sources f = facts();
	struct ws_session s;
	char text[512];

	(void)state;
	tree_add(tree_top, "home/main/.git/HEAD", "ref: refs/heads/main");
	tree_add(tree_top, "home/main/.git/objects/", "");
	tree_add(tree_top, "home/main/.git/refs/", "");
	tree_add(tree_top, "home/main/.git/worktrees/app/commondir", "../..");
	tree_add(tree_top, "home/app/", "");
	snprintf(text, sizeof(text), "%s", tree_path(tree_top, "home/app/.git"));
	tree_add(tree_top, "home/main/.git/worktrees/app/gitdir", text);
	snprintf(text, sizeof(text), "gitdir: %s",
		 tree_path(tree_top, "home/main/.git/worktrees/app"));
	tree_add(tree_top, "home/app/.git", text);
	assert_int_equal(chdir(tree_path(tree_top, "home/app")), 0);
	f.cwd = tree_path(tree_top, "home/app");
	s = enter(&f);
	check(&s, "home/app", WS_PLACE_PROJECT);
	check(&s, "home/main/.git", WS_PLACE_PROJECT);
	check(&s, "home/main", WS_PLACE_ELSEWHERE);
}

static void add_repository(const char *dir)
{
	char name[256];

	snprintf(name, sizeof(name), "%s/.git/HEAD", dir);
	tree_add(tree_top, name, "ref: refs/heads/main");
	snprintf(name, sizeof(name), "%s/.git/objects/", dir);
	tree_add(tree_top, name, "");
	snprintf(name, sizeof(name), "%s/.git/refs/", dir);
	tree_add(tree_top, name, "");
}

/* A project in a directory of its repository: all of that is the project's, unless it is a home. */
static void part_of_repository(void **state)
{
	struct places_sources f = facts();
	struct ws_session s;

	(void)state;
	add_repository("home/app");
	tree_add(tree_top, "home/app/web/package.json", "{}");
	assert_int_equal(chdir(tree_path(tree_top, "home/app/web")), 0);
	f.cwd = tree_path(tree_top, "home/app/web");
	s = enter(&f);
	check(&s, "home/app/web", WS_PLACE_PROJECT);
	check(&s, "home/app", WS_PLACE_PROJECT);
	check(&s, "home", WS_PLACE_HOME);
	assert_false(s.flags & WS_SESSION_HOME_TREE);

	add_repository("home");
	tree_add(tree_top, "home/other/", "");
	assert_int_equal(chdir(tree_path(tree_top, "home/other")), 0);
	f.cwd = tree_path(tree_top, "home/other");
	s = enter(&f);
	check(&s, "home/other", WS_PLACE_PROJECT);
	check(&s, "home/.git", WS_PLACE_PROJECT);
	assert_true(s.flags & WS_SESSION_HOME_TREE);
	for (size_t i = 0; i < s.place_count; i++) /* a home that is the project, too, is not it */
		assert_int_not_equal(s.places[i].places & WS_PLACES_ALL,
				     WS_PLACE_BIT(WS_PLACE_HOME) | WS_PLACE_BIT(WS_PLACE_PROJECT));
}

static void environment(void **state)
{
	const char *tmp[] = { tree_path(tree_top, "given-tmp"), NULL };
	const char *cache[] = { "given-cache", "missing", NULL };
	struct places_sources f = facts();
	struct ws_session s;

	(void)state;
	tree_add(tree_top, "t/", "");
	tree_add(tree_top, "xdg/", "");
	tree_add(tree_top, "given-tmp/", "");
	tree_add(tree_top, "tools/", "");
	tree_add(tree_top, "home/project/given-cache/", "");
	tree_add(tree_top, "home/project/.npm-here/", "");
	setenv("TMPDIR", tree_path(tree_top, "t"), 1);
	setenv("XDG_CACHE_HOME", tree_path(tree_top, "xdg"), 1);
	setenv("npm_config_cache", ".npm-here", 1); /* relative to the working directory */
	setenv("RUNNER_TOOL_CACHE", tree_path(tree_top, "tools"), 1);
	f.tmp = tmp;
	f.cache = cache;
	s = enter(&f);
	check(&s, "t", WS_PLACE_TMP);
	check(&s, "given-tmp", WS_PLACE_TMP);
	check(&s, "xdg", WS_PLACE_CACHE);
	check(&s, "home/project/.npm-here", WS_PLACE_CACHE);
	check(&s, "home/project/given-cache", WS_PLACE_CACHE);
	check(&s, "tools", WS_PLACE_TOOLS);
}

static void path(void **state)
{
	struct places_sources f = facts();
	_free_ char *list = NULL;
	struct ws_session s;

	(void)state;
	tree_add(tree_top, "home/node-v20/bin/node", "");
	tree_add(tree_top, "home/node-v20/lib/x", "");
	tree_add(tree_top, "home/.local/bin/tool", "");
	tree_add(tree_top, "home/.local/lib/x", "");
	tree_add(tree_top, "home/bin/tool", "");
	tree_add(tree_top, "home/lib/x", "");
	tree_add(tree_top, "home/project/node_modules/.bin/x", "");
	tree_add(tree_top, "outside/bin/x", "");
	assert_true(asprintf(&list, "%s:%s:%s:%s:%s:%s::relative:/usr/bin",
			     tree_path(tree_top, "home/node-v20/bin"),
			     tree_path(tree_top, "home/.local/bin"),
			     tree_path(tree_top, "home/bin"),
			     tree_path(tree_top, "home/project/node_modules/.bin"),
			     tree_path(tree_top, "outside/bin"), tree_path(tree_top, "home")) > 0);
	setenv("PATH", list, 1);
	s = enter(&f);
	check(&s, "home/node-v20", WS_PLACE_TOOLS); /* bin and lib are one toolchain */
	check(&s, "home/.local/bin", WS_PLACE_TOOLS);
	check(&s, "home/.local", WS_PLACE_ELSEWHERE); /* holds more than tools */
	check(&s, "home/bin", WS_PLACE_TOOLS);
	check(&s, "home", WS_PLACE_HOME);
	check(&s, "home/project/node_modules/.bin", WS_PLACE_ELSEWHERE);
	check(&s, "outside/bin", WS_PLACE_ELSEWHERE);
}

static void npmrc_files(void **state)
{
	struct places_sources f = facts();
	struct ws_session s;

	(void)state;
	tree_add(tree_top, "user-cache/", "");
	tree_add(tree_top, "home/project/.c/", "");
	tree_add(tree_top, "home/.npmrc", "cache=~/../user-cache\n");
	tree_add(tree_top, "home/project/.npmrc", "cache=.c\n");
	s = enter(&f);
	check(&s, "user-cache", WS_PLACE_CACHE);
	check(&s, "home/project/.c", WS_PLACE_CACHE);
	/* a project may come from anybody: it names no directory but its own */
	tree_add(tree_top, "home/.secret/", "");
	tree_add(tree_top, "home/project/.npmrc", "cache=../.secret\n");
	s = enter(&f);
	check(&s, "home/.secret", WS_PLACE_ELSEWHERE);
	tree_add(tree_top, "home/project/.npmrc", "cache=~/.secret\n");
	s = enter(&f);
	check(&s, "home/.secret", WS_PLACE_ELSEWHERE);
	tree_add(tree_top, "home/project/.npmrc", "cache=.\n");
	s = enter(&f);
	check(&s, "home/project", WS_PLACE_PROJECT);
	tree_link(tree_top, "home/project/.l", "../.secret");
	tree_add(tree_top, "home/project/.npmrc", "cache=.l\n");
	s = enter(&f);
	check(&s, "home/.secret", WS_PLACE_ELSEWHERE);
	/* never wait for what is no file */
	assert_int_equal(unlink(tree_path(tree_top, "home/.npmrc")), 0);
	assert_int_equal(mkfifo(tree_path(tree_top, "home/.npmrc"), 0600), 0);
	s = enter(&f);
	check(&s, "home", WS_PLACE_HOME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(usual, make, clear),
		cmocka_unit_test_setup_teardown(two_homes, make, clear),
		cmocka_unit_test_setup_teardown(no_homes, make, clear),
		cmocka_unit_test_setup_teardown(same_directory, make, clear),
		cmocka_unit_test_setup_teardown(project_above_home, make, clear),
		cmocka_unit_test_setup_teardown(worktree, make, clear),
		cmocka_unit_test_setup_teardown(part_of_repository, make, clear),
		cmocka_unit_test_setup_teardown(environment, make, clear),
		cmocka_unit_test_setup_teardown(path, make, clear),
		cmocka_unit_test_setup_teardown(npmrc_files, make, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
