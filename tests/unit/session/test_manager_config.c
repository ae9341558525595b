// SPDX-License-Identifier: GPL-2.0-only
/* test_manager_config.c - which configuration of a package manager holds a credential. */
#include "session/manager_config.h"

#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

static void test_with(void **state)
{
	static const char *const with[] = {
		"//h/:_authToken=abc\n",
		"registry=http://h/\n//h:4873/x/:_authToken = abc\n",
		"//h/:_authToken=\"abc\"\n",
		"//h/:_auth=eDp5\n",
		"_auth=eDp5\n",
		"//h/:_password=cGFzcw==\n",
		"//h/:username=u\r//h/:_password=p",
		"//h/:_authToken=${A}b\n",
		"//h/:_authToken=${A-default}\n",
		"//h/:_authToken=${A:-default}\n",
		"//h/:_authToken=${A\n",
		"registry=https://u:s3cr3tpass@h/\n",
		"key=\"-----BEGIN PRIVATE KEY-----\\nx\"\n",
		"\"//h/:_authToken\" \"abc\"\n",
		"npmAuthToken: abc\n",
		"npmAuthToken:\n  abc\n",
		"npmAuthToken: |\n  abc\n",
		"npmScopes:\n  x:\n    npmAuthIdent: 'u:p'\n",
		"npmRegistries: { \"//h\": { npmAuthToken: \"abc\" } }\n",
		"[install]\nregistry = { url = \"http://h/\", token = \"abc\" }\n",
		"[install.scopes]\nx = { token = \"$a\", password = \"b\", url = \"http://h/\" }\n",
		"token = \"$a-b\"\n",
		"; npm_0123456789abcdefghijABCDEFGHIJ012345\n",
		"#//h/:_authToken=0123456789abcdef0123456789abcdef\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(with); i++)
		if (!manager_config_has_secret(with[i], strlen(with[i])))
			fail_msg("no credential was found in: %s", with[i]);
	assert_true(manager_config_has_secret("a\0b", 3));
}

static void test_without(void **state)
{
	static const char *const without[] = {
		"",
		"\n\n",
		"registry=https://registry.example.org/\nproxy=http://u:pass@proxy:3128/\n",
		"https-proxy = http://u:pass@proxy:3128/\nnoproxy=x\n",
		"httpsProxy: \"http://u:pass@proxy:3128/\"\n",
		"//h/:_authToken=${NPM_TOKEN}\n",
		"//h/:_authToken = \"${NPM_TOKEN}\"\n",
		"//h/:_authToken=${NPM_TOKEN?}\n",
		"//h/:_authToken=\n",
		"//h/:_password=''\n",
		"//h/:username=u\nemail=a@b.example\n",
		"always-auth=true\nauth-type=web\nfund=false\n",
		"registry=https://${USER}:${PASS}@h/\n",
		"//h/:tokenHelper=/usr/bin/x\n//h/:certfile=/x\n//h/:keyfile=/y\n",
		"# your token goes here\n; _authToken too\n",
		"npmAuthToken: \"${NPM_TOKEN}\"\n",
		"npmAlwaysAuth: true\nnodeLinker: node-modules\n",
		"npmAuthToken: null\n",
		"registry \"https://h/\"\nlastUpdateCheck 1700000000000\n",
		"[install]\nregistry = { url = \"http://h/\", token = \"$npm_token\" }\n",
		"[install]\ntoken = \"\"\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(without); i++)
		if (manager_config_has_secret(without[i], strlen(without[i])))
			fail_msg("a credential was found in: %s", without[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with),
		cmocka_unit_test(test_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
