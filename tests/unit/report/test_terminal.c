// SPDX-License-Identifier: GPL-2.0-only
/* test_terminal.c - blocks in one piece, escaped, and never in the way of the session. */
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "report/terminal.h"
#include "sanitize/known_secrets.h"

static char text[65536];

static const char *read_all(int fd)
{
	ssize_t n;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void plain_block(void **state)
{
	struct terminal t;
	int fds[2];

	(void)state;
	setenv("LC_ALL", "C.UTF-8", 1);
	assert_int_equal(pipe(fds), 0);
	terminal_open(&t, fds[1]);
	assert_false(t.colour);
	terminal_begin(&t, PAINT_ALARM, "STOPPED  ", "x\033[2J@1.0");
	terminal_row(&t, "tried", "read gr\xc3\xbc\xc3\x9f\n::error::x");
	terminal_row(&t, "a longer label", "v");
	terminal_row(&t, "", "");
	terminal_end(&t);
	assert_string_equal(read_all(fds[0]), "\nwormsign: STOPPED  x\\x1b[2J@1.0\n"
					      "  tried    read gr\xc3\xbc\xc3\x9f\\x0a::error::x\n"
					      "  a longer label v\n"
					      "           \n");
	terminal_close(&t);
	close(fds[0]);
	close(fds[1]);
}

/* Whoever made a row: what he forgot to redact is not shown. */
static void no_secret(void **state)
{
	struct terminal t;
	struct error e = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(known_secrets_open(&e), 0);
	known_secrets_add("s3cr3t-v4lue", 12);
	assert_int_equal(pipe(fds), 0);
	terminal_open(&t, fds[1]);
	terminal_begin(&t, PAINT_PLAIN, "STOPPED  ", "s3cr3t-v4lue@1.0");
	terminal_row(&t, "tried", "read /s3cr3t%2dv4lue");
	terminal_end(&t);
	assert_string_equal(read_all(fds[0]), "\nwormsign: STOPPED  [redacted]@1.0\n"
					      "  tried    read /[redacted]\n");
	terminal_close(&t);
	known_secrets_close();
	close(fds[0]);
	close(fds[1]);
}

static void ascii_where_the_reader_has_no_more(void **state)
{
	struct terminal t;
	int fds[2];

	(void)state;
	setenv("LC_ALL", "C", 1);
	assert_int_equal(pipe(fds), 0);
	terminal_open(&t, fds[1]);
	terminal_begin(&t, PAINT_PLAIN, "x", "gr\xc3\xbc");
	terminal_end(&t);
	assert_string_equal(read_all(fds[0]), "\nwormsign: xgr\\xc3\\xbc\n");
	terminal_close(&t);
	close(fds[0]);
	close(fds[1]);
}

static void on_a_terminal(void **state)
{
	struct winsize size = { .ws_row = 24, .ws_col = 60 };
	struct terminal t;
	int master, slave;
	char *line, *rest;

	(void)state;
	if (openpty(&master, &slave, NULL, NULL, &size) < 0)
		skip();
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	terminal_open(&t, slave);
	assert_true(t.colour);
	terminal_begin(&t, PAINT_ALARM, "STOPPED", "");
	terminal_row(&t, "process",
		     "npm install > sh -c node install.js > node install.js > curl -s "
		     "https://example.org/");
	terminal_end(&t);
	read_all(master);
	assert_non_null(strstr(text, "\033[1;31mSTOPPED\033[0m"));
	for (rest = text; (line = strsep(&rest, "\n"));)
		assert_in_range(strlen(line), 0, 60 + 10); /* the colours' bytes */
	assert_null(strstr(text, "  tried"));
	terminal_close(&t);
	setenv("NO_COLOR", "1", 1);
	terminal_open(&t, slave);
	assert_false(t.colour);
	terminal_close(&t);
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	terminal_open(&t, slave);
	assert_false(t.colour);
	terminal_close(&t);
	close(master);
	close(slave);
}

/* A reader that has gone ends nothing; one that does not read delays nothing for long. */
static void bad_readers(void **state)
{
	struct terminal t;
	int fds[2];
	sigset_t pending;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	terminal_open(&t, fds[1]);
	terminal_begin(&t, PAINT_PLAIN, "x", "");
	terminal_end(&t);
	sigpending(&pending);
	assert_false(sigismember(&pending, SIGPIPE));
	terminal_close(&t);
	close(fds[1]);

	assert_int_equal(pipe(fds), 0);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	while (write(fds[1], text, 4096) > 0)
		;
	terminal_open(&t, fds[1]);
	terminal_begin(&t, PAINT_PLAIN, "x", "");
	alarm(20);
	terminal_end(&t);
	alarm(0);
	terminal_close(&t);
	close(fds[0]);
	close(fds[1]);

	terminal_open(&t, -1);
	terminal_begin(&t, PAINT_PLAIN, "x", "");
	terminal_end(&t);
	terminal_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_block),
		cmocka_unit_test(no_secret),
		cmocka_unit_test(ascii_where_the_reader_has_no_more),
		cmocka_unit_test(on_a_terminal),
		cmocka_unit_test(bad_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
