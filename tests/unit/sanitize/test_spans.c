// SPDX-License-Identifier: GPL-2.0-only
/* test_spans.c - texts are written without their secret parts. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/spans.h"

#define R REDACTED

static void writes(const struct spans *s, size_t from, size_t to, const char *expected)
{
	struct buf out = BUF_INIT;

	spans_write(&out, s, "0123456789", from, to);
	assert_string_equal(out.at, expected);
	buf_free(&out);
}

static void in_any_order(void **state)
{
	CLEANUP(spans_free) struct spans s = { 0 };

	(void)state;
	writes(&s, 0, 10, "0123456789");
	spans_add(&s, 7, 8);
	spans_add(&s, 1, 3);
	spans_add(&s, 5, 5); /* nothing */
	spans_add(&s, 6, 5);
	spans_sort(&s);
	assert_int_equal(s.count, 2);
	writes(&s, 0, 10, "0" R "3456" R "89");
	writes(&s, 2, 7, R "3456");
	writes(&s, 2, 8, R "3456" R);
	writes(&s, 3, 7, "3456");
	writes(&s, 1, 2, R);
	writes(&s, 8, 8, "");
	writes(&s, 8, 10, "89");
}

static void overlapping(void **state)
{
	CLEANUP(spans_free) struct spans s = { 0 };

	(void)state;
	spans_add(&s, 2, 6);
	spans_add(&s, 1, 3);
	spans_add(&s, 6, 7);
	spans_add(&s, 2, 4);
	spans_sort(&s);
	assert_int_equal(s.count, 1);
	writes(&s, 0, 10, "0" R "789");
}

static void many(void **state)
{
	CLEANUP(spans_free) struct spans s = { 0 };
	struct buf text = BUF_INIT, out = BUF_INIT;

	(void)state;
	buf_fill(&text, 'x', 10000);
	for (size_t i = 10000; i > 0; i -= 2)
		spans_add(&s, i - 2, i - 1);
	spans_sort(&s);
	assert_int_equal(s.count, 5000);
	spans_write(&out, &s, text.at, 0, text.len);
	assert_int_equal(out.len, 5000 * (strlen(R) + 1));
	buf_free(&text);
	buf_free(&out);
}

/* What could not be noted could be anywhere. */
static void without_memory(void **state)
{
	struct spans s = { .failed = true };

	(void)state;
	writes(&s, 0, 10, R);
	writes(&s, 3, 3, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_any_order),
		cmocka_unit_test(overlapping),
		cmocka_unit_test(many),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
