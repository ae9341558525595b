// SPDX-License-Identifier: GPL-2.0-only
/* test_scope_table.c - scripts by number, and what they are called. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/managers.h"
#include "records.h"
#include "events/scope_table.h"

static struct scope *add(struct scope_table *t, uint64_t id, uint32_t actor, const char *name,
			 const char *version, const char *event)
{
	struct actor a = { 10, 9, 1, id, actor, "sh" };
	struct ws_rec_scope r;

	record_scope(&r, &a, 2, name, version, event);
	return scope_table_add(t, &r);
}

static void assert_says(void (*fn)(struct buf *, const struct scope *), const struct scope *s,
			const char *want)
{
	struct buf out = BUF_INIT;

	fn(&out, s);
	assert_string_equal(out.at, want);
	buf_free(&out);
}

static void names(void **state)
{
	struct scope_table *t = scope_table_new();
	struct scope *s;

	(void)state;
	s = add(t, 1, WS_ACTOR_PACKAGE, "core-js", "2.6.12", "postinstall");
	assert_says(scope_title, s, "core-js@2.6.12 (postinstall)");
	assert_says(scope_package, s, "core-js@2.6.12");
	assert_string_equal(s->directory, "/work/proj/node_modules/core-js");
	s->manager = 0;
	if (strcmp(managers[0].ecosystem, "npm") == 0)
		assert_says(scope_purl, s, "pkg:npm/core-js@2.6.12");
	s = add(t, 2, WS_ACTOR_PACKAGE, "@acme/x y", "1.0.0+b", "");
	assert_says(scope_title, s, "@acme/x y@1.0.0+b");
	if (strcmp(managers[0].ecosystem, "npm") == 0)
		assert_says(scope_purl, s, "pkg:npm/%40acme/x%20y@1.0.0%2Bb");
	s = add(t, 3, WS_ACTOR_PROJECT, "my-app", "", "prepare");
	assert_says(scope_title, s, "my-app, this project (prepare)");
	s = add(t, 4, WS_ACTOR_PACKAGE, "", "", "install");
	assert_says(scope_title, s, "an unknown package (install)");
	assert_says(scope_purl, s, "");
	s = add(t, 6, WS_ACTOR_TOOL, "evil", "", "prepare");
	assert_says(scope_title, s, "evil (tool of prepare)");
	s = add(t, 7, WS_ACTOR_TOOL, "@acme/x", "", "");
	assert_says(scope_title, s, "@acme/x (tool)");
	s = scope_table_get(t, 5); /* its record was lost */
	assert_false(s->known);
	assert_says(scope_title, s, "an unknown package");
	assert_null(scope_ecosystem(s));
	scope_table_free(t);
}

/* The clone of a git dependency says itself what it is called; what npx runs is not the project's.
 */
static void whose_word(void **state)
{
	struct actor a = { 10, 9, 1, 1, WS_ACTOR_PACKAGE, "sh" };
	struct scope_table *t = scope_table_new();
	struct ws_rec_scope r;
	struct scope *s;

	(void)state;
	record_scope(&r, &a, 2, "react", "18.2.0", "prepare");
	r.dir_len = wire_path(r.dir, "/home/ci/.npm/_cacache/tmp/git-clone0a");
	s = scope_table_add(t, &r);
	assert_says(scope_title, s,
		    "react@18.2.0 (prepare) [a git clone; the name is its own claim]");
	assert_says(scope_package, s, "react@18.2.0");
	s = add(t, 2, WS_ACTOR_PROJECT, "my-app", "1.0", "npx");
	assert_says(scope_title, s, "my-app@1.0, this project (npx)");
	scope_fetched(s, "semver");
	scope_fetched(s, "other"); /* the first counts */
	assert_says(scope_title, s, "semver, not of this project (npx)");
	assert_says(scope_package, s, "semver");
	scope_table_free(t);
}

/* A full field has no NUL. */
static void full_fields(void **state)
{
	struct actor a = { 10, 9, 1, 1, WS_ACTOR_PACKAGE, "sh" };
	struct scope_table *t = scope_table_new();
	struct ws_rec_scope r;
	struct scope *s;

	(void)state;
	record_scope(&r, &a, 2, "x", "1", "install");
	memset(r.scope.name, 'n', sizeof(r.scope.name));
	memset(r.scope.version, 'v', sizeof(r.scope.version));
	s = scope_table_add(t, &r);
	assert_int_equal(strlen(s->name), WS_NAME_MAX);
	assert_int_equal(strlen(s->version), WS_VERSION_MAX);
	scope_table_free(t);
}

static void numbers(void **state)
{
	struct scope_table *t = scope_table_new();

	(void)state;
	assert_null(scope_table_find(t, 1));
	assert_null(scope_table_get(t, 0));
	for (uint64_t id = 1; id <= 1000; id++)
		assert_non_null(scope_table_get(t, id * 64));
	for (uint64_t id = 1; id <= 1000; id++)
		assert_int_equal(scope_table_find(t, id * 64)->id, id * 64);
	assert_int_equal(scope_table_count(t), 1000);
	assert_int_equal(scope_table_at(t, 41)->id, 42 * 64);
	/* two records of one scope: one entry */
	add(t, 64, WS_ACTOR_PACKAGE, "a", "1", "install");
	add(t, 64, WS_ACTOR_PACKAGE, "b", "2", "install");
	assert_int_equal(scope_table_count(t), 1000);
	assert_string_equal(scope_table_find(t, 64)->name, "b");
	scope_table_free(t);
}

static void bounded(void **state)
{
	struct scope_table *t = scope_table_new();

	(void)state;
	for (uint64_t id = 1; id <= SCOPE_TABLE_MAX + 5; id++)
		scope_table_get(t, id);
	assert_int_equal(scope_table_count(t), SCOPE_TABLE_MAX);
	assert_int_equal(scope_table_left_out(t), 5);
	scope_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),       cmocka_unit_test(whose_word),
		cmocka_unit_test(full_fields), cmocka_unit_test(numbers),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
