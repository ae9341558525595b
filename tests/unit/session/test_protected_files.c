// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_protected_files.c - each protected file is entered once, with what all patterns that name it
 * say. The kernel's table is made up here.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/protected_files.h"
#include "tree.h"

static struct {
	struct ws_id id;
	struct ws_mask mask;
} entered[64];
static size_t entered_count;
static int identify_error, protect_error;

int loader_identify(struct loader *l, int fd, struct ws_id *ret)
{
	struct stat st;

	assert_null(l);
	assert_int_equal(fstat(fd, &st), 0);
	*ret = (struct ws_id){ st.st_dev, st.st_ino };
	return identify_error;
}

int loader_protect(struct loader *l, uint64_t session, const struct ws_id *id,
		   const struct ws_mask *mask)
{
	assert_null(l);
	assert_int_equal(session, 7);
	for (size_t i = 0; i < entered_count; i++) /* never twice */
		assert_memory_not_equal(&entered[i].id, id, sizeof(*id));
	entered[entered_count].id = *id;
	entered[entered_count++].mask = *mask;
	return protect_error;
}

static int make(void **state)
{
	tree_setup(state);
	entered_count = 0;
	identify_error = protect_error = 0;
	tree_add(tree_top, "home/.aws/credentials", "x");
	tree_add(tree_top, "home/.aws/config", "x");
	tree_add(tree_top, "home/.netrc", "x");
	tree_add(tree_top, "other/.aws/credentials", "x");
	tree_add(tree_top, "cache/.aws/credentials", "x");
	return 0;
}

static int enter(struct identity_pattern *patterns, size_t count,
		 struct protected_files_result *ret, struct error *e)
{
	struct place at[] = {
		{ .place = WS_PLACE_HOME, .path = (char *)tree_path(tree_top, "home") },
		{ .place = WS_PLACE_CACHE, .path = (char *)tree_path(tree_top, "cache") },
		{ .place = WS_PLACE_HOME, .path = (char *)tree_path(tree_top, "other") }
	};
	struct places places = { .at = at, .count = ARRAY_SIZE(at) };
	struct tables *t = calloc(1, sizeof(*t));
	int r;

	t->identities = patterns;
	t->identity_count = count;
	r = protected_files_enter(NULL, 7, t, &places, NULL, ret, e);
	free(t);
	return r;
}

static uint64_t mask_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(tree_path(tree_top, name), &st), 0);
	for (size_t i = 0; i < entered_count; i++)
		if (entered[i].id.ino == st.st_ino && entered[i].id.dev == st.st_dev) {
			for (size_t w = 1; w + 1 < WS_MASK_WORDS; w++)
				assert_int_equal(entered[i].mask.w[w], 0);
			return entered[i].mask.w[0] | entered[i].mask.w[WS_MASK_WORDS - 1] << 32;
		}
	return 0;
}

static void once_with_all_rules(void **state)
{
	struct identity_pattern patterns[] = {
		{ "~/.aws/**", { .w = { 1 } } },
		{ "~/.aws/credentials", { .w = { 2 } } },
		{ "~/.netrc", { .w = { 4 } } },
		{ "~/.netrc", { .w = { [WS_MASK_WORDS - 1] = 8 } } },
		{ "~/.missing", { .w = { 16 } } },
		{ "/**/anywhere", { .w = { 32 } } },
	};
	struct protected_files_result r = { 0 };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(enter(patterns, ARRAY_SIZE(patterns), &r, &e), 0);
	assert_int_equal(r.files, 4);
	assert_int_equal(entered_count, 4);
	assert_int_equal(r.looked.skipped, 1);
	assert_int_equal(r.looked.cut, 0);
	assert_int_equal(mask_of("home/.aws/credentials"), 1 | 2);
	assert_int_equal(mask_of("home/.aws/config"), 1);
	assert_int_equal(mask_of("other/.aws/credentials"), 1 | 2);
	assert_int_equal(mask_of("home/.netrc"), 4 | 8ULL << 32);
	assert_int_equal(mask_of("cache/.aws/credentials"), 0); /* only `~` is every home */
}

static void nothing_to_enter(void **state)
{
	struct protected_files_result r = { .files = 9 };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(enter(NULL, 0, &r, &e), 0);
	assert_int_equal(r.files, 0);
	assert_int_equal(entered_count, 0);
}

/* A protected file that cannot be entered is no protected file: the session does not start. */
static void fails_closed(void **state)
{
	struct identity_pattern patterns[] = { { "~/.netrc", { .w = { 1 } } } };
	struct protected_files_result r = { 0 };
	struct error e = { 0 };

	(void)state;
	protect_error = -E2BIG;
	assert_int_equal(enter(patterns, 1, &r, &e), -E2BIG);
	assert_non_null(strstr(e.text, "protected file"));
	e.text[0] = 0;
	identify_error = -EIO;
	assert_int_equal(enter(patterns, 1, &r, &e), -EIO);
	assert_non_null(strstr(e.text, "protected file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(once_with_all_rules, make, tree_teardown),
		cmocka_unit_test_setup_teardown(nothing_to_enter, make, tree_teardown),
		cmocka_unit_test_setup_teardown(fails_closed, make, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
