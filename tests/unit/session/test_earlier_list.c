// SPDX-License-Identifier: GPL-2.0-only
/* test_earlier_list.c - what packages wrote, kept between sessions: bounds, age, files that are
 * refused. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/earlier_list.h"
#include "tree.h"

#define NOW 1800000000000000000ull
#define DAY 86400000000000ull

static char dir[256];

static int make(void **state)
{
	tree_setup(state);
	snprintf(dir, sizeof(dir), "%s/state", tree_top);
	return 0;
}

/* count files from inode `first` on, the last of which is a directory. */
static void save(uint64_t session, const char *package, uint32_t user, uint64_t first, size_t count,
		 uint64_t until)
{
	CLEANUP(earlier_free) struct earlier l = { 0 };
	struct earlier_writer w = { .session = session,
				    .until = until,
				    .user = user,
				    .named = true,
				    .version = "1.0" },
			      *at;

	strcpy(w.name, package);
	at = earlier_add(&l, &w);
	assert_non_null(at);
	for (size_t i = 0; i < count; i++) {
		struct earlier_file f = { .id = { .dev = 0xfedcba9876543210, .ino = first + i },
					  .tree = i + 1 == count };

		assert_int_equal(earlier_add_file(at, &f), 0);
	}
	assert_int_equal(earlier_list_save(&l, dir, until, NULL), 0);
}

static void load(struct earlier *l)
{
	uint64_t version;

	assert_int_equal(earlier_list_load(l, dir, &version, NULL), 0);
	assert_int_not_equal(version, 0);
}

static void round_trip(void **state)
{
	struct earlier l;
	uint64_t version;
	struct stat st;

	(void)state;
	assert_int_equal(earlier_list_load(&l, dir, &version, NULL), 0);
	assert_int_equal(version, 0);				    /* nothing there is no error */
	assert_int_equal(earlier_list_save(&l, dir, NOW, NULL), 0); /* and nothing is written */
	assert_int_equal(access(dir, F_OK), -1);
	save(0x8000000000000001, "@a/b", 1000, 5, 2, NOW);
	assert_int_equal(stat(tree_path(dir, "written.json"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	load(&l);
	assert_int_equal(l.count, 1);
	assert_true(l.at[0].session == 0x8000000000000001 && l.at[0].until == NOW);
	assert_string_equal(l.at[0].name, "@a/b");
	assert_string_equal(l.at[0].version, "1.0");
	assert_true(l.at[0].named);
	assert_int_equal(l.at[0].user, 1000);
	assert_int_equal(l.at[0].count, 2);
	assert_true(l.at[0].at[0].id.dev == 0xfedcba9876543210);
	assert_int_equal(l.at[0].at[0].id.ino, 5);
	assert_false(l.at[0].at[0].tree);
	assert_int_equal(l.at[0].at[1].id.ino, 6);
	assert_true(l.at[0].at[1].tree);
	earlier_free(&l);
}

/* What was written again belongs to the later session; old ones go. */
static void later_ones(void **state)
{
	struct earlier l;

	(void)state;
	save(1, "a", 1, 10, 4, NOW);
	save(2, "b", 1, 12, 2, NOW + 1);
	load(&l);
	assert_int_equal(l.count, 2);
	assert_int_equal(l.at[0].count, 2);
	assert_int_equal(l.at[1].session, 2);
	earlier_free(&l);
	save(3, "c", 1, 10, 2, NOW + 2); /* all that was left of the first */
	load(&l);
	assert_int_equal(l.count, 2);
	earlier_free(&l);
	save(4, "d", 1, 99, 1, NOW + 31 * DAY);
	load(&l);
	assert_int_equal(l.count, 1);
	assert_string_equal(l.at[0].name, "d");
	earlier_free(&l);
}

/* One user displaces only his own; all together do not exceed the kernel's table. */
static void limits(void **state)
{
	struct earlier l;
	size_t files = 0;

	(void)state;
	save(1, "innocent", 7, 1, 1, NOW);
	for (unsigned i = 0; i < 6; i++)
		save(10 + i, "flood", 8, 100000 * (i + 1), EARLIER_PACKAGE_MOST, NOW + i);
	load(&l);
	assert_string_equal(l.at[0].name, "innocent");
	for (size_t i = 0; i < l.count; i++)
		files += l.at[i].count;
	assert_int_equal(files, 1 + EARLIER_USER_MOST);
	assert_int_equal(l.at[l.count - 1].session, 15);
	assert_int_equal(l.at[1].session, 12);
	earlier_free(&l);
}

static void refuse_mode(mode_t mode, const char *text, const char *why)
{
	struct error e = { 0 };
	struct earlier l;
	uint64_t version;

	tree_add(dir, "written.json", text);
	assert_int_equal(chmod(tree_path(dir, "written.json"), mode), 0);
	assert_true(earlier_list_load(&l, dir, &version, &e) < 0);
	assert_int_equal(l.count, 0);
	if (!strstr(e.text, why))
		fail_msg("%s: not %s", e.text, why);
}

static void refuse(const char *text, const char *why)
{
	refuse_mode(0600, text, why);
}

#define ENTRY(session, until, files)                                                               \
	"{\"format\": 1, \"written\": [{\"session\": \"" session "\", \"until\": " until           \
	", \"user\": 1, \"package\": \"p\", \"version\": \"\", \"named\": true, \"files\": " files \
	", \"trees\": []}]}"

static void damaged(void **state)
{
	struct earlier l;

	(void)state;
	save(1, "a", 1, 10, 4, NOW);
	refuse("", "written.json:");
	refuse("{\"format\": 1,\n \"written\": [\n", "written.json:");
	refuse("[]", "not a list of format 1");
	refuse("{\"format\": 2, \"written\": []}", "not a list of format 1");
	refuse("{\"format\": 1, \"written\": {}}", "not a list of format 1");
	refuse("{\"format\": 1, \"written\": [{}]}", "/written/0: not an entry");
	refuse(ENTRY("0000000000000000", "1", "[]"), "/written/0: not an entry");
	refuse(ENTRY("1", "1", "[]"), "/written/0: not an entry");
	refuse(ENTRY("00000000000000zz", "1", "[]"), "/written/0: not an entry");
	refuse(ENTRY("0000000000000001", "-1", "[]"), "/written/0: not an entry");
	refuse(ENTRY("0000000000000001", "1", "{}"), "/written/0: not an entry");
	refuse(ENTRY("0000000000000001", "1", "[[1, 2]]"), "/written/0: not an entry");
	refuse(ENTRY("0000000000000001", "1", "[[1, 2, 3, 4]]"), "/written/0: not an entry");
	refuse(ENTRY("0000000000000001", "1", "[[1, 4294967296, 3]]"), "/written/0: not an entry");
	refuse(ENTRY("0000000000000001", "1", "[[1, 2, 0]]"), "/written/0: not an entry");
	refuse_mode(0620, "{\"format\": 1, \"written\": []}", "can be written by others");
	assert_int_equal(unlink(tree_path(dir, "written.json")), 0);
	assert_int_equal(symlink("/etc/passwd", tree_path(dir, "written.json")), 0);
	{
		struct error e = { 0 };
		uint64_t version;

		assert_int_equal(earlier_list_load(&l, dir, &version, &e), -ELOOP);
	}
	save(1, "a", 1, 10, 4, NOW); /* replaces what cannot be read */
	load(&l);
	assert_int_equal(l.count, 1);
	earlier_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(round_trip, make, tree_teardown),
		cmocka_unit_test_setup_teardown(later_ones, make, tree_teardown),
		cmocka_unit_test_setup_teardown(limits, make, tree_teardown),
		cmocka_unit_test_setup_teardown(damaged, make, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
