// SPDX-License-Identifier: GPL-2.0-only
/* test_text_view.c - what an encoded text says, and where each byte of that stood. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/text_view.h"

typedef bool (*undo_fn)(struct text_view *ret, const struct text_view *v, bool *ret_failed);

/* at: where each byte of `plain` begins in `text`, as digits ('0'..'9', 'a'..). */
static const struct {
	undo_fn undo;
	const char *text, *plain, *at;
} table[] = {
	{ view_undo_percent, "a%41b%7e", "aAb~", "0145" },
	{ view_undo_percent, "%4%41", "%4A", "012" },
	{ view_undo_percent, "%4g", NULL, NULL },
	{ view_undo_percent, "%4", NULL, NULL },
	/* truncated: the rest belongs to the byte before */
	{ view_undo_percent, "a%4", "a", "0" },
	{ view_undo_percent, "ab%", "ab", "01" },
	{ view_undo_backslash, "ab\\x4", "ab", "01" },
	{ view_undo_backslash, "ab\\u004", "ab", "01" },
	{ view_undo_backslash, "ab\\10", "ab", "01" },
	{ view_undo_backslash, "ab\\", "ab", "01" },
	{ view_undo_percent, "%", NULL, NULL },
	{ view_undo_percent, "abc", NULL, NULL },
	{ view_undo_percent, "%e2%82%AC", "\xe2\x82\xac", "036" },
	{ view_undo_escape, "a\\x41\\n\\x4g", "aA\\n\\x4g", "0156789a" },
	{ view_undo_escape, "\\n\\y4", NULL, NULL },
	{ view_undo_escape, "ab\\x4", "ab", "01" },
	{ view_undo_backslash, "a\\x41b", "aAb", "015" },
	{ view_undo_backslash, "\\u0041\\u00e9\\u20AC", "A\xc3\xa9\xe2\x82\xac", "066ccc" },
	{ view_undo_backslash, "\\101\\n\\\"\\/", "A\n\"/", "0468" },
	{ view_undo_backslash, "\\401", "401", "023" },
	{ view_undo_backslash, "\\x4g", "x4g", "023" },
	{ view_undo_backslash, "\\ud83d\\uDE00a",
	  "\xf0\x9f\x98\x80"
	  "a",
	  "0000c" },
	{ view_undo_backslash, "\\u004", "u004", "0234" },
	{ view_undo_backslash, "\\", NULL, NULL },
	{ view_undo_backslash, "a%41", NULL, NULL },
	{ view_undo_breaks, " a b\r\n\tc", "abc", "137" },
	{ view_undo_breaks, "a\\\nb\\c\\", "ab\\c\\", "03456" },
	{ view_undo_breaks, "ab\\x4", NULL, NULL },
};

static size_t digit(char c)
{
	return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static void encodings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct text_view v = { .bytes = table[i].text, .len = strlen(table[i].text) }, out;
		bool failed = false, undone = table[i].undo(&out, &v, &failed);

		assert_false(failed);
		if (undone != (table[i].plain != NULL))
			fail_msg("%s", table[i].text);
		if (!undone)
			continue;
		assert_int_equal(out.len, strlen(table[i].plain));
		assert_memory_equal(out.bytes, table[i].plain, out.len);
		for (size_t b = 0; b < out.len; b++)
			assert_int_equal(view_from(&out, b), digit(table[i].at[b]));
		assert_int_equal(view_to(&out, out.len - 1), v.len);
		view_free(&out);
	}
}

/* An encoding within an encoding still leads back to the original. */
static void twice(void **state)
{
	static const char text[] = "x%5Cx41y";
	struct text_view v = { .bytes = text, .len = sizeof(text) - 1 }, one, two;
	CLEANUP(spans_free) struct spans found = { 0 };
	bool failed = false;

	(void)state;
	assert_true(view_undo_percent(&one, &v, &failed));
	assert_true(view_undo_backslash(&two, &one, &failed));
	assert_int_equal(two.len, 3);
	assert_memory_equal(two.bytes, "xAy", 3);
	view_add_span(&found, &two, 1, 2);
	view_add_span(&found, &two, 2, 2); /* nothing */
	assert_int_equal(found.count, 1);
	assert_int_equal(found.at[0].from, 1);
	assert_int_equal(found.at[0].to, 7);
	view_free(&two);
	view_free(&one);
}

static void parts(void **state)
{
	static const char text[] = "ab%41cd";
	struct text_view v = { .bytes = text, .len = sizeof(text) - 1, .base = 100 }, plain, part;
	bool failed = false;

	(void)state;
	part = view_part(&v, 2, 7);
	assert_int_equal(part.len, 5);
	assert_int_equal(view_from(&part, 0), 102);
	assert_int_equal(view_to(&part, 0), 103);
	assert_true(view_undo_percent(&plain, &part, &failed));
	part = view_part(&plain, 0, 2);
	assert_memory_equal(part.bytes, "Ac", 2);
	assert_int_equal(view_from(&part, 0), 102);
	assert_int_equal(view_to(&part, 0), 105);
	assert_int_equal(view_from(&part, 1), 105);
	view_free(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodings),
		cmocka_unit_test(twice),
		cmocka_unit_test(parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
