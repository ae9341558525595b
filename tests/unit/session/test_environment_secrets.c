// SPDX-License-Identifier: GPL-2.0-only
/* test_environment_secrets.c - which variables packages' scripts do not get. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/environment_secrets.h"

static void is_secret(const char *variable, const char *value, const char *const *keep)
{
	size_t at = 0;

	if (!environment_secret(variable, keep, &at))
		fail_msg("%s is not secret", variable);
	assert_string_equal(variable + at, value);
}

static void is_free(const char *variable, const char *const *keep)
{
	size_t at;

	if (environment_secret(variable, keep, &at))
		fail_msg("%s is secret", variable);
}

static void secrets(void **state)
{
	(void)state;
	is_secret("NPM_TOKEN=npm_0123456789abcdefghijklmnopqrstuvwxyz",
		  "npm_0123456789abcdefghijklmnopqrstuvwxyz", NULL);
	is_secret("AWS_SECRET_ACCESS_KEY=aws/secret+value0123", "aws/secret+value0123", NULL);
	is_secret("npm_config_//registry.test/:_authToken=x1y2z3w4v5", "x1y2z3w4v5", NULL);
	is_secret("npm_config__auth=bWU6c2VjcmV0LXZhbHVl", "bWU6c2VjcmV0LXZhbHVl", NULL);
	is_secret("PGPASSWORD=two words", "two words", NULL);
	is_secret("ACTIONS_ID_TOKEN_REQUEST_TOKEN=abc.def.ghi", "abc.def.ghi", NULL);
	/* nothing is expanded in an environment, and no character belongs to the sign */
	is_secret("DB_PASS=$ecret-value", "$ecret-value", NULL);
	is_secret("API_KEY==x:secret-value", "=x:secret-value", NULL);
	/* the word in the middle, or with a number */
	is_secret("TOKEN_PROD=0123456789abcdef", "0123456789abcdef", NULL);
	is_secret("npm_token2=0123456789abcdef", "0123456789abcdef", NULL);
	is_secret("SECRET_OF_X=correct horse battery", "correct horse battery", NULL);
	is_secret("SENTRY_DSN=https://x@o1.sentry.test/1", "https://x@o1.sentry.test/1", NULL);
	is_secret("TEST_DATABASE_URL=postgres://db/x", "postgres://db/x", NULL);
	is_secret("AZURE_STORAGE_CONNECTION_STRING=AccountKey=abc", "AccountKey=abc", NULL);
	/* by its shape, whatever it is called */
	is_secret("HARMLESS=ghp_0123456789abcdefghijklmnopqrstuvwxyz",
		  "ghp_0123456789abcdefghijklmnopqrstuvwxyz", NULL);
	/* a URL with a password, as GitLab's CI_REPOSITORY_URL: all of it */
	is_secret("CI_REPOSITORY_URL=https://ci:s3cretvalue@git.test/x.git",
		  "https://ci:s3cretvalue@git.test/x.git", NULL);
}

static void free_ones(void **state)
{
	static const char *const variables[] = {
		"PATH=/usr/bin:/bin",
		"HOME=/home/ci",
		"PWD=/home/ci/app",
		"NODE_ENV=production",
		"SSH_AUTH_SOCK=/tmp/ssh-x/agent.1",
		"GITHUB_SHA=0123456789abcdef0123456789abcdef01234567",
		"https_proxy=http://me:s3cretvalue@proxy.test:3128",
		"npm_config_https_proxy=http://me:s3cretvalue@proxy.test:3128",
		"npm_package_config_token=0123456789abcdef",
		"npm_lifecycle_script=curl --user me:s3cretvalue x",
		"npm_config_always_auth=true",
		"GOOGLE_APPLICATION_CREDENTIALS=/etc/hostname",
		"AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/token",
		"TOKEN_TTL=3600",
		"USE_TOKEN_AUTH=true",
		"TOKENIZERS_PARALLELISM=false-or-true",
		"CARGO_MAKEFLAGS=-j --jobserver-fds=8,9 --jobserver-auth=8,9",
		"MAKEFLAGS= -j4 --jobserver-auth=fifo:/tmp/GMfifo1234 -- X=y",
		"EMPTY_TOKEN=",
		"=x",
		"no sign",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		is_free(variables[i], NULL);
}

static void kept(void **state)
{
	static const char *const keep[] = { "PRIVATE_TOKEN", NULL };

	(void)state;
	is_free("PRIVATE_TOKEN=0123456789abcdef", keep);
	is_secret("PRIVATE_TOKEN2=0123456789abcdef", "0123456789abcdef", keep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets),
		cmocka_unit_test(free_ones),
		cmocka_unit_test(kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
