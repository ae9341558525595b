// SPDX-License-Identifier: GPL-2.0-only
/* test_knower.c - what is entered of a file and of a directory, before and after the session has
 * begun. The kernel's tables are made up here. */
#include "session/knower.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "decide.h"
#include "kernel/sessions.h"
#include "tree.h"

static struct ws_known entered;
static uint64_t entered_ino, noticed;
static enum ws_place placed;
static int fails;

int loader_identify(struct loader *l, int fd, struct ws_id *ret)
{
	struct stat st;

	assert_null(l);
	assert_int_equal(fstat(fd, &st), 0);
	*ret = (struct ws_id){ st.st_dev, st.st_ino };
	return 0;
}

int loader_know(struct loader *l, uint64_t session, const struct ws_id *id,
		const struct ws_known *known)
{
	assert_null(l);
	assert_int_equal(session, 7);
	entered = *known;
	entered_ino = id->ino;
	return fails;
}

int loader_session_notice(struct loader *l, uint64_t id, const struct ws_id *directory)
{
	assert_null(l);
	assert_int_equal(id, 7);
	noticed = directory->ino;
	return 0;
}

int loader_session_place(struct loader *l, uint64_t id, const struct ws_id *directory,
			 enum ws_place place)
{
	assert_null(l);
	assert_int_equal(id, 7);
	assert_true(directory->ino > 0);
	placed = place;
	return fails;
}

static char *patterns[] = { "/wormsign/credentials", "/wormsign/git-token" };
static struct rule rules[2];
static struct ruleset set = { .rules = rules, .count = 2 };
static struct ws_session record;
static int file, directory;
static uint64_t file_ino, directory_ino;

static int make(void **state)
{
	struct stat st;

	tree_setup(state);
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		rules[i].path = (struct strings){ &patterns[i], 1 };
	tree_add(tree_top, "d/f", "x");
	file = open(tree_path(tree_top, "d/f"), O_PATH);
	directory = open(tree_path(tree_top, "d"), O_PATH);
	assert_int_equal(fstat(file, &st), 0);
	file_ino = st.st_ino;
	assert_int_equal(fstat(directory, &st), 0);
	directory_ino = st.st_ino;
	record = (struct ws_session){ 0 };
	entered_ino = noticed = 0;
	placed = 0;
	fails = 0;
	return 0;
}

static int unmake(void **state)
{
	close(file);
	close(directory);
	return tree_teardown(state);
}

static void test_file(void **state)
{
	struct knower_here here = { .session = 7, .rules = &set };
	struct knower k = knower_here(&here);

	(void)state;
	assert_int_equal(k.know(k.arg, file, "git-token", 5), 0);
	assert_true(entered_ino == file_ino);
	assert_int_equal(entered.match.w[0], 2);
	assert_int_equal(entered.size, 5);
	assert_int_equal(noticed, 0);
	fails = -E2BIG;
	assert_int_equal(k.know(k.arg, file, "credentials", WS_ANY_SIZE), -E2BIG);
	assert_int_equal(k.know(k.arg, -1, "credentials", WS_ANY_SIZE), -EBADF);
}

/* The hooks must be told to look at it: by the record, or by the kernel's own once that is there.
 */
static void test_directory(void **state)
{
	struct knower_here here = { .session = 7, .rules = &set, .record = &record };
	struct knower k = knower_here(&here);

	(void)state;
	assert_int_equal(k.know(k.arg, directory, "credentials", WS_ANY_SIZE), 0);
	assert_true(entered_ino == directory_ino);
	assert_true(ws_bloom_has(record.place_bloom, directory_ino));
	assert_int_equal(noticed, 0);
	here.record = NULL;
	assert_int_equal(k.know(k.arg, directory, "credentials", WS_ANY_SIZE), 0);
	assert_true(noticed == directory_ino);
	noticed = 0;
	fails = -E2BIG;
	assert_int_equal(k.know(k.arg, directory, "credentials", WS_ANY_SIZE), -E2BIG);
	assert_int_equal(noticed, 0);
}

static void test_place(void **state)
{
	struct knower_here here = { .session = 7, .rules = &set };
	struct knower k = knower_here(&here);

	(void)state;
	assert_int_equal(k.place(k.arg, directory, WS_PLACE_CACHE), 0);
	assert_int_equal(placed, WS_PLACE_CACHE);
	fails = -ENOENT;
	assert_int_equal(k.place(k.arg, directory, WS_PLACE_CACHE), -ENOENT);
}

static void test_classes(void **state)
{
	static const char *const good[] = { "credentials", "netrc",	"certificates",
					    "sockets",	   "git-token", "clean-config",
					    "script-files" };
	static const char *const bad[] = { "", "x", "credential", "credentialss",
					   "/wormsign/netrc" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(known_class(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(known_class(bad[i]));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make, unmake)
	const struct CMUnitTest tests[] = { TEST(test_file), TEST(test_directory), TEST(test_place),
					    TEST(test_classes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
