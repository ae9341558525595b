// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_late_looks.c - what a record of a new home, and of a script in a repository, has as its
 * consequence. The kernel's tables are made up here.
 */
#include "session/late_looks.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "kernel/sessions.h"
#include "session/pid_namespace.h"
#include "tree.h"

static struct {
	uint64_t ino;
	enum ws_place place;
} made[64];
static size_t made_count, known_count;
static uint64_t known[16];

int loader_identify(struct loader *l, int fd, struct ws_id *ret)
{
	struct stat st;

	assert_null(l);
	assert_int_equal(fstat(fd, &st), 0);
	*ret = (struct ws_id){ st.st_dev, st.st_ino };
	return 0;
}

int loader_know(struct loader *l, uint64_t session, const struct ws_id *id,
		const struct ws_known *k)
{
	assert_null(l);
	assert_int_equal(session, 7);
	assert_non_null(k);
	assert_true(known_count < ARRAY_SIZE(known));
	known[known_count++] = id->ino;
	return 0;
}

int loader_session_place(struct loader *l, uint64_t id, const struct ws_id *directory,
			 enum ws_place place)
{
	assert_null(l);
	assert_int_equal(id, 7);
	assert_true(made_count < ARRAY_SIZE(made));
	made[made_count].ino = directory->ino;
	made[made_count++].place = place;
	return 0;
}

int loader_session_notice(struct loader *l, uint64_t id, const struct ws_id *directory)
{
	(void)l, (void)id, (void)directory;
	return 0;
}

static char first[4096], tmp[4096];
static struct place at[] = { { .place = WS_PLACE_HOME, .path = first },
			     { .place = WS_PLACE_TMP, .path = tmp } };
static struct places places = { .at = at, .count = 2 };
static struct ruleset set;
static struct knower_here here = { .session = 7, .rules = &set };
static struct late_looks looks = { .session = 7, .places = &places };

static int make(void **state)
{
	tree_setup(state);
	looks.knower = knower_here(&here);
	made_count = known_count = 0;
	tree_add(tree_top, "first/x", "");
	tree_add(tree_top, "second/.npm/x", "");
	tree_add(tree_top, "second/.netrc", "machine h login u password p");
	tree_add(tree_top, "tmp/home/x", "");
	snprintf(first, sizeof(first), "%s/first", tree_top);
	snprintf(tmp, sizeof(tmp), "%s/tmp", tree_top);
	return 0;
}

static bool is_made(const char *name, enum ws_place place)
{
	struct stat st;

	assert_int_equal(stat(tree_path(tree_top, name), &st), 0);
	for (size_t i = 0; i < made_count; i++)
		if (made[i].ino == st.st_ino && made[i].place == place)
			return true;
	return false;
}

static void bring(const char *home)
{
	struct ws_rec_home r = { .head = { .kind = WS_REC_HOME, .session = 7 } };

	snprintf(r.path, sizeof(r.path), "%s", home);
	made_count = known_count = 0;
	late_looks_record(&looks, &r.head);
}

static void test_home(void **state)
{
	(void)state;
	bring(tree_path(tree_top, "second"));
	assert_true(is_made("second", WS_PLACE_HOME));
	assert_true(is_made("second/.npm", WS_PLACE_CACHE));
	/* what lies in the home is a cache before the home is one */
	assert_int_equal(made[made_count - 1].place, WS_PLACE_HOME);
	assert_int_equal(known_count, 1);
}

static void test_not_homes(void **state)
{
	static const char *const not [] = { "",		"relative/x",	    "/", "/var", "/usr",
					    "/usr/bin", "/nonexistent/home" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(not ); i++) {
		bring(not [i]);
		if (made_count)
			fail_msg("%s", not [i]);
	}
	bring(first); /* it is one */
	assert_int_equal(made_count, 0);
	bring(tree_top); /* above one */
	assert_int_equal(made_count, 0);
	bring(tree_path(tree_top, "tmp/home")); /* temporary */
	assert_int_equal(made_count, 0);
}

static void test_other_session(void **state)
{
	struct ws_rec_home r = { .head = { .kind = WS_REC_HOME, .session = 8 } };

	(void)state;
	snprintf(r.path, sizeof(r.path), "%s/second", tree_top);
	late_looks_record(&looks, &r.head);
	r.head = (struct ws_head){ .kind = WS_REC_EXIT, .session = 7 };
	late_looks_record(&looks, &r.head);
	assert_int_equal(made_count, 0);
}

/* Wire order: components from last to first. */
static void turn_round(char *to, size_t room, const char *path)
{
	size_t n = 0;

	for (size_t end = strlen(path); end > 0;) {
		size_t from = end;

		while (path[from - 1] != '/')
			from--;
		n += snprintf(to + n, room - n, "%.*s/", (int)(end - from), path + from);
		end = from - 1;
	}
}

static void test_repository(void **state)
{
	struct ws_rec_scope r = { .head = { .kind = WS_REC_SCOPE, .session = 7 } };
	struct stat st;

	(void)state;
	tree_add(tree_top, "clone/.git/config", "[core]\n");
	tree_add(tree_top, "clone/node_modules/a/x", "");
	turn_round(r.dir, sizeof(r.dir), tree_path(tree_top, "clone/node_modules/a"));
	r.dir_len = strlen(r.dir);
	late_looks_record(&looks, &r.head);
	assert_int_equal(stat(tree_path(tree_top, "clone/.git/config"), &st), 0);
	assert_int_equal(known_count, 1);
	assert_true(known[0] == st.st_ino);
	r.head.flags = WS_F_PATH_CUT;
	late_looks_record(&looks, &r.head);
	assert_int_equal(known_count, 1);
}

/* Of the project that the script's package is installed in; once for each. */
static void test_scripts(void **state)
{
	struct ws_rec_scope r = { .head = { .kind = WS_REC_SCOPE, .session = 7 } };

	(void)state;
	tree_add(tree_top, "web/package.json", "{\"scripts\":{\"x\":\"node gen\"}}");
	tree_add(tree_top, "web/gen.js", "");
	tree_add(tree_top, "web/node_modules/a/x", "");
	turn_round(r.dir, sizeof(r.dir), tree_path(tree_top, "web/node_modules/a"));
	r.dir_len = strlen(r.dir);
	for (int i = 0; i < 2; i++) {
		late_looks_record(&looks, &r.head);
		assert_int_equal(known_count, 2); /* the file, and the link that it is not */
	}
}

static bool is_told(const char *argv, size_t len, const char *directory)
{
	struct ws_rec_exec r = { .head = { .kind = WS_REC_EXEC,
					   .session = 7,
					   .actor = WS_ACTOR_MANAGER,
					   .pid = getpid() },
				 .manager = 1,
				 .argv.len = len };

	memcpy(r.argv.bytes, argv, len);
	made_count = 0;
	late_looks_record(&looks, &r.head);
	for (int clone = 0; clone < 2; clone++) { /* neither a clone nor a package's */
		size_t before = made_count;

		r.clone = clone;
		r.head.actor = clone ? WS_ACTOR_MANAGER : WS_ACTOR_PACKAGE;
		late_looks_record(&looks, &r.head);
		assert_int_equal(made_count, before);
	}
	return made_count > 0 && is_made(directory, WS_PLACE_PROJECT);
}

/* npm -C DIR: the directory, and the root of its workspace. */
static void test_told(void **state)
{
	char argv[5000];
	int n;

	(void)state;
	tree_add(tree_top, "mono/package.json", "{\"workspaces\":[\"*\"]}");
	tree_add(tree_top, "mono/a/package.json", "{}");
	tree_add(tree_top, "mono/bare/x", "");
	n = snprintf(argv, sizeof(argv), "npm%c-C%c%s%cci", 0, 0, tree_path(tree_top, "mono/a"), 0);
	assert_true(is_told(argv, n + 1, "mono/a"));
	assert_true(is_made("mono", WS_PLACE_PROJECT));
	n = snprintf(argv, sizeof(argv), "npm%c--prefix=%s", 0, tree_path(tree_top, "mono/bare"));
	assert_false(is_told(argv, n + 1, "mono/bare")); /* no manifest */
	n = snprintf(argv, sizeof(argv), "npm%c--prefix=/usr", 0);
	assert_false(is_told(argv, n + 1, "mono"));
	tree_add(tree_top, "package.json", "{}");
	n = snprintf(argv, sizeof(argv), "npm%c-C%c%s", 0, 0, tree_top);
	assert_false(is_told(argv, n + 1, "")); /* above a home */
	if (pid_namespace_is_first()) {
		assert_int_equal(chdir(tree_path(tree_top, "mono")), 0);
		n = snprintf(argv, sizeof(argv), "npm%c--prefix%ca", 0, 0);
		assert_true(is_told(argv, n + 1, "mono/a"));
		assert_int_equal(chdir("/"), 0);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make, tree_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_home),       TEST(test_not_homes), TEST(test_other_session),
		TEST(test_repository), TEST(test_scripts),   TEST(test_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
