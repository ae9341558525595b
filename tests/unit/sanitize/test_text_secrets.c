// SPDX-License-Identifier: GPL-2.0-only
/* test_text_secrets.c - secrets in text, by where they stand: what tests of whole texts
 * (test_redact_text.c) do not tell apart. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/text_secrets.h"

#define R REDACTED

static void becomes(const char *text, bool cut, bool whole, const char *expected)
{
	struct text_view v = { .bytes = text, .len = strlen(text) };
	CLEANUP(spans_free) struct spans found = { 0 };
	struct buf out = BUF_INIT;

	text_secrets(&found, &v, cut, whole);
	spans_sort(&found);
	spans_write(&out, &found, text, 0, v.len);
	assert_string_equal(out.at, expected);
	buf_free(&out);
}

/* An argument NAME=VALUE is all value after the sign; in text a value ends at a blank. */
static void values_to_the_end(void **state)
{
	(void)state;
	becomes("TOKEN=a b;c", false, true, "TOKEN=" R);
	becomes("TOKEN=a b;c", false, false, "TOKEN=" R " b;c");
	becomes("X-Token:abc", false, true, "X-Token:" R);
	becomes("X-Token:abc", false, false, "X-Token:abc");
	becomes("a X-Token:abc", false, true, "a X-Token:abc");
}

/* A header needs no blank behind its colon. */
static void headers(void **state)
{
	(void)state;
	becomes("'Authorization:Bearer abc'", false, false, "'Authorization:Bearer " R "'");
	becomes("Cookie:a=b", false, false, "Cookie:" R);
	becomes("Authorization: $TOKEN", false, false, "Authorization: $TOKEN");
	becomes("Authorization: Bearer $TOKEN x", false, false, "Authorization: Bearer $TOKEN x");
	becomes("Authorization:", false, false, "Authorization:");
	becomes("PRIVATE-TOKEN:0123456789abcdef", false, false, "PRIVATE-TOKEN:" R);
	becomes("a:token:abc", false, false, "a:token:abc");
	becomes("token:", false, false, "token:");
}

/* Where the text comes from is where the spans lead to. */
static void decoded(void **state)
{
	static const char text[] = "x token%3D%22ab%22 y";
	struct text_view v = { .bytes = text, .len = sizeof(text) - 1 }, plain;
	CLEANUP(spans_free) struct spans found = { 0 };
	bool failed = false;

	(void)state;
	assert_true(view_undo_percent(&plain, &v, &failed));
	text_secrets(&found, &plain, false, false);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.at[0].from, 13);
	assert_int_equal(found.at[0].to, 15);
	view_free(&plain);
}

/* A user name that is too long to be read to its end is one that may hide a password. */
static void long_urls(void **state)
{
	struct buf text = BUF_INIT;
	struct text_view v;
	CLEANUP(spans_free) struct spans found = { 0 };

	(void)state;
	buf_adds(&text, "https://me:");
	buf_fill(&text, 'p', 10000);
	buf_adds(&text, "@h/");
	v = (struct text_view){ .bytes = text.at, .len = text.len };
	text_secrets(&found, &v, false, false);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.at[0].from, 11);
	buf_free(&text);
}

/* Beginnings of something, again and again: each is looked at once, whatever follows. That takes
 * less than a second, in quadratic time minutes. */
static void long_texts(void **state)
{
	static const char *const pieces[] = { "://",
					      "://a:",
					      "token=\"",
					      "key=!",
					      "cookie:$",
					      "sk-",
					      "-u -u ",
					      "eyJ",
					      "bearer ",
					      "xoxb-",
					      "0123456789:",
					      "--token ",
					      "-----BEGIN ",
					      "%3a",
					      "\\\"token\\\":",
					      "AKIA",
					      "https://hooks.slack.com/services/" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		CLEANUP(spans_free) struct spans found = { 0 };
		struct buf text = BUF_INIT;
		struct text_view v;

		while (text.len < 200000)
			buf_adds(&text, pieces[i]);
		v = (struct text_view){ .bytes = text.at, .len = text.len };
		text_secrets(&found, &v, false, false);
		assert_false(found.failed);
		buf_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_to_the_end), cmocka_unit_test(headers),
		cmocka_unit_test(decoded),	     cmocka_unit_test(long_urls),
		cmocka_unit_test(long_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
