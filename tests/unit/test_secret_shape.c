// SPDX-License-Identifier: GPL-2.0-only
/* test_secret_shape.c - what shows itself as a secret, and how far it goes. */
#include <string.h>

#include "cleanup.h"
#include "cmocka_all.h"
#include "secret_shape.h"

static const struct {
	const char *text;
	size_t at;
	bool cut;
	size_t len;
} table[] = {
	/* put together so that no scanner takes this file for a leak */
	{ "x ghp_"
	  "0123456789abcdefghij y",
	  2, false, 24 },
	{ "x ghp_"
	  "0123456789abcdefghij y",
	  3, false, 0 },
	{ "ghp_"
	  "short",
	  0, false, 0 },
	{ "ghp_"
	  "short",
	  0, true, 9 },
	{ "ghp_"
	  "short more",
	  0, true, 0 },
	{ "task-"
	  "0123456789abcdefghijklmnop",
	  2, false, 0 }, /* sk- within a word */
	{ "%3ask-"
	  "0123456789abcdefghijklmnop",
	  3, false, 29 },
	{ "AKIA"
	  "ABCDEFGHIJKLMNOP.",
	  0, false, 20 },
	{ "AKIA"
	  "abcdefghijklmnop",
	  0, false, 0 },
	{ "eyJ"
	  "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln x",
	  0, false, 41 },
	{ "eyJ"
	  "hbGciOiJIUzI1NiJ9 x",
	  0, false, 0 },
	{ "eyJ"
	  "hbGciOiJIUzI1NiJ9",
	  0, true, 20 },
	{ "-----BEGIN EC PRIVATE KEY-----x-----END EC PRIVATE KEY-----y", 0, false, 59 },
	{ "-----BEGIN EC PRIVATE KEY-----xyz", 0, false, 33 },
	{ "-----BEGIN PUBLIC KEY-----xyz", 0, false, 0 },
	{ "-----BEGIN RSA", 0, false, 0 },
	{ "-----BEGIN RSA", 0, true, 14 },
};

static void shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		size_t n = secret_shape(table[i].text, strlen(table[i].text), table[i].at,
					table[i].cut);

		if (n != table[i].len)
			fail_msg("%s: %zu, not %zu", table[i].text, n, table[i].len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
