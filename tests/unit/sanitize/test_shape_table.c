// SPDX-License-Identifier: GPL-2.0-only
/* test_shape_table.c - the table of token shapes: what it says, and what its faults are called. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/secret_shape.h"
#include "sanitize/shape_table.h"

static int read_table(struct shape_table **ret, const char *text, struct error *e)
{
	return shape_table_read(ret, "t.json", text, strlen(text), e);
}

#define ENTRY(s)                                                                         \
	"{\"table\": \"token-shapes\", \"shapes\": [{\"id\": \"a\", \"source\": \"s\", " \
	"\"shape\": "                                                                    \
	"\"" s "\"}]}"

static const struct {
	const char *text, *error;
} bad[] = {
	{ "{", "t.json:1: " },
	{ "[]", "t.json: /table: must be \"token-shapes\"" },
	{ "{\"table\": \"x\"}", "t.json: /table: must be \"token-shapes\"" },
	{ "{\"table\": \"token-shapes\"}", "t.json: /shapes: must be an array" },
	{ "{\"table\": \"token-shapes\", \"shapes\": []}", "t.json: /shapes: must be an array" },
	{ "{\"table\": \"token-shapes\", \"x\": 1, \"shapes\": [1]}", "t.json: /x: unknown key" },
	{ "{\"table\": \"token-shapes\", \"shapes\": [1]}",
	  "t.json: /shapes/0: must be an object" },
	{ "{\"table\": \"token-shapes\", \"shapes\": [{\"id\": \"A\"}]}",
	  "t.json: /shapes/0/id: " },
	{ "{\"table\": \"token-shapes\", \"shapes\": [{\"id\": \"a\"}]}",
	  "t.json: /shapes/0/source: must say where" },
	{ "{\"table\": \"token-shapes\", \"shapes\": [{\"id\": \"a\", \"source\": \"s\"}]}",
	  "t.json: /shapes/0: must have either" },
	{ "{\"table\": \"token-shapes\", \"shapes\": [{\"id\": \"a\", \"source\": \"s\", "
	  "\"shape\": "
	  "\"a\", \"shapes\": [\"b\"]}]}",
	  "t.json: /shapes/0: must have either" },
	{ "{\"table\": \"token-shapes\", \"shapes\": [{\"id\": \"a\", \"source\": \"s\", "
	  "\"shape\": 1}]}",
	  "t.json: /shapes/0/shape: must be a string" },
	{ "{\"table\": \"token-shapes\", \"shapes\": [{\"id\": \"a\", \"source\": \"s\", "
	  "\"shapes\": []}]}",
	  "t.json: /shapes/0/shapes: must be an array" },
	{ "{\"table\": \"token-shapes\", \"shapes\": [{\"id\": \"a\", \"source\": \"s\", "
	  "\"shape\": "
	  "\"a\", \"option\": []}]}",
	  "t.json: /shapes/0/option: unknown key" },
	{ "{\"table\": \"token-shapes\", \"shapes\": [{\"id\": \"a\", \"source\": \"s\", "
	  "\"shape\": "
	  "\"a\", \"options\": [\"x\"]}]}",
	  "t.json: /shapes/0/options: must be a list of" },
	{ "{\"table\": \"token-shapes\", \"shapes\": [{\"id\": \"a\", \"source\": \"s\", "
	  "\"shape\": "
	  "\"a\", \"options\": \"x\"}]}",
	  "t.json: /shapes/0/options: must be an array" },
	{ "{\"table\": \"token-shapes\", \"shapes\": [{\"id\": \"a\", \"source\": \"s\", "
	  "\"shape\": "
	  "\"[a]{1}b\", \"options\": [\"keep\"]}]}",
	  "t.json: /shapes/0/options: \"keep\" and" },
	{ "{\"id\": \"a\", \"id\": \"b\"}", "t.json:1: duplicate" },
	{ ENTRY(""), "t.json: /shapes/0/shape: has no literal" },
	{ ENTRY("[a]{1}"), "t.json: /shapes/0/shape: has no literal" },
	{ ENTRY("[a]{1}[b]{1}c"), "t.json: /shapes/0/shape: begins with two sets" },
	{ ENTRY("[a]{1,}c"), "t.json: /shapes/0/shape: the set before" },
	{ ENTRY("[a]{65}c"), "t.json: /shapes/0/shape: the set before" },
	{ ENTRY("a[]{1}"), "t.json: /shapes/0/shape: a set is" },
	{ ENTRY("a[b-a]{1}"), "t.json: /shapes/0/shape: a set is" },
	{ ENTRY("a[b"), "t.json: /shapes/0/shape: a set is" },
	{ ENTRY("a[ ]{1}"), "t.json: /shapes/0/shape: a set is" },
	{ ENTRY("a[b]"), "t.json: /shapes/0/shape: a set must be followed by" },
	{ ENTRY("a[b]{}"), "t.json: /shapes/0/shape: a count must be" },
	{ ENTRY("a[b]{2,1}"), "t.json: /shapes/0/shape: a count must be" },
	{ ENTRY("a[b]{-1}"), "t.json: /shapes/0/shape: a count must be" },
	{ ENTRY("a[b]{4097}"), "t.json: /shapes/0/shape: a count must be" },
	{ ENTRY("a[b]{99999999999999999999}"), "t.json: /shapes/0/shape: a count must be" },
	{ ENTRY("a[b]{1"), "t.json: /shapes/0/shape: a count must be" },
	{ ENTRY("a]"), "t.json: /shapes/0/shape: holds a character" },
	{ ENTRY("a b"), "t.json: /shapes/0/shape: holds a character" },
	{ ENTRY("a\\u00e9"), "t.json: /shapes/0/shape: holds a character" },
	{ ENTRY("a[b-d]{1,}c"), "t.json: /shapes/0/shape: what follows a set" },
	{ ENTRY("a[b-d]{1,}[d-f]{1}"), "t.json: /shapes/0/shape: what follows a set" },
	{ ENTRY("a[b]{1}a[b]{1}a[b]{1}a[b]{1}a[b]{1}a[b]{1}a"),
	  "t.json: /shapes/0/shape: has more" },
};

static void faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct shape_table *t = NULL;
		struct error e = { 0 };

		assert_int_equal(read_table(&t, bad[i].text, &e), -EINVAL);
		assert_null(t);
		if (strncmp(e.text, bad[i].error, strlen(bad[i].error)) != 0)
			fail_msg("%s: %s", bad[i].text, e.text);
	}
}

/* Where a shape is found in a text that begins with it; 0: it is not. */
static size_t length(const struct shape_table *t, const char *text, size_t at, bool cut)
{
	struct span found = { 0 };

	return shape_match(t, text, strlen(text), 0, at, cut, &found) ? found.to - found.from : 0;
}

static void meaning(void **state)
{
	static const char text[] =
		"{\"table\": \"token-shapes\", \"note\": \"n\", \"shapes\": ["
		"{\"id\": \"fixed\", \"source\": \"s\", \"shape\": \"f.[a-c]{3}\"},"
		"{\"id\": \"open\", \"source\": \"s\", \"shape\": \"o.[a-c-]{3,}\"},"
		"{\"id\": \"range\", \"source\": \"s\", \"shape\": \"r.[a-c]{2,4}!x\"},"
		"{\"id\": \"inside\", \"source\": \"s\", \"shape\": \"i.[0-9]{2,}\", "
		"\"options\": [\"inside\"]},"
		"{\"id\": \"mixed\", \"source\": \"s\", \"shape\": \"m.[a-c0-9]{3,}\", "
		"\"options\": [\"mixed\"]},"
		"{\"id\": \"kept\", \"source\": \"s\", \"shapes\": [\"k.[a-c]{3,}\", "
		"\"K/[a]{1,}\"], "
		"\"options\": [\"keep\"]},"
		"{\"id\": \"lead\", \"source\": \"s\", \"shape\": \"[0-9]{2,3}#[a]{2,}\"},"
		"{\"id\": \"fixed-run-before-its-own-set\", \"source\": \"s\", "
		"\"shape\": \"s.[a-c]{2}[a-e]{2}\"}]}";
	CLEANUP(shape_table_freep) struct shape_table *t = NULL;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(read_table(&t, text, &e), 0);
	assert_int_equal(t->count, 9);
	assert_int_equal(length(t, "f.abc", 0, false), 5);
	assert_int_equal(length(t, "f.abc!", 0, false), 5);
	assert_int_equal(length(t, "fxabc", 0, false), 0); /* a dot is a dot */
	assert_int_equal(length(t, "f.abca", 0, false), 0);
	assert_int_equal(length(t, "f.ab", 0, false), 0);
	assert_int_equal(length(t, "f.ab", 0, true), 4);
	assert_int_equal(length(t, "f.ab!", 0, true), 0);
	assert_int_equal(length(t, "f.", 0, true), 0);
	assert_int_equal(length(t, "xf.abc", 1, false), 0);
	assert_int_equal(length(t, "-f.abc", 1, false), 5);
	assert_int_equal(length(t, "o.a-b-c!", 0, false), 7);
	assert_int_equal(length(t, "r.ab!x", 0, false), 6);
	assert_int_equal(length(t, "r.abca!x", 0, false), 8);
	assert_int_equal(length(t, "r.abcaa!x", 0, false), 0);
	assert_int_equal(length(t, "r.ab!", 0, true), 5);
	assert_int_equal(length(t, "r.ab!", 0, false), 0);
	assert_int_equal(length(t, "xi.12", 1, false), 4);
	assert_int_equal(length(t, "m.abc", 0, false), 0);
	assert_int_equal(length(t, "m.ab1", 0, false), 5);
	assert_int_equal(length(t, "m.abc", 0, true), 5);
	assert_int_equal(length(t, "k.abc", 0, false), 3);
	assert_int_equal(length(t, "K/a", 0, false), 1);
	assert_int_equal(length(t, "x12#aa", 3, false), 5);
	assert_int_equal(length(t, "1234#aa", 4, false), 6);
	assert_int_equal(length(t, "1#aa", 1, false), 0);
	assert_int_equal(length(t, "s.abde", 0, false), 6);
}

/* A run without a limit is read to its end, however long it is. */
static void long_run(void **state)
{
	CLEANUP(shape_table_freep) struct shape_table *t = NULL;
	struct error e = { 0 };
	struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(read_table(&t, ENTRY("a.[b]{2000,}"), &e), 0);
	buf_adds(&text, "a.");
	buf_fill(&text, 'b', 1999);
	assert_int_equal(length(t, text.at, 0, false), 0);
	buf_fill(&text, 'b', 100000);
	assert_int_equal(length(t, text.at, 0, false), text.len);
	buf_free(&text);
}

/* The shipped table is the compiled one. */
static void shipped(void **state)
{
	CLEANUP(shape_table_freep) struct shape_table *t = NULL;
	struct error e = { 0 };
	struct buf text = BUF_INIT;
	FILE *f = fopen("rules/data/token-shapes.json", "re");
	int c;

	(void)state;
	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		buf_addc(&text, c);
	fclose(f);
	if (shape_table_read(&t, "token-shapes.json", text.at, text.len, &e))
		fail_msg("%s", e.text);
	assert_int_equal(t->count, token_shapes.count);
	assert_int_equal(t->set_count, token_shapes.set_count);
	assert_memory_equal(t->sets, token_shapes.sets, t->set_count * sizeof(*t->sets));
	for (size_t i = 0; i < t->count; i++) {
		const struct shape *a = &t->shapes[i], *b = &token_shapes.shapes[i];

		assert_string_equal(a->id, b->id);
		assert_int_equal(a->count, b->count);
		for (unsigned p = 0; p < a->count; p++) {
			assert_int_equal(a->parts[p].least, b->parts[p].least);
			assert_int_equal(a->parts[p].most, b->parts[p].most);
			assert_int_equal(a->parts[p].set, b->parts[p].set);
			assert_int_equal(a->parts[p].literal_len, b->parts[p].literal_len);
			if (a->parts[p].literal)
				assert_memory_equal(a->parts[p].literal, b->parts[p].literal,
						    a->parts[p].literal_len);
		}
	}
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults),
		cmocka_unit_test(meaning),
		cmocka_unit_test(long_run),
		cmocka_unit_test(shipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
