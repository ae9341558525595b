// SPDX-License-Identifier: GPL-2.0-only
/* test_session_secrets.c - which values of an environment and of configuration files are secrets.
 */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/known_secrets.h"
#include "session/session_secrets.h"
#include "tree.h"

static bool is_known(const char *value)
{
	struct buf out = BUF_INIT, in = BUF_INIT;
	bool known;

	buf_addf(&in, "x %s y", value);
	known_secrets_redact(&out, in.at, in.len, 0);
	known = strcmp(out.at, "x " REDACTED " y") == 0;
	buf_free(&in);
	buf_free(&out);
	return known;
}

static void known(const char *value, bool expected)
{
	if (is_known(value) != expected)
		fail_msg("%s is %sknown", value, expected ? "not " : "");
}

static void variables(void **state)
{
	char *environment[] = { "AWS_SECRET_ACCESS_KEY=aws/secret+value0123",
				"NPM_TOKEN=npm-secret-value",
				"npm_config__authToken=other-secret-value",
				"DATABASE_URL=postgres://me:url-secret-value@db/x",
				"HARMLESS=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
				"API_AUTH=me:auth-secret-value",
				"X_AUTHORIZATION=Bearer bearer-secret-value",
				"GCP_JSON={\"private_key\": \"json-secret-value\"}",
				"PATH=/usr/local/bin:/usr/bin",
				"NODE_ENV=production-value-0",
				"GITHUB_SHA=0123456789abcdef0123456789abcdef01234567",
				"GOOGLE_APPLICATION_CREDENTIALS=/etc/hostname",
				"CA_TOKEN=/etc/hostname",
				"SOME_TOKEN=/not/there/secret-value",
				"POSTGRES_PASSWORD=postgres",
				"COLON_TOKEN=::colon secret value",
				"EQUAL_PASSWORD==equal-secret-value",
				"ARROW_PASSWORD=>arrow-secret-value",
				"DOLLAR_PASSWORD=$ecret-dollar-value",
				"BLANK_PASSWORD= blank secret value",
				"REFERENCE_TOKEN=$NPM_TOKEN",
				"BRACED_TOKEN=${NPM_TOKEN}",
				"SHORT_TOKEN=1",
				"EMPTY_TOKEN=",
				"NOT_A_VARIABLE",
				"PWD=/home/ci/project",
				NULL };
	struct session_secrets_sources s = { .environment = environment, .user = getuid() };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(session_secrets_collect(&s, &e), 0);
	known("aws/secret+value0123", true);
	known("npm-secret-value", true);
	known("other-secret-value", true);
	known("url-secret-value", true);
	known("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", true);
	known("auth-secret-value", true);
	known("bearer-secret-value", true);
	known("json-secret-value", true);
	known("/not/there/secret-value", true);
	known("::colon secret value", true);
	known("=equal-secret-value", true);
	known(">arrow-secret-value", true);
	known("$ecret-dollar-value", true);
	known("blank secret value", true);
	known("$NPM_TOKEN", false);
	known("${NPM_TOKEN}", false);
	known("/usr/local/bin:/usr/bin", false);
	known("production-value-0", false);
	known("0123456789abcdef0123456789abcdef01234567", false);
	known("/etc/hostname", false);
	known("postgres", false);
	known("/home/ci/project", false);
	known_secrets_close();
}

static void files(void **state)
{
	char *top = tree_new();
	struct buf userconfig = BUF_INIT;
	char *environment[] = { NULL, NULL };
	struct session_secrets_sources s = { .environment = environment, .user = getuid() };
	struct error e = { 0 };

	(void)state;
	tree_add(top, "home/.npmrc", "registry=https://h/\n//h/:_authToken=npmrc-secret-1\n");
	tree_add(top, "project/.npmrc",
		 "//h/:_password=\"npmrc-secret-2\"\nemail=me@example.org\n");
	tree_add(top, "user.npmrc", "_auth = npmrc-secret-3\n");
	tree_add(top, "home/.netrc",
		 "machine h login me password netrc-secret-1\n"
		 "machine i\n\tlogin password\n\tpassword netrc-secret-2\n");
	tree_add(top, "home/.git-credentials", "https://me:git-secret-1@h\n");
	tree_add(top, "home/.docker/config.json",
		 "{\"auths\":{\"h\":{\"auth\":\"bWU6ZG9ja2VyLXNlY3JldC0x\"}}}");
	tree_add(top, "home/.yarnrc.yml", "npmAuthToken: yarn-secret-1\n");
	tree_add(top, "home/.aws/credentials", "[x]\naws_secret_access_key = aws-secret-1\n");
	buf_addf(&userconfig, "NPM_CONFIG_USERCONFIG=%s", tree_path(top, "user.npmrc"));
	environment[0] = userconfig.at;
	s.home = tree_path(top, "home");
	s.cwd = tree_path(top, "project");
	assert_int_equal(session_secrets_collect(&s, &e), 0);
	known("npmrc-secret-1", true);
	known("npmrc-secret-2", true);
	known("npmrc-secret-3", true);
	known("netrc-secret-1", true);
	known("netrc-secret-2", true);
	known("git-secret-1", true);
	known("docker-secret-1", true); /* of me:docker-secret-1 */
	known("bWU6ZG9ja2VyLXNlY3JldC0x", true);
	known("yarn-secret-1", true);
	known("aws-secret-1", true);
	known("https://h/", false);
	known("me@example.org", false);
	known_secrets_close();
	buf_free(&userconfig);
	tree_free(top);
}

static void odd_files(void **state)
{
	struct error e = { 0 };

	(void)state;
	assert_int_equal(known_secrets_open(&e), 0);
	session_secrets_of_text("", 0);
	session_secrets_of_text("\n\n_authToken=no-newline-at-end", 30);
	session_secrets_of_netrc("", 0);
	session_secrets_of_netrc("password", 8);
	session_secrets_of_netrc("machine password password only-this-one", 39);
	known("no-newline-at-end", true);
	known("only-this-one", true);
	session_secrets_of_netrc("password x-secret-1\0password y-secret-2", 39);
	known("x-secret-1", true);
	known_secrets_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables),
		cmocka_unit_test(files),
		cmocka_unit_test(odd_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
