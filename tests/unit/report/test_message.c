// SPDX-License-Identifier: GPL-2.0-only
/* test_message.c - one line, whatever is in it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "report/message.h"
#include "sanitize/known_secrets.h"

static void says(const char *text, const char *expected)
{
	int ends[2], saved = dup(STDERR_FILENO);
	char got[512] = "";

	assert_int_equal(pipe(ends), 0);
	fflush(stderr);
	dup2(ends[1], STDERR_FILENO);
	message("%s", text);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	assert_true(read(ends[0], got, sizeof(got) - 1) > 0);
	close(ends[0]);
	assert_string_equal(got, expected);
}

static void lines(void **state)
{
	(void)state;
	setenv("LC_ALL", "C.UTF-8", 1);
	says("npm: command not found", "wormsign: npm: command not found\n");
	says("1 process was killed: ##[error]pwn",
	     "wormsign: 1 process was killed: #\\x23[error]pwn\n");
	says("::error::x", "wormsign: :\\x3aerror::x\n");
	says("a\nb\033[2J \xe2\x80\xae", "wormsign: a\\x0ab\\x1b[2J \\xe2\\x80\\xae\n");
	says("gr\xc3\xbc\xc3\x9f", "wormsign: gr\xc3\xbc\xc3\x9f\n");
	setenv("LC_ALL", "C", 1);
	says("gr\xc3\xbc\xc3\x9f", "wormsign: gr\\xc3\\xbc\\xc3\\x9f\n");
}

static void secrets(void **state)
{
	struct error e = { 0 };

	(void)state;
	assert_int_equal(known_secrets_open(&e), 0);
	known_secrets_add("s3cr3t-v4lue", 12);
	says("/tmp/s3cr3t-v4lue: not found", "wormsign: /tmp/[redacted]: not found\n");
	says("x was killed: s3cr3t%2dv4lue, sh", "wormsign: x was killed: [redacted], sh\n");
	known_secrets_close();
	says("sh -c \"curl -ubob:PW\"", "wormsign: sh -c \"curl -ubob:[redacted]\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
