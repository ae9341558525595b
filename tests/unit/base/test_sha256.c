// SPDX-License-Identifier: GPL-2.0-only
/* test_sha256.c - the examples of FIPS 180-4 and RFC 4231, and every length around a block. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/sha256.h"
#include "cmocka_all.h"

static void is(const uint8_t sum[SHA256_BYTES], const char *want)
{
	char text[2 * SHA256_BYTES + 1];

	for (int i = 0; i < SHA256_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", sum[i]);
	assert_string_equal(text, want);
}

static void examples(void **state)
{
	static const struct {
		const char *text, *sum;
	} table[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	uint8_t sum[SHA256_BYTES];
	static char million[1000000];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		sha256(sum, table[i].text, strlen(table[i].text));
		is(sum, table[i].sum);
	}
	memset(million, 'a', sizeof(million));
	sha256(sum, million, sizeof(million));
	is(sum, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	/* around the lengths where the padding takes another block */
	sha256(sum, million, 55);
	is(sum, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
	sha256(sum, million, 56);
	is(sum, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
	sha256(sum, million, 64);
	is(sum, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

static void hmac(void **state)
{
	uint8_t sum[SHA256_BYTES], key[20];

	(void)state;
	memset(key, 0x0b, sizeof(key));
	sha256_hmac(sum, key, sizeof(key), "Hi There", 8);
	is(sum, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	sha256_hmac(sum, "Jefe", 4, "what do ya want for nothing?", 28);
	is(sum, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(hmac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
