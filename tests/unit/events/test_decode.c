// SPDX-License-Identifier: GPL-2.0-only
/* test_decode.c - the fields of records as text and words. */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/decode.h"
#include "records.h"

static void paths(void **state)
{
	static const struct {
		const char *wire;
		bool cut;
		const char *path;
	} table[] = {
		{ "credentials/.aws/ci/home/", false, "/home/ci/.aws/credentials" },
		{ "passwd/etc/", false, "/etc/passwd" },
		{ "x/", false, "/x" },
		{ "", false, "/" },
		{ "/", false, "/" },
		{ "x/y", false, "/y/x" },
		{ "c/b/", true, ".../b/c" },
		{ "a b\n/x/", false, "/x/a b\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct buf out = BUF_INIT;

		decode_path(&out, table[i].wire, strlen(table[i].wire), table[i].cut);
		assert_string_equal(out.at, table[i].path);
		buf_free(&out);
	}
}

static void paths_there_and_back(void **state)
{
	static const char *const paths[] = { "/", "/a", "/home/ci/.npmrc", "/a/b/c/d/e/f" };
	char wire[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct buf out = BUF_INIT;

		decode_path(&out, wire, wire_path(wire, paths[i]), false);
		assert_string_equal(out.at, paths[i]);
		buf_free(&out);
	}
}

static void words(void **state)
{
	static const char argv[] = "sh\0-c\0\0node x\0tail";
	const char *at = argv, *end = argv + sizeof(argv) - 1, *word;
	static const char *const want[] = { "sh", "-c", "", "node x", "tail" };
	size_t len, n = 0;

	(void)state;
	while ((at = decode_word(at, end, &word, &len))) {
		assert_int_equal(len, strlen(want[n]));
		assert_memory_equal(word, want[n], len);
		n++;
	}
	assert_int_equal(n, ARRAY_SIZE(want));
	assert_null(decode_word(argv, argv, &word, &len));
}

static void addresses(void **state)
{
	struct ws_address a = { .family = AF_INET, .port = 443 };
	struct buf out = BUF_INIT;

	(void)state;
	inet_pton(AF_INET, "203.0.113.9", a.address);
	decode_address(&out, &a);
	assert_string_equal(out.at, "203.0.113.9");
	buf_reset(&out);
	a.family = AF_INET6;
	inet_pton(AF_INET6, "2001:db8::1", a.address);
	decode_address(&out, &a);
	assert_string_equal(out.at, "2001:db8::1");
	buf_reset(&out);
	a.family = 40;
	decode_address(&out, &a);
	assert_string_equal(out.at, "family 40");
	buf_free(&out);
	assert_string_equal(decode_protocol(6), "tcp");
	assert_string_equal(decode_protocol(17), "udp");
	assert_null(decode_protocol(253));
}

static void times(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	decode_time(&out, 0);
	assert_string_equal(out.at, "1970-01-01T00:00:00.000Z");
	buf_reset(&out);
	decode_time(&out, 1795516489123999999ULL);
	assert_string_equal(out.at, "2026-11-24T10:34:49.123Z");
	buf_reset(&out);
	decode_time(&out, UINT64_MAX);
	assert_int_equal(out.len, 24);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths), cmocka_unit_test(paths_there_and_back),
		cmocka_unit_test(words), cmocka_unit_test(addresses),
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
