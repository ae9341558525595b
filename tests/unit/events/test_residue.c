// SPDX-License-Identifier: GPL-2.0-only
/* test_residue.c - the list has room for each place; the table is what it must be. */
#include "events/residue.h"

#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

/* A job that makes very many of one kind hides nothing of another. */
static void room_for_each(void **state)
{
	CLEANUP(residue_free) struct residue r = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		assert_int_equal(residue_add(&r, 2, true, "/x"), 0);
	assert_int_equal(residue_add(&r, 1, false, "/y"), 0);
	assert_int_equal(residue_add(&r, RESIDUE_SOCKET, true, "z"), 0);
	assert_int_equal(r.count, RESIDUE_LISTED + 2);
	assert_int_equal(r.more, 100000 - RESIDUE_LISTED);
	assert_string_equal(r.at[RESIDUE_LISTED].path, "/y");
	assert_string_equal(residue_what(&r.at[RESIDUE_LISTED + 1]), "listening socket");
}

static void words(void **state)
{
	static const struct {
		struct residue_item item;
		const char *home, *text;
	} cases[] = {
		{ { .place = 0, .made = true, .path = "/h/u/.bashrc" },
		  "/h/u/",
		  " ~/.bashrc (new)" },
		{ { .place = 0, .path = "/h/user/x" }, "/h/u", " /h/user/x (changed)" },
		{ { .place = 0, .path = "/h/u" }, NULL, " /h/u (changed)" },
		{ { .place = RESIDUE_SOCKET, .path = "[::1]:9 (tcp)" }, "/", " [::1]:9 (tcp)" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_buf_ struct buf text = BUF_INIT;

		residue_text(&text, &cases[i].item, cases[i].home);
		assert_string_equal(text.at + strlen(residue_what(&cases[i].item)), cases[i].text);
	}
}

/* Each path is one that residue_look.c can follow, and what every user may write has no spool. */
static void table(void **state)
{
	size_t paths = 0;

	(void)state;
	for (size_t i = 0; i < residue_place_count; i++) {
		const struct residue_place *p = &residue_places[i];

		assert_true(strlen(p->what) > 3);
		assert_non_null(p->paths[0]);
		for (const char *const *path = p->paths; *path; path++, paths++) {
			assert_true(strncmp(*path, "~/", 2) == 0 || strchr("/$", **path));
			assert_true(!p->spool || **path == '/');
		}
	}
	assert_true(paths > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_for_each),
		cmocka_unit_test(words),
		cmocka_unit_test(table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
