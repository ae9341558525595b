// SPDX-License-Identifier: GPL-2.0-only
/* test_redact_words.c - one word of a command can say that the next one is a secret. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/redact_words.h"

#define R REDACTED

/* Words are separated by '|'. */
static const struct {
	const char *in, *out;
} commands[] = {
	{ "node|setup.js|--token|abc", "node|setup.js|--token|" R },
	{ "node|setup.js|--token|--verbose", "node|setup.js|--token|--verbose" },
	{ "npm|login|--password|hunter2|--user|me", "npm|login|--password|" R "|--user|me" },
	{ "x|--password=a b;c", "x|--password=" R },
	{ "env|TOKEN=a b|node|x.js", "env|TOKEN=" R "|node|x.js" },
	{ "sh|-c|TOKEN=abc node steal.js", "sh|-c|TOKEN=" R " node steal.js" },
	{ "bash|-lc|curl -H 'PRIVATE-TOKEN: abc' https://h",
	  "bash|-lc|curl -H 'PRIVATE-TOKEN: " R "' https://h" },
	{ "node|-e|fetch('https://h', {headers: {authorization: 'Bearer x1'}})",
	  "node|-e|fetch('https://h', {headers: {authorization: 'Bearer " R "'}})" },
	{ "curl|-u|me:pw|https://h", "curl|-u|me:" R "|https://h" },
	{ "curl|-ume:pw|https://h", "curl|-ume:" R "|https://h" },
	{ "docker|run|-u|1000:1000", "docker|run|-u|1000:1000" },
	{ "git|push|-u|origin|main:main", "git|push|-u|origin|main:main" },
	{ "mysql|-psecret|db", "mysql|-p" R "|db" },
	{ "mkdir|-parents|x", "mkdir|-parents|x" },
	{ "curl|-H|Authorization: token abc", "curl|-H|Authorization: token " R },
	{ "x|--header=Authorization: Bearer abc", "x|--header=Authorization: Bearer " R },
	{ "x|--api-key|/etc/key.pem", "x|--api-key|/etc/key.pem" },
	{ "x|--token|$TOKEN", "x|--token|$TOKEN" },
	{ "npm|config|set|//h/:_authToken|abc", "npm|config|set|//h/:_authToken|" R },
	{ "npm|config|set|//h/:_authToken=abc", "npm|config|set|//h/:_authToken=" R },
	/* an option takes program text only if it is -c or the like */
	{ "sh|-c|TOKEN=a b", "sh|-c|TOKEN=" R " b" },
	{ "x|-v|TOKEN=a b", "x|-v|TOKEN=" R },
	{ "x|c|TOKEN=a b", "x|c|TOKEN=" R },
	{ "x|--c|TOKEN=a b", "x|--c|TOKEN=" R },
	{ "x|-|TOKEN=a b", "x|-|TOKEN=" R },
	{ "x|-abcdefc|TOKEN=a b", "x|-abcdefc|TOKEN=" R },
	/* which words are options that take the next one as their value */
	{ "x|--token|-abc", "x|--token|" R },
	{ "x|--token=a|abc", "x|--token=" R "|abc" },
	{ "x|--a token|abc", "x|--a token|abc" },
	{ "x|token|abc", "x|token|abc" },
	{ "x|/token|abc", "x|/token|abc" },
	{ "node|install.js", "node|install.js" },
	{ "/usr/bin/node|/p/node_modules/x/install.js|--arch=x64",
	  "/usr/bin/node|/p/node_modules/x/install.js|--arch=x64" },
};

static void redact(struct buf *out, const char *argv, size_t len, bool cut)
{
	CLEANUP(spans_free) struct spans found = { 0 };
	size_t at = 0;

	redact_words(&found, argv, len, cut);
	while (at < len) {
		size_t n = strnlen(argv + at, len - at);

		if (at)
			buf_addc(out, '|');
		spans_write(out, &found, argv, at, at + n);
		at += n + 1;
	}
}

static void commands_without_secrets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		struct buf argv = BUF_INIT, out = BUF_INIT;

		buf_adds(&argv, commands[i].in);
		for (size_t j = 0; j < argv.len; j++)
			if (argv.at[j] == '|')
				argv.at[j] = '\0';
		redact(&out, argv.at, argv.len, false);
		assert_string_equal(out.at, commands[i].out);
		buf_free(&argv);
		buf_free(&out);
	}
}

/* The kernel did not read the last word to its end: what is there may be the start of a secret. */
static void a_cut_word(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	redact(&out, "curl\0https://me:pa", 18, true);
	assert_string_equal(out.at, "curl|https://me:" R);
	buf_reset(&out);
	redact(&out, "curl\0https://me:80\0", 19, true);
	assert_string_equal(out.at, "curl|https://me:80");
	buf_reset(&out);
	redact(&out, "curl\0https://me:pa\0", 19, true); /* the kernel's NUL */
	assert_string_equal(out.at, "curl|https://me:" R);
	buf_reset(&out);
	redact(&out, "curl\0https://me:pa\0x", 20, true); /* not the last one */
	assert_string_equal(out.at, "curl|https://me:pa|x");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_without_secrets),
		cmocka_unit_test(a_cut_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
