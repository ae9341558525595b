// SPDX-License-Identifier: GPL-2.0-only
/* test_cmd_output.c - an error is one line on stderr, and output that is lost is no success. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "base/exit_status.h"
#include "cmd/cmd_output.h"

static int saved, pipe_fds[2];

static void redirect(int fd, int to)
{
	fflush(stdout);
	fflush(stderr);
	saved = dup(fd);
	dup2(to, fd);
}

static void restore(int fd)
{
	dup2(saved, fd);
	close(saved);
}

/* What is written to stderr by one of these. */
static const char *said(void (*fn)(void))
{
	static char text[4096];
	ssize_t n;

	assert_int_equal(pipe2(pipe_fds, O_NONBLOCK), 0);
	redirect(STDERR_FILENO, pipe_fds[1]);
	fn();
	fflush(stderr);
	restore(STDERR_FILENO);
	n = read(pipe_fds[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return text;
}

static void an_error(void)
{
	struct error e = { 0 };

	error_set(&e, -EINVAL, "x.json: %s", "wrong");
	cmd_output_error(&e, -EINVAL);
}

static void an_errno(void)
{
	cmd_output_error(&(struct error){ 0 }, -ENOSPC);
	cmd_output_error(&(struct error){ 0 }, ENOSPC);
}

static char *texts[] = { "one", "two" };

static void tunings(void)
{
	struct ruleset rules = { .expired = { texts, 1 }, .expiring = { texts + 1, 1 } };

	cmd_output_tunings(&rules, false);
	cmd_output_tunings(&rules, true);
}

static void lines(void **state)
{
	(void)state;
	assert_string_equal(said(an_error), "wormsign: x.json: wrong\n");
	assert_string_equal(
		said(an_errno),
		"wormsign: No space left on device\nwormsign: No space left on device\n");
	/* --quiet does not hide that an exception is gone */
	assert_string_equal(said(tunings), "wormsign: one\nwormsign: two\nwormsign: one\n");
}

static int full_status;

static void full(void)
{
	int out = dup(STDOUT_FILENO), fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	printf("x");
	full_status = cmd_output_flush(full_status);
	clearerr(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	close(fd);
}

static void output(void **state)
{
	(void)state;
	assert_int_equal(cmd_output_flush(0), 0);
	assert_int_equal(cmd_output_flush(7), 7);
	full_status = 0;
	assert_non_null(strstr(said(full), "standard output could not be written: No space left"));
	assert_int_equal(full_status, STATUS_TROUBLE);
	full_status = 1;
	said(full);
	assert_int_equal(full_status, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
