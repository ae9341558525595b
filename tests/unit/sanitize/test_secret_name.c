// SPDX-License-Identifier: GPL-2.0-only
/* test_secret_name.c - which names say that their value is secret. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/secret_name.h"

static const struct {
	const char *name;
	enum secret_name kind;
} table[] = {
	{ "token", SECRET_NAME_SURE },
	{ "--token", SECRET_NAME_SURE },
	{ "NPM_TOKEN", SECRET_NAME_SURE },
	{ "npm_config__authToken", SECRET_NAME_SURE },
	{ "_authToken", SECRET_NAME_SURE },
	{ "_auth", SECRET_NAME_SURE },
	{ "PGPASSWORD", SECRET_NAME_SURE },
	{ "MYSQL_PWD", SECRET_NAME_SURE },
	{ "--pw", SECRET_NAME_SURE },
	{ "wifi.psk", SECRET_NAME_SURE },
	{ "clientSecret", SECRET_NAME_SURE },
	{ "ACTIONS_ID_TOKEN_REQUEST_TOKEN", SECRET_NAME_SURE },
	{ "X-Amz-Signature", SECRET_NAME_SURE },
	{ "AWS_SECRET_ACCESS_KEY", SECRET_NAME_KEY },
	{ "api-key", SECRET_NAME_KEY },
	{ "apikey", SECRET_NAME_KEY },
	{ "privateKey", SECRET_NAME_KEY },
	{ "Authorization", SECRET_NAME_HEADER },
	{ "Set-Cookie", SECRET_NAME_HEADER },
	{ "key", SECRET_NAME_MAYBE },
	{ "session", SECRET_NAME_MAYBE },
	{ "maxTokens", SECRET_NAME_MAYBE },
	{ "PWD", SECRET_NAME_NONE },
	{ "OLDPWD", SECRET_NAME_NONE },
	{ "no-password", SECRET_NAME_NONE },
	{ "token-file", SECRET_NAME_NONE },
	{ "tokenizer", SECRET_NAME_NONE },
	{ "bypass", SECRET_NAME_NONE },
	{ "author", SECRET_NAME_NONE },
	{ "keyboard", SECRET_NAME_NONE },
	{ "monkey", SECRET_NAME_NONE },
	{ "install", SECRET_NAME_NONE },
	{ "ACTIONS_ID_TOKEN_REQUEST_URL", SECRET_NAME_NONE },
	{ "", SECRET_NAME_NONE },
	{ "---", SECRET_NAME_NONE },
};

static void names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (secret_name(table[i].name, strlen(table[i].name)) != table[i].kind)
			fail_msg("%s: %d, not %d", table[i].name,
				 secret_name(table[i].name, strlen(table[i].name)), table[i].kind);
}

static void long_names(void **state)
{
	char name[4096];

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_int_equal(secret_name(name, sizeof(name)), SECRET_NAME_NONE);
	memcpy(name + sizeof(name) - 6, "_token", 6);
	assert_int_equal(secret_name(name, sizeof(name)), SECRET_NAME_SURE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
