// SPDX-License-Identifier: GPL-2.0-only
/* test_address.c - addresses and ranges as rules write them, and what lies in them. */
#include "policy/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

static void test_good(void **state)
{
	static const struct {
		const char *text, *base;
		int family;
		unsigned prefix;
	} table[] = {
		{ "169.254.169.254", "169.254.169.254", AF_INET, 32 },
		{ "10.0.0.0/8", "10.0.0.0", AF_INET, 8 },
		{ "10.128.0.0/9", "10.128.0.0", AF_INET, 9 },
		{ "0.0.0.0/0", "0.0.0.0", AF_INET, 0 },
		{ "1.2.3.4/32", "1.2.3.4", AF_INET, 32 },
		{ "fd00:ec2::254", "fd00:ec2::254", AF_INET6, 128 },
		{ "fe80::/10", "fe80::", AF_INET6, 10 },
		{ "::/0", "::", AF_INET6, 0 },
		{ "::1/128", "::1", AF_INET6, 128 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct address_range a;
		struct error e = { 0 };
		uint8_t bytes[16];

		if (address_parse(&a, table[i].text, &e) < 0)
			fail_msg("%s: %s", table[i].text, e.text);
		assert_int_equal(a.family, table[i].family);
		assert_int_equal(a.prefix, table[i].prefix);
		inet_pton(a.family, table[i].base, bytes);
		assert_memory_equal(a.bytes, bytes, a.family == AF_INET ? 4 : 16);
	}
}

static void test_wrong(void **state)
{
	static const struct {
		const char *text, *why;
	} table[] = {
		{ "", "is not an IP address" },
		{ "localhost", "names are not resolved" },
		{ "1.2.3", "is not an IP address" },
		{ "1.2.3.4.5", "is not an IP address" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  "is not an IP address" },
		/* 64 characters: one more than there is room for */
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  "is not an IP address" },
		{ "::ffff:10.0.0.1", "mapped to IPv6" },
		{ "10.0.0.0/", "prefix length from 0 to 32" },
		{ "10.0.0.0/33", "prefix length from 0 to 32" },
		{ "10.0.0.0/8x", "prefix length" },
		{ "10.0.0.0/+8", "prefix length" },
		{ "10.0.0.0/ 8", "prefix length" },
		{ "10.0.0.0/0008", "prefix length" },
		{ "10.0.0.0/4294967304", "prefix length" },
		{ "::/129", "prefix length from 0 to 128" },
		{ "10.0.0.1/8", "beyond its prefix of 8 bits" },
		{ "10.64.0.0/9", "beyond its prefix of 9 bits" },
		{ "fe80::1/64", "beyond its prefix of 64 bits" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct address_range a = { .family = -1 };
		struct error e = { 0 };

		if (address_parse(&a, table[i].text, &e) != -EINVAL ||
		    !strstr(e.text, table[i].why))
			fail_msg("`%s`: %s", table[i].text, e.text);
		assert_int_equal(a.family, -1);
	}
}

static bool in(const char *range, const char *address)
{
	struct address_range a;
	int family = strchr(address, ':') ? AF_INET6 : AF_INET;
	uint8_t bytes[16] = { 0 };

	assert_int_equal(address_parse(&a, range, NULL), 0);
	assert_int_equal(inet_pton(family, address, bytes), 1);
	return address_in(&a, family, bytes);
}

static void test_in(void **state)
{
	(void)state;
	assert_true(in("10.0.0.0/8", "10.0.0.0"));
	assert_true(in("10.0.0.0/8", "10.255.255.255"));
	assert_false(in("10.0.0.0/8", "11.0.0.0"));
	assert_true(in("10.128.0.0/9", "10.129.0.1"));
	assert_false(in("10.128.0.0/9", "10.127.0.1"));
	assert_true(in("0.0.0.0/0", "255.1.2.3"));
	assert_true(in("1.2.3.4", "1.2.3.4"));
	assert_false(in("1.2.3.4", "1.2.3.5"));
	assert_false(in("0.0.0.0/0", "::1"));
	assert_false(in("::/0", "1.2.3.4"));
	assert_true(in("fd00::/8", "fdff::1"));
	assert_false(in("fd00::/8", "fc00::1"));
}

static void test_bits(void **state)
{
	static const uint8_t a[2] = { 0xf0, 0x80 }, b[2] = { 0xf0, 0x00 };

	(void)state;
	assert_true(address_bits_equal(a, b, 0));
	assert_true(address_bits_equal(a, b, 8));
	assert_false(address_bits_equal(a, b, 9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_in),
		cmocka_unit_test(test_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
