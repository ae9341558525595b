// SPDX-License-Identifier: GPL-2.0-only
/* test_session.c - which directories become places, from users, environment and npm's
 * configuration. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "cmocka_all.h"
#include "session.h"
#include "tree.h"

static char *top;

static int make(void **state)
{
	(void)state;
	top = tree_new();
	clearenv();
	setenv("HOME", tree_path(top, "home"), 1);
	setenv("PATH", "/usr/bin:/bin", 1);
	tree_add(top, "home/.npm/", "");
	tree_add(top, "home/.cache/", "");
	tree_add(top, "home/.nvm/v20/bin/node", "");
	tree_add(top, "home/project/.git/config", "");
	return chdir(tree_path(top, "home/project"));
}

static int clear(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	tree_free(top);
	return 0;
}

static int identify(void *arg, int fd, struct ws_id *ret)
{
	struct stat st;

	(void)arg;
	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = (struct ws_id){ st.st_dev, st.st_ino };
	return 0;
}

static struct ws_session enter(const struct session_facts *f)
{
	struct ws_session s = { 0 };
	struct session_places p;
	size_t left_out;

	assert_int_equal(session_places(&p, f, NULL), 0);
	assert_int_equal(session_enter_places(&s, &p, identify, NULL, &left_out, NULL), 0);
	assert_int_equal(left_out, 0);
	session_places_free(&p);
	return s;
}

static struct session_facts facts(void)
{
	return (struct session_facts){ .passwd_home = tree_path(top, "home"),
				       .cwd = tree_path(top, "home/project") };
}

/* The place that the directory itself has; as the kernel does it. */
static enum ws_place place_of(const struct ws_session *s, const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	for (size_t i = 0; i < s->place_count; i++)
		if (s->places[i].id.ino == st.st_ino && s->places[i].id.dev == st.st_dev) {
			assert_true(s->place_bloom >> (st.st_ino & 63) & 1);
			return s->places[i].place;
		}
	return WS_PLACE_ELSEWHERE;
}

static void check(const struct ws_session *s, const char *name, enum ws_place wanted)
{
	assert_int_equal(place_of(s, tree_path(top, name)), wanted);
}

static void usual(void **state)
{
	struct session_facts f = facts();
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
	struct session_facts f = facts();
	struct ws_session s;

	(void)state;
	tree_add(top, "second/.npm/", "");
	f.passwd_home = tree_path(top, "second");
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
		struct session_facts f = facts();
		struct ws_session s;

		f.passwd_home = bad[i];
		setenv("HOME", bad[i], 1);
		s = enter(&f);
		for (size_t k = 0; k < s.place_count; k++)
			assert_int_not_equal(s.places[k].place, WS_PLACE_HOME);
	}
	unsetenv("HOME");
}

/* Of two meanings of one directory, the stricter counts, but scripts keep their /tmp. */
static void same_directory(void **state)
{
	struct session_facts f = facts();
	struct ws_session s;

	(void)state;
	assert_int_equal(chdir(tree_path(top, "home")), 0);
	f.cwd = tree_path(top, "home");
	setenv("TMPDIR", tree_path(top, "home"), 1);
	s = enter(&f);
	check(&s, "home", WS_PLACE_HOME);

	assert_int_equal(chdir(tree_path(top, "home/project")), 0);
	f.cwd = tree_path(top, "home/project");
	setenv("TMPDIR", tree_path(top, "home/project"), 1);
	s = enter(&f);
	check(&s, "home/project", WS_PLACE_PROJECT);

	setenv("HOME", "/tmp", 1);
	s = enter(&f);
	assert_int_equal(place_of(&s, "/tmp"), WS_PLACE_TMP);
}

/* Above a home, the working directory is no project: all other homes would be. */
static void project_above_home(void **state)
{
	struct session_facts f = facts();
	struct ws_session s;

	(void)state;
	assert_int_equal(chdir(top), 0);
	f.cwd = top;
	s = enter(&f);
	assert_int_equal(place_of(&s, top), WS_PLACE_ELSEWHERE);
	assert_int_equal(chdir("/"), 0);
	f.cwd = "/";
	s = enter(&f);
	assert_int_equal(place_of(&s, "/"), WS_PLACE_ELSEWHERE);
	f.cwd = NULL; /* removed */
	s = enter(&f);
	check(&s, "home", WS_PLACE_HOME);
}

static void environment(void **state)
{
	const char *tmp[] = { tree_path(top, "given-tmp"), NULL };
	const char *cache[] = { "given-cache", "missing", NULL };
	struct session_facts f = facts();
	struct ws_session s;

	(void)state;
	tree_add(top, "t/", "");
	tree_add(top, "xdg/", "");
	tree_add(top, "given-tmp/", "");
	tree_add(top, "tools/", "");
	tree_add(top, "home/project/given-cache/", "");
	tree_add(top, "home/project/.npm-here/", "");
	setenv("TMPDIR", tree_path(top, "t"), 1);
	setenv("XDG_CACHE_HOME", tree_path(top, "xdg"), 1);
	setenv("npm_config_cache", ".npm-here", 1); /* relative to the working directory */
	setenv("RUNNER_TOOL_CACHE", tree_path(top, "tools"), 1);
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
	struct session_facts f = facts();
	_free_ char *list = NULL;
	struct ws_session s;

	(void)state;
	tree_add(top, "home/node-v20/bin/node", "");
	tree_add(top, "home/node-v20/lib/x", "");
	tree_add(top, "home/.local/bin/tool", "");
	tree_add(top, "home/.local/lib/x", "");
	tree_add(top, "home/bin/tool", "");
	tree_add(top, "home/lib/x", "");
	tree_add(top, "home/project/node_modules/.bin/x", "");
	tree_add(top, "outside/bin/x", "");
	assert_true(asprintf(&list, "%s:%s:%s:%s:%s:%s::relative:/usr/bin",
			     tree_path(top, "home/node-v20/bin"), tree_path(top, "home/.local/bin"),
			     tree_path(top, "home/bin"),
			     tree_path(top, "home/project/node_modules/.bin"),
			     tree_path(top, "outside/bin"), tree_path(top, "home")) > 0);
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

static void npmrc(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "", NULL },
		{ "cache=/c\n", "/c" },
		{ "registry=x\n  cache =  /c d \n", "/c d" },
		{ "cache=\"/c\"\r\n", "/c" },
		{ "cache='/c'", "/c" },
		{ "cache=/a\ncache=/b\n", "/b" },
		{ ";cache=/a\n#cache=/b\n", NULL },
		{ "cache=\n", NULL },
		{ "cache\n", NULL },
		{ "cache-min=3\n", NULL },
		{ "[section]\ncache=/c\n", NULL },
		{ "cache=${CACHE_BASE}/x\n", "/base/x" },
		{ "cache=${NOT_SET}/x\n", "${NOT_SET}/x" },
		{ "cache=${CACHE_BASE\n", "${CACHE_BASE" },
		{ "//r/:_authToken=abc\ncache=/c\n", "/c" },
	};

	(void)state;
	setenv("CACHE_BASE", "/base", 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_free_ char *got = session_npmrc_cache(cases[i].text);

		if (cases[i].wanted)
			assert_string_equal(got, cases[i].wanted);
		else
			assert_null(got);
	}
}

static void npmrc_files(void **state)
{
	struct session_facts f = facts();
	struct ws_session s;

	(void)state;
	tree_add(top, "user-cache/", "");
	tree_add(top, "home/project/.c/", "");
	tree_add(top, "home/.npmrc", "cache=~/../user-cache\n");
	tree_add(top, "home/project/.npmrc", "cache=.c\n");
	s = enter(&f);
	check(&s, "user-cache", WS_PLACE_CACHE);
	check(&s, "home/project/.c", WS_PLACE_CACHE);
	/* a project may come from anybody: it names no directory but its own */
	tree_add(top, "home/.secret/", "");
	tree_add(top, "home/project/.npmrc", "cache=../.secret\n");
	s = enter(&f);
	check(&s, "home/.secret", WS_PLACE_ELSEWHERE);
	tree_add(top, "home/project/.npmrc", "cache=~/.secret\n");
	s = enter(&f);
	check(&s, "home/.secret", WS_PLACE_ELSEWHERE);
	tree_add(top, "home/project/.npmrc", "cache=.\n");
	s = enter(&f);
	check(&s, "home/project", WS_PLACE_PROJECT);
	tree_link(top, "home/project/.l", "../.secret");
	tree_add(top, "home/project/.npmrc", "cache=.l\n");
	s = enter(&f);
	check(&s, "home/.secret", WS_PLACE_ELSEWHERE);
	/* never wait for what is no file */
	assert_int_equal(unlink(tree_path(top, "home/.npmrc")), 0);
	assert_int_equal(mkfifo(tree_path(top, "home/.npmrc"), 0600), 0);
	s = enter(&f);
	check(&s, "home", WS_PLACE_HOME);
}

static void too_many(void **state)
{
	struct ws_session s = { 0 };
	struct session_places p = { 0 };
	size_t left_out;

	(void)state;
	p.at = calloc(100, sizeof(*p.at));
	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "m/%d/", i);
		tree_add(top, name, "");
		p.at[p.count++] =
			(struct session_place){ .place = WS_PLACE_CACHE, .path = strdup(tree_path(top, name)) };
	}
	assert_int_equal(session_enter_places(&s, &p, identify, NULL, &left_out, NULL), 0);
	assert_int_equal(s.place_count, WS_PLACES_MAX);
	assert_int_equal(left_out, 100 - WS_PLACES_MAX);
	session_places_free(&p);
}

static int cannot(void *arg, int fd, struct ws_id *ret)
{
	(void)arg;
	(void)fd;
	(void)ret;
	return -EBADF;
}

static void no_identity(void **state)
{
	struct session_facts f = facts();
	struct ws_session s = { 0 };
	struct session_places p;
	struct error e = { 0 };
	size_t left_out;

	(void)state;
	assert_int_equal(session_places(&p, &f, NULL), 0);
	assert_int_equal(session_enter_places(&s, &p, cannot, NULL, &left_out, &e), -EBADF);
	assert_non_null(strstr(e.text, "/tmp"));
	session_places_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(usual, make, clear),
		cmocka_unit_test_setup_teardown(two_homes, make, clear),
		cmocka_unit_test_setup_teardown(no_homes, make, clear),
		cmocka_unit_test_setup_teardown(same_directory, make, clear),
		cmocka_unit_test_setup_teardown(project_above_home, make, clear),
		cmocka_unit_test_setup_teardown(environment, make, clear),
		cmocka_unit_test_setup_teardown(path, make, clear),
		cmocka_unit_test_setup_teardown(npmrc, make, clear),
		cmocka_unit_test_setup_teardown(npmrc_files, make, clear),
		cmocka_unit_test_setup_teardown(too_many, make, clear),
		cmocka_unit_test_setup_teardown(no_identity, make, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
