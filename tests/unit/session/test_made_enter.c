// SPDX-License-Identifier: GPL-2.0-only
/* test_made_enter.c - only what is still there as it was created, below a home, is entered. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/made_enter.h"
#include "tree.h"

#define GENERATION 77u

static struct {
	char package[64];
	struct ws_made made;
} entered[8];
static size_t count;
static int enter_error;

static int identify(void *arg, int fd, struct ws_id *ret)
{
	int r = tree_identify(arg, fd, ret);

	ret->dev |= (uint64_t)GENERATION << 32;
	return r;
}

static int enter(void *arg, const char *package, const struct ws_made *made)
{
	(void)arg;
	snprintf(entered[count].package, sizeof(entered[count].package), "%s", package);
	entered[count++].made = *made;
	return enter_error;
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static uint64_t inode(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_ino : 1;
}

static void add(struct made_list *l, const char *package, const char *name)
{
	const char *path = tree_path(tree_top, name);
	struct made_entry e = { (char *)package, (char *)path, inode(path),
				GENERATION,	 now(),	       strstr(name, "guarded") };

	assert_int_equal(made_list_add(l, &e), 0);
}

static size_t enter_all(const struct made_list *l, int wanted)
{
	struct place at[] = {
		{ .place = WS_PLACE_HOME, .path = (char *)tree_path(tree_top, "missing") },
		{ .place = WS_PLACE_CACHE, .path = (char *)tree_path(tree_top, "cache") },
		{ .place = WS_PLACE_HOME, .path = (char *)tree_path(tree_top, "home-link") },
	};
	struct places p = { .at = at, .count = ARRAY_SIZE(at) };
	struct error e = { 0 };
	size_t found = 99;

	count = 0;
	assert_int_equal(made_enter(l, &p, identify, enter, NULL, &found, &e), wanted);
	assert_int_equal(!e.text[0], wanted == 0);
	return found;
}

static int make(void **state)
{
	tree_setup(state);
	enter_error = 0;
	tree_add(tree_top, "home/.a/x", "");
	tree_add(tree_top, "home/.b/", "");
	tree_add(tree_top, "home/file", "");
	tree_add(tree_top, "home/.guarded/", "");
	tree_add(tree_top, "homestead/.a/", "");
	tree_add(tree_top, "cache/.a/", "");
	tree_link(tree_top, "home-link", "home");
	return 0;
}

static void by_package(void **state)
{
	CLEANUP(made_list_free) struct made_list l = { 0 };

	(void)state;
	add(&l, "a", "home/.a");
	add(&l, "b", "home/.b");
	add(&l, "a", "home/file");
	add(&l, "a", "home/.guarded");
	assert_int_equal(enter_all(&l, 0), 4);
	assert_int_equal(count, 2);
	assert_string_equal(entered[0].package, "a");
	assert_int_equal(entered[0].made.count, 3);
	assert_int_equal(entered[0].made.guarded, 4);
	assert_int_equal(entered[0].made.ids[0].ino, inode(tree_path(tree_top, "home/.a")));
	assert_int_equal(entered[0].made.ids[0].dev >> 32, GENERATION);
	assert_string_equal(entered[1].package, "b");
	assert_int_equal(entered[1].made.count, 1);
	enter_error = -E2BIG;
	enter_all(&l, -E2BIG);
}

static void left_out(void **state)
{
	CLEANUP(made_list_free) struct made_list l = { 0 };

	(void)state;
	add(&l, "outside", "homestead/.a"); /* below no home of the session */
	add(&l, "outside", "cache/.a");
	add(&l, "outside", "home/../cache/.a");
	add(&l, "gone", "home/.gone");
	add(&l, "other", "home/.a");
	l.at[l.count - 1].inode++; /* another directory of that name */
	add(&l, "reused", "home/.b");
	l.at[l.count - 1].generation++; /* the inode's number was given to another */
	add(&l, "home", "home");
	assert_int_equal(enter_all(&l, 0), 0);
	assert_int_equal(count, 0);
	made_list_free(&l);
	assert_int_equal(enter_all(&l, 0), 0);
}

/* Where the file system keeps the time of creation, a later one under the same number is known. */
static void another_time(void **state)
{
	CLEANUP(made_list_free) struct made_list l = { 0 };
	struct statx st;

	(void)state;
	if (statx(AT_FDCWD, tree_top, 0, STATX_BTIME, &st) < 0 || !(st.stx_mask & STATX_BTIME))
		skip();
	add(&l, "a", "home/.a");
	l.at[0].time -= 60000000000ull;
	assert_int_equal(enter_all(&l, 0), 0);
	l.at[0].time += 120000000000ull;
	assert_int_equal(enter_all(&l, 0), 0);
	l.at[0].time -= 60000000000ull;
	assert_int_equal(enter_all(&l, 0), 1);
}

/* watch does not know where the home's file system is mounted: here /proc is the home's. */
static void from_the_mount(void **state)
{
	CLEANUP(made_list_free) struct made_list l = { 0 };
	struct place at[] = { { .place = WS_PLACE_HOME, .path = (char *)"/proc/sys" } };
	struct places p = { .at = at, .count = 1 };
	struct made_entry e = {
		(char *)"a", (char *)"/sys/kernel", inode("/proc/sys/kernel"), GENERATION, now(),
		true
	};
	size_t found;

	(void)state;
	count = 0;
	assert_int_equal(made_list_add(&l, &e), 0);
	assert_int_equal(made_enter(&l, &p, identify, enter, NULL, &found, NULL), 0);
	assert_int_equal(found, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_package, make, tree_teardown),
		cmocka_unit_test_setup_teardown(left_out, make, tree_teardown),
		cmocka_unit_test_setup_teardown(another_time, make, tree_teardown),
		cmocka_unit_test_setup_teardown(from_the_mount, make, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
