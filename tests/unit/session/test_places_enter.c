// SPDX-License-Identifier: GPL-2.0-only
/* test_places_enter.c - places become identities: which are left out, and how many there may be. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "decide.h"
#include "cmocka_all.h"
#include "session/places_enter.h"
#include "tree.h"

static void add(struct places *p, enum ws_place place, const char *path)
{
	p->at = reallocarray(p->at, p->count + 1, sizeof(*p->at));
	p->at[p->count++] = (struct place){ .place = place, .path = strdup(path) };
}

static void is(const struct ws_session *s, size_t n, uint32_t places, const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(s->places[n].places, places);
	assert_int_equal(s->places[n].id.ino, st.st_ino);
	assert_int_equal(s->places[n].id.dev, st.st_dev);
	assert_true(ws_bloom_has(s->place_bloom, st.st_ino));
}

#define HOME (WS_PLACE_BIT(WS_PLACE_HOME) | WS_PLACES_TILDE)

/* In their order: what is missing, the root, and tools inside of tools are left out. A second name
 * of one directory adds to what it is. */
static void left_out_silently(void **state)
{
	struct ws_session s = { 0 };
	struct places p = { 0 };
	size_t left_out = 1;

	(void)state;
	tree_add(tree_top, "home/tools/inner/", "");
	tree_add(tree_top, "toolsmith/", "");
	tree_add(tree_top, "file", "");
	tree_link(tree_top, "alias", "home");
	add(&p, WS_PLACE_TMP, tree_path(tree_top, "missing"));
	add(&p, WS_PLACE_TMP, tree_path(tree_top, "file"));
	add(&p, WS_PLACE_HOME, "/");
	add(&p, WS_PLACE_HOME, tree_path(tree_top, "home"));
	add(&p, WS_PLACE_CACHE, tree_path(tree_top, "alias"));
	add(&p, WS_PLACE_TOOLS, tree_path(tree_top, "home/tools"));
	add(&p, WS_PLACE_TOOLS, tree_path(tree_top, "home/tools/inner"));
	add(&p, WS_PLACE_TOOLS, tree_path(tree_top, "toolsmith"));
	assert_int_equal(places_enter(&s, &p, tree_identify, NULL, &left_out, NULL), 0);
	assert_int_equal(left_out, 0);
	assert_int_equal(s.place_count, 3);
	is(&s, 0, HOME | WS_PLACE_BIT(WS_PLACE_CACHE), tree_path(tree_top, "home"));
	is(&s, 1, WS_PLACE_BIT(WS_PLACE_TOOLS), tree_path(tree_top, "home/tools"));
	is(&s, 2, WS_PLACE_BIT(WS_PLACE_TOOLS), tree_path(tree_top, "toolsmith"));
	places_free(&p);
}

/* Only tools swallow what lies inside of them. */
static void a_cache_inside_of_tools(void **state)
{
	struct ws_session s = { 0 };
	struct places p = { 0 };
	size_t left_out;

	(void)state;
	tree_add(tree_top, "tools/cache/", "");
	add(&p, WS_PLACE_TOOLS, tree_path(tree_top, "tools"));
	add(&p, WS_PLACE_CACHE, tree_path(tree_top, "tools/cache"));
	assert_int_equal(places_enter(&s, &p, tree_identify, NULL, &left_out, NULL), 0);
	assert_int_equal(s.place_count, 2);
	is(&s, 1, WS_PLACE_BIT(WS_PLACE_CACHE), tree_path(tree_top, "tools/cache"));
	places_free(&p);
}

/* Before the homes come only the system's temporary directories: HOME=/tmp. */
static void a_home_after_tmp(void **state)
{
	struct ws_session s = { 0 };
	struct places p = { 0 };
	size_t left_out;

	(void)state;
	tree_add(tree_top, "tmp/", "");
	tree_add(tree_top, "home/", "");
	add(&p, WS_PLACE_TMP, tree_path(tree_top, "tmp"));
	add(&p, WS_PLACE_HOME, tree_path(tree_top, "tmp"));
	add(&p, WS_PLACE_HOME, tree_path(tree_top, "home"));
	add(&p, WS_PLACE_PROJECT, tree_path(tree_top, "home"));
	add(&p, WS_PLACE_TMP, tree_path(tree_top, "home"));
	add(&p, WS_PLACE_CACHE, tree_path(tree_top, "tmp"));
	assert_int_equal(places_enter(&s, &p, tree_identify, NULL, &left_out, NULL), 0);
	assert_int_equal(s.place_count, 2);
	is(&s, 0, WS_PLACE_BIT(WS_PLACE_TMP) | WS_PLACES_TILDE | WS_PLACE_BIT(WS_PLACE_CACHE),
	   tree_path(tree_top, "tmp"));
	is(&s, 1, HOME | WS_PLACE_BIT(WS_PLACE_PROJECT) | WS_PLACE_BIT(WS_PLACE_TMP),
	   tree_path(tree_top, "home"));
	places_free(&p);
}

static void too_many(void **state)
{
	struct ws_session s = { 0 };
	struct places p = { 0 };
	size_t left_out;

	(void)state;
	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "m/%d/", i);
		tree_add(tree_top, name, "");
		add(&p, WS_PLACE_CACHE, tree_path(tree_top, name));
	}
	assert_int_equal(places_enter(&s, &p, tree_identify, NULL, &left_out, NULL), 0);
	assert_int_equal(s.place_count, WS_PLACES_MAX);
	assert_int_equal(left_out, 100 - WS_PLACES_MAX);
	places_free(&p);
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
	struct ws_session s = { 0 };
	struct places p = { 0 };
	struct error e = { 0 };
	size_t left_out;

	(void)state;
	add(&p, WS_PLACE_TMP, tree_top);
	assert_int_equal(places_enter(&s, &p, cannot, NULL, &left_out, &e), -EBADF);
	assert_non_null(strstr(e.text, tree_top));
	places_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(left_out_silently, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(a_cache_inside_of_tools, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(a_home_after_tmp, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(too_many, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(no_identity, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
