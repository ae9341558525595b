// SPDX-License-Identifier: GPL-2.0-only
/* test_redact_text.c - secrets are removed from text, and nothing else is. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/redact_text.h"

#define R REDACTED

static const struct {
	const char *in, *out;
} texts[] = {
	/* tokens with a known shape; put together so that no scanner takes this file for a leak */
	{ "a ghp_"
	  "0123456789abcdefghijABCDEFGHIJ012345 b",
	  "a " R " b" },
	{ "x=github_pat_"
	  "11ABCDEFG0123456789_abcdefghij",
	  "x=" R },
	{ "npm_"
	  "abcdefghijklmnopqrstuvwxyz0123456789",
	  R },
	{ "glpat-"
	  "abcdefghijklmnopqrst",
	  R },
	{ "xoxb-"
	  "123456789012-abcdefgh",
	  R },
	{ "AKIA"
	  "ABCDEFGHIJKLMNOP",
	  R },
	{ "key AIza"
	  "SyA0123456789abcdefghijklmnopqrstuvw end",
	  "key " R " end" },
	{ "sk-ant-"
	  "api03-abcdefghijklmnopqrstuv",
	  R },
	{ "eyJ"
	  "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
	  R },
	{ "https://h/?q=%3Aghp_"
	  "0123456789abcdefghij0123456789abcdef",
	  "https://h/?q=%3A" R },
	{ "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nafter",
	  R "\nafter" },
	{ "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", R },
	{ "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----" },
	/* what only looks like one */
	{ "npm_lifecycle_event npm_config_registry npm_package_json",
	  "npm_lifecycle_event npm_config_registry npm_package_json" },
	{ "task-runner-for-all-of-the-things-here", "task-runner-for-all-of-the-things-here" },
	{ "disk-usage-report-generator-tool", "disk-usage-report-generator-tool" },
	{ "node install.js", "node install.js" },
	{ "/home/ci/project/node_modules/esbuild/install.js",
	  "/home/ci/project/node_modules/esbuild/install.js" },
	{ "sha512-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	  "sha512-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
	/* URLs */
	{ "git clone https://user:hunter2@host/x.git", "git clone https://user:" R "@host/x.git" },
	{ "https://abcdefghijklmnopqrstuvwxyz@github.com/x", "https://" R "@github.com/x" },
	{ "https://ghp_"
	  "0123456789abcdefghij:x-oauth-basic@github.com/x",
	  "https://" R "@github.com/x" },
	{ "curl -u ghp_"
	  "0123456789abcdefghij:x-oauth-basic https://h",
	  "curl -u " R " https://h" },
	{ "ssh://git@host/x", "ssh://git@host/x" },
	{ "http://localhost:8080/x@1.2.3", "http://localhost:8080/x@1.2.3" },
	{ "https://registry.example.org/@scope/name", "https://registry.example.org/@scope/name" },
	{ "postgres://u:p/w@db:5432/x", "postgres://u:" R "@db:5432/x" },
	{ "https://u:$TOKEN@h/", "https://u:$TOKEN@h/" },
	{ "https://h/path?access_token=abc&x=1", "https://h/path?access_token=" R "&x=1" },
	{ "https://h/b?sv=1&sig=abc%3D&se=2", "https://h/b?sv=1&sig=" R "&se=2" },
	/* names that say "secret" */
	{ "//registry.example.org/:_authToken=abc", "//registry.example.org/:_authToken=" R },
	{ "PASSWORD=hunter2 npm run build", "PASSWORD=" R " npm run build" },
	{ "export GITHUB_TOKEN='a b'; node x.js", "export GITHUB_TOKEN='" R "'; node x.js" },
	{ "TOKEN=\"a\\\"b\" node x", "TOKEN=\"" R "\" node x" },
	{ "{\"token\": \"abc\", \"n\": 1}", "{\"token\": \"" R "\", \"n\": 1}" },
	{ "{\\\"token\\\":\\\"abc\\\"}", "{\\\"token\\\":\\\"" R "\\\"}" },
	{ "curl --token abc https://h", "curl --token " R " https://h" },
	{ "curl -u me:pw https://h", "curl -u me:" R " https://h" },
	{ "docker run -u 1000:1000 x", "docker run -u 1000:1000 x" },
	{ "aws_secret_access_key = abcDEF", "aws_secret_access_key = " R },
	{ "openssl enc -pass pass:hunter2", "openssl enc -pass " R },
	{ "curl -H \"Authorization: Bearer abc def\" https://h",
	  "curl -H \"Authorization: Bearer " R "\" https://h" },
	{ "authorization: basic dXNlcjpwYXNz", "authorization: basic " R },
	{ "Cookie: a=b; c=d", "Cookie: " R },
	{ "X-Api-Key: abc", "X-Api-Key: " R },
	{ "Bearer abcdefghij0123456789", "Bearer " R },
	{ "apiKey=abc", "apiKey=" R },
	{ "pass:hunter2", "pass:" R },
	{ "{\"Cookie\": \"a=b\"}", "{\"Cookie\": \"" R "\"}" },
	{ "curl --user me:pw https://h", "curl --user me:" R " https://h" },
	{ "Bearer abc123abc123abc1", "Bearer " R },
	{ "key=0123456789abcdef0123456789abcdef", "key=" R },
	/* ... and those that do not */
	{ "npm run build:token:css", "npm run build:token:css" },
	{ "test:auth:unit", "test:auth:unit" },
	{ "--token-file=/run/token", "--token-file=/run/token" },
	{ "--private-key=/etc/ssl/private/x.pem", "--private-key=/etc/ssl/private/x.pem" },
	{ "key=name", "key=name" },
	{ "PWD=/home/ci", "PWD=/home/ci" },
	{ "const token = process.env.NPM_TOKEN; x", "const token = process.env.NPM_TOKEN; x" },
	{ "TOKEN=$NPM_TOKEN node x", "TOKEN=$NPM_TOKEN node x" },
	{ "token: ${{ secrets.X }}", "token: ${{ secrets.X }}" },
	{ "if (token == null) x", "if (token == null) x" },
	{ "--no-password -v", "--no-password -v" },
	{ "tokenizer=fast", "tokenizer=fast" },
	{ "compass=north bypass=yes", "compass=north bypass=yes" },
	{ "bearer of news", "bearer of news" },
	{ "bearer abcdefghijklmnop", "bearer abcdefghijklmnop" },
	{ "overbearer 0123456789abcdefghij", "overbearer 0123456789abcdefghij" },
	{ "https://name@h", "https://name@h" },
	{ "token=>abc", "token=>abc" },
	{ "auth::abc", "auth::abc" },
	{ "by/pass:hunter2", "by/pass:hunter2" },
	{ "x --name me:pw", "x --name me:pw" },
	{ "x --token", "x --token" },
	{ "", "" },
};

static void in_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct buf out = BUF_INIT;

		redact_text(&out, texts[i].in, strlen(texts[i].in), false);
		assert_string_equal(out.at, texts[i].out);
		buf_free(&out);
	}
}

/* What the kernel cut off may have been the rest of a secret. */
static void cut_in_the_middle(void **state)
{
	static const char *const cut[] = { "x ghp_ab", "x sk-a", "x eyJhbGciOiJI",
					   "git clone https://me:pa", "-----BEGIN RSA PRIV" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cut); i++) {
		struct buf whole = BUF_INIT, part = BUF_INIT;

		redact_text(&whole, cut[i], strlen(cut[i]), false);
		redact_text(&part, cut[i], strlen(cut[i]), true);
		assert_string_equal(whole.at, cut[i]);
		assert_non_null(strstr(part.at, REDACTED));
		buf_free(&whole);
		buf_free(&part);
	}
}

/* What a cut text ends with is no password if it can only be a port. */
static void cut_after_a_port(void **state)
{
	static const char *const ports[] = { "https://me:80", "https://me:80/x", "https://me" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		struct buf out = BUF_INIT;

		redact_text(&out, ports[i], strlen(ports[i]), true);
		assert_string_equal(out.at, ports[i]);
		buf_free(&out);
	}
}

/* Only the end of a very long name is looked at. */
static void a_long_name(void **state)
{
	struct buf in = BUF_INIT, out = BUF_INIT;

	(void)state;
	buf_fill(&in, 'a', 10000);
	buf_adds(&in, "_token=abc");
	redact_text(&out, in.at, in.len, false);
	assert_string_equal(out.at + out.len - strlen("_token=" R), "_token=" R);
	buf_free(&in);
	buf_free(&out);
}

/* The kernel truncates the names of processes: half a secret may be left. */
static void names_of_processes(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	redact_comm(&out, "node", 4);
	assert_string_equal(out.at, "node");
	buf_reset(&out);
	redact_comm(&out, "x ghp_012345678", 15);
	assert_string_equal(out.at, "x " R);
	buf_reset(&out);
	redact_comm(&out, "x ghp_01234567", 14); /* all of it */
	assert_string_equal(out.at, "x ghp_01234567");
	buf_free(&out);
}

/* A part of a text is written without the secrets of the whole. */
static void found_in_the_whole(void **state)
{
	static const char text[] = "/x/--token/abc --token abc/def";
	CLEANUP(spans_free) struct spans found = { 0 };
	struct buf out = BUF_INIT;

	(void)state;
	redact_find(&found, text, sizeof(text) - 1, false);
	spans_write(&out, &found, text, sizeof(text) - 1 - 3, sizeof(text) - 1);
	assert_string_equal(out.at, R);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_texts),	      cmocka_unit_test(cut_after_a_port),
		cmocka_unit_test(a_long_name),	      cmocka_unit_test(cut_in_the_middle),
		cmocka_unit_test(names_of_processes), cmocka_unit_test(found_in_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
