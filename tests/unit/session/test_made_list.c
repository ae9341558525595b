// SPDX-License-Identifier: GPL-2.0-only
/* test_made_list.c - what is kept between sessions: bounds, files that are refused, replacement. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/made_list.h"
#include "tree.h"

static char dir[256];

static int make(void **state)
{
	tree_setup(state);
	snprintf(dir, sizeof(dir), "%s/state", tree_top);
	return 0;
}

static void add(struct made_list *l, const char *package, const char *path, uint64_t inode)
{
	struct made_entry entry = { (char *)package, (char *)path, inode, 7, 1000, inode == 5 };

	assert_int_equal(made_list_add(l, &entry), 0);
}

static void round_trip(void **state)
{
	struct made_list l = { 0 }, back;
	struct stat st;

	(void)state;
	assert_int_equal(made_list_load(&back, dir, NULL), 0); /* nothing there is no error */
	assert_int_equal(back.count, 0);
	assert_int_equal(made_list_save(&back, dir, NULL), 0); /* and nothing is written */
	assert_int_equal(access(dir, F_OK), -1);
	add(&l, "@a/b", "/home/ci/.b \"x\"\n", 5);
	add(&l, "c", "/home/ci/.c", INT64_MAX);
	assert_int_equal(made_list_save(&l, dir, NULL), 0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(tree_path(dir, "made.json"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(access(tree_path(dir, "made.json.new"), F_OK), -1);
	assert_int_equal(made_list_load(&back, dir, NULL), 0);
	assert_int_equal(back.count, 2);
	assert_string_equal(back.at[0].package, "@a/b");
	assert_string_equal(back.at[0].path, "/home/ci/.b \"x\"\n");
	assert_int_equal(back.at[0].inode, 5);
	assert_int_equal(back.at[0].generation, 7);
	assert_int_equal(back.at[0].time, 1000);
	assert_true(back.at[0].guarded);
	assert_int_equal(back.at[1].inode, INT64_MAX);
	assert_false(back.at[1].guarded);
	made_list_free(&back);
	made_list_free(&l);
	assert_null(l.at);
}

/* Another session's entries stay, and one of the same package and path is replaced. */
static void merged(void **state)
{
	struct made_list l = { 0 }, back;

	(void)state;
	add(&l, "a", "/h/.a", 1);
	add(&l, "b", "/h/.b", 2);
	assert_int_equal(made_list_save(&l, dir, NULL), 0);
	made_list_free(&l);
	add(&l, "a", "/h/.a", 3);
	add(&l, "c", "/h/.a", 4);
	assert_int_equal(made_list_save(&l, dir, NULL), 0);
	made_list_free(&l);
	assert_int_equal(made_list_load(&back, dir, NULL), 0);
	assert_int_equal(back.count, 3);
	assert_string_equal(back.at[0].package, "b");
	assert_int_equal(back.at[1].inode, 3);
	assert_string_equal(back.at[2].package, "c");
	made_list_free(&back);
}

/* One package has at most so many, and cannot drive out the others'. */
static void bounded(void **state)
{
	struct made_list l = { 0 };
	char text[32];

	(void)state;
	add(&l, "honest", "/h/.honest", 1);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "/h/.%u", i);
		add(&l, "greedy", text, i + 1);
	}
	assert_int_equal(l.count, 1 + WS_MADE_MAX);
	assert_string_equal(l.at[0].package, "honest");
	assert_string_equal(l.at[l.count - 1].path, "/h/.999");
	made_list_free(&l);
	/* of all, those that are gone go first, then the oldest */
	tree_add(tree_top, "there", "");
	add(&l, "first", tree_path(tree_top, "there"), 1);
	for (unsigned i = 0; i < MADE_LIST_MOST + 10; i++) {
		snprintf(text, sizeof(text), "p%u", i);
		add(&l, text, i % 2 ? "/" : "/nowhere", i + 1);
	}
	assert_true(l.count <= MADE_LIST_MOST);
	assert_string_equal(l.at[0].package, "first");
	for (unsigned i = 0; i < MADE_LIST_MOST + 10; i++) {
		snprintf(text, sizeof(text), "q%u", i);
		add(&l, text, "/", i + 1);
	}
	assert_int_equal(l.count, MADE_LIST_MOST);
	assert_string_not_equal(l.at[0].package, "first");
	made_list_free(&l);
}

static void refused(const char *words, int error)
{
	struct error e = { 0 };
	struct made_list l;
	int r = made_list_load(&l, dir, &e);

	if (r != error || l.count || !strstr(e.text, words) || !strstr(e.text, dir))
		fail_msg("%d: %s", r, e.text);
}

static void damaged(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{\"version\":1,\"made\":[",
		"{\"version\":2,\"made\":[]}",
		"{\"version\":1,\"made\":{}}",
		"{\"version\":1,\"made\":[],\"more\":1}",
		"{\"version\":1,\"made\":[{\"package\":\"a\"}]}",
		"{\"version\":1,\"made\":[{\"package\":\"\",\"path\":\"/x\",\"inode\":1,"
		"\"generation\":1,\"time\":1}]}",
		"{\"version\":1,\"made\":[{\"package\":\"a\",\"path\":\"x\",\"inode\":1,"
		"\"generation\":1,\"time\":1}]}",
		"{\"version\":1,\"made\":[{\"package\":\"a\",\"path\":\"/x\",\"inode\":-1,"
		"\"generation\":1,\"time\":1}]}",
		"{\"version\":1,\"made\":[{\"package\":\"a\",\"path\":\"/x\",\"inode\":1,"
		"\"generation\":4294967296,\"time\":1}]}",
		"{\"version\":1,\"made\":[{\"package\":\"a\",\"path\":\"/x\",\"inode\":1,"
		"\"generation\":1,\"time\":\"1\"}]}",
	};
	struct made_list l = { 0 }, back;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		tree_add(tree_top, "state/made.json", texts[i]);
		refused("made.json:", -EINVAL);
	}
	/* it is replaced by the next session that has something to keep */
	add(&l, "a", "/h/.a", 1);
	assert_int_equal(made_list_save(&l, dir, NULL), 0);
	assert_int_equal(made_list_load(&back, dir, NULL), 0);
	assert_int_equal(back.count, 1);
	made_list_free(&back);
	made_list_free(&l);
}

/* Files that others could have written. */
static void foreign(void **state)
{
	const char *good =
		"{\"version\":1,\"made\":[{\"package\":\"a\",\"path\":\"/x\",\"inode\":1,"
		"\"generation\":1,\"time\":1}]}";
	struct made_list l = { 0 };
	struct error e = { 0 };
	const char *file;

	(void)state;
	tree_add(tree_top, "state/made.json", good);
	file = tree_path(dir, "made.json");
	assert_int_equal(chmod(file, 0620), 0);
	refused("can be written by others", -EPERM);
	assert_int_equal(chmod(file, 0602), 0);
	refused("can be written by others", -EPERM);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(truncate(file, 2 << 20), 0);
	refused("is larger than", -EFBIG);
	if (geteuid() == 0) {
		assert_int_equal(chown(file, 1234, -1), 0);
		refused("belongs to uid 1234", -EPERM);
	}
	assert_int_equal(unlink(file), 0);
	tree_add(tree_top, "elsewhere", good);
	assert_int_equal(symlink("../elsewhere", file), 0);
	refused("made.json:", -ELOOP);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkfifo(file, 0600), 0);
	refused("is not a regular file", -EINVAL);
	assert_int_equal(unlink(file), 0);
	tree_add(tree_top, "state/made.json", good);
	assert_int_equal(chmod(dir, 0770), 0);
	refused("can be written by others", -EPERM);
	add(&l, "a", "/h/.a", 1);
	assert_int_equal(made_list_save(&l, dir, &e), -EPERM);
	assert_non_null(strstr(e.text, "can be written by others"));
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(rename(dir, tree_path(tree_top, "moved")), 0);
	assert_int_equal(symlink("moved", dir), 0);
	made_list_free(&l);
	assert_true(made_list_load(&l, dir, NULL) < 0);
	made_list_free(&l);
}

static void from_record(void **state)
{
	struct ws_rec_made r = { .head = { .time = 5 },
				 .id = { .dev = 1 | 9ULL << 32, .ino = 3 },
				 .name = "pkg",
				 .path_len = 14,
				 .guarded = 1,
				 .path = ".pkg/ci/home/x" };
	struct made_list l = { 0 };

	(void)state;
	r.path_len = 13;
	assert_int_equal(made_list_record(&l, &r, 100), 0);
	assert_int_equal(l.count, 1);
	assert_string_equal(l.at[0].path, "/home/ci/.pkg");
	assert_string_equal(l.at[0].package, "pkg");
	assert_int_equal(l.at[0].inode, 3);
	assert_int_equal(l.at[0].generation, 9);
	assert_int_equal(l.at[0].time, 105);
	assert_true(l.at[0].guarded);
	r.head.flags = WS_F_PATH_CUT;
	assert_int_equal(made_list_record(&l, &r, 100), 0);
	assert_int_equal(l.count, 1);
	made_list_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(round_trip, make, tree_teardown),
		cmocka_unit_test_setup_teardown(merged, make, tree_teardown),
		cmocka_unit_test_setup_teardown(bounded, make, tree_teardown),
		cmocka_unit_test_setup_teardown(damaged, make, tree_teardown),
		cmocka_unit_test_setup_teardown(foreign, make, tree_teardown),
		cmocka_unit_test_setup_teardown(from_record, make, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
