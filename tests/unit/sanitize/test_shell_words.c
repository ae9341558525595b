// SPDX-License-Identifier: GPL-2.0-only
/* test_shell_words.c - the words of a command line as text. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/shell_words.h"

/* Words are written in brackets; ';' '|' and '<' are the signs. */
static const struct {
	const char *text, *words;
} table[] = {
	{ "a b  c", "[a][b][c];" },
	{ "", ";" },
	{ "a 'b c' \"d e\"f", "[a][b c][d ef];" },
	{ "'' \"\"", "[][];" },
	{ "a\\ b \\'c \"d\\\"e\\n\" 'f\\'", "[a b]['c][d\"e\\n][f\\];" },
	{ "$'a\\'b' c", "[a'b][c];" },
	{ "a;b&&c|d||e&f", "[a];[b];;[c]|[d];[e];[f];" },
	{ "a\nb \\\nc", "[a];[b][c];" },
	{ "$(a b) `c`", "[$];[a][b];;[c];;" },
	{ "a <<<b <c >d 2>&1", "[a]<[b][c][d][2];[1];" },
	{ "f(['a','b c'],\"d\")", "[f];[a][b c][d];;" },
	{ "a[0],b", "[a[0],b];" },
	{ "a 'b", "[a][b];" },
	{ "a \"b\\", "[a][b\\];" },
	{ "a\\", "[a\\];" },
};

static void add(void *arg, enum shell_sign sign, const struct text_view *word)
{
	static const char signs[] = {
		[SHELL_END] = ';', [SHELL_PIPE] = '|', [SHELL_HERE_STRING] = '<'
	};
	struct buf *out = arg;

	if (sign != SHELL_WORD) {
		assert_null(word);
		buf_addc(out, signs[sign]);
		return;
	}
	buf_addc(out, '[');
	buf_add(out, word->bytes, word->len);
	buf_addc(out, ']');
}

static void words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct text_view v = { .bytes = table[i].text, .len = strlen(table[i].text) };
		struct buf out = BUF_INIT;

		assert_true(shell_words(&v, add, &out));
		assert_string_equal(out.at, table[i].words);
		buf_free(&out);
	}
}

static void check_places(void *arg, enum shell_sign sign, const struct text_view *word)
{
	size_t *calls = arg;

	if (sign != SHELL_WORD || !word->len)
		return;
	if ((*calls)++ == 0) { /* a'b c'\d of x a'b c'\d */
		assert_int_equal(word->len, 5);
		assert_int_equal(view_from(word, 0), 50);
		assert_int_equal(view_from(word, 1), 52);
		assert_int_equal(view_to(word, 3), 55);
		assert_int_equal(view_from(word, 4), 56); /* with its backslash */
		assert_int_equal(view_to(word, 4), 58);
	}
}

static void places(void **state)
{
	static const char text[] = "a'b c'\\d e";
	struct text_view v = { .bytes = text, .len = sizeof(text) - 1, .base = 50 };
	size_t calls = 0;

	(void)state;
	assert_true(shell_words(&v, check_places, &calls));
	assert_int_equal(calls, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
