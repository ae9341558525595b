// SPDX-License-Identifier: GPL-2.0-only
/* test_buf.c - the invariants of buf.h. */
#include <stdlib.h>

#include "base/buf.h"
#include "cmocka_all.h"

static void empty_can_be_printed(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	assert_string_equal(b.at, "");
	assert_int_equal(b.len, 0);
	buf_reset(&b);
	buf_cut(&b, 0);
	buf_add(&b, "", 0);
	assert_string_equal(b.at, "");
	buf_free(&b);
	buf_free(&b);
	assert_string_equal(b.at, "");
}

static void grows_and_stays_terminated(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		buf_addc(&b, (char)('a' + i % 26));
		assert_int_equal(b.at[b.len], 0);
	}
	assert_int_equal(b.len, 5000);
	assert_int_equal(b.at[27], 'b');
	buf_cut(&b, 3);
	assert_string_equal(b.at, "abc");
	buf_cut(&b, 100); /* never longer */
	assert_int_equal(b.len, 3);
	buf_free(&b);
}

static void formats(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_addf(&b, "%s-%d", "x", 42);
	buf_addf(&b, "%s", "");
	buf_addf(&b, "%0200d", 7);
	assert_int_equal(b.len, 204);
	assert_memory_equal(b.at, "x-4200", 6);
	buf_fill(&b, '.', 3);
	assert_string_equal(b.at + 203, "7...");
	buf_free(&b);
}

static void holds_nul_bytes(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.at, "a\0b", 4);
	buf_free(&b);
}

static void take_gives_the_memory_away(void **state)
{
	struct buf b = BUF_INIT;
	char *s;

	(void)state;
	s = buf_take(&b); /* of an empty one, too: the caller may free it */
	assert_string_equal(s, "");
	free(s);
	buf_adds(&b, "hello");
	s = buf_take(&b);
	assert_string_equal(s, "hello");
	assert_int_equal(b.len, 0);
	assert_int_equal(b.room, 0);
	free(s);
}

static void failure_stays(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "x");
	buf_fill(&b, 'y', (size_t)-1 / 2); /* no machine has so much */
	assert_true(b.failed);
	buf_adds(&b, "z");
	assert_string_equal(b.at, "x");
	buf_reset(&b);
	assert_false(b.failed);
	buf_adds(&b, "z");
	assert_string_equal(b.at, "z");
	b.failed = true;
	assert_null(buf_take(&b));
	assert_string_equal(b.at, "");
}

/* AddressSanitizer ends the program where malloc would return NULL. */
#ifndef __SANITIZE_ADDRESS__
static void memory_runs_out(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "x");
	buf_fill(&b, 'y', (size_t)-1 / 8);
	assert_true(b.failed);
	buf_adds(&b, "z");
	assert_string_equal(b.at, "x");
	buf_free(&b);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_can_be_printed),
		cmocka_unit_test(grows_and_stays_terminated),
		cmocka_unit_test(formats),
		cmocka_unit_test(holds_nul_bytes),
		cmocka_unit_test(take_gives_the_memory_away),
		cmocka_unit_test(failure_stays),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(memory_runs_out),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
