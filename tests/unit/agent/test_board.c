// SPDX-License-Identifier: GPL-2.0-only
/* test_board.c - what one process writes another reads; names get one row each. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/board.h"
#include "base/cleanup.h"
#include "cmocka_all.h"

static struct board *board;
static int fd;

static int make(void **state)
{
	(void)state;
	return board_make(&board, &fd);
}

static int unmake(void **state)
{
	(void)state;
	board_detach(board);
	close(fd);
	return 0;
}

static void shared(void **state)
{
	struct board *other;
	int status;
	pid_t pid;

	(void)state;
	assert_true(board->since > 0);
	assert_int_equal(board_attach(&other, fd, false), 0);
	pid = fork();
	if (pid == 0) {
		struct board *mine;

		if (board_attach(&mine, fd, true) < 0)
			_exit(1);
		board_add(&mine->started, 3);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(other->started, 3);
	board_detach(other);
}

static void of_another_build(void **state)
{
	struct board *other;

	(void)state;
	board->magic++;
	assert_int_equal(board_attach(&other, fd, true), -EBADMSG);
	board->magic--;
	assert_int_equal(ftruncate(fd, sizeof(*board) - 8), 0);
	assert_int_equal(board_attach(&other, fd, true), -EBADMSG);
	assert_int_equal(ftruncate(fd, sizeof(*board)), 0);
	assert_int_equal(board_attach(&other, -1, true), -EBADF);
}

static void rows(void **state)
{
	struct board_row *few = board->rules, *a, *b;
	char name[BOARD_NAME + 20];

	(void)state;
	a = board_row(few, 3, "one");
	b = board_row(few, 3, "two");
	assert_non_null(a);
	assert_non_null(b);
	assert_ptr_not_equal(a, b);
	assert_ptr_equal(board_row(few, 3, "one"), a);
	assert_string_equal(b->name, "two");
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = 0;
	a = board_row(few, 3, name);
	assert_int_equal(strlen(a->name), BOARD_NAME - 1);
	assert_ptr_equal(board_row(few, 3, name), a);
	assert_null(board_row(few, 3, "four")); /* no room */
}

/* A writer that died while it named a row keeps that row, and nobody waits for it for ever. */
static void half_named(void **state)
{
	(void)state;
	board->rules[0].state = 1;
	assert_null(board_row(board->rules, 1, "one"));
	assert_non_null(board_row(board->rules, 2, "one"));
}

static void sessions(void **state)
{
	(void)state;
	board->servers[0].uids[0] = board->servers[7].uids[0] = 1000;
	board->servers[7].uids[1] = 1001;
	board->servers[0].sessions = 1;
	board->servers[7].sessions = 2;
	assert_int_equal(board_sessions(board, 1000), 2);
	assert_int_equal(board_sessions(board, 1001), 1);
	assert_int_equal(board_sessions(board, 1002), 0);
	assert_int_equal(board_sessions(board, (uid_t)-1), 3);
	board->servers[3].sessions = UINT32_MAX; /* no more than there is room for is read */
	assert_int_equal(board_sessions(board, (uid_t)-1), 3 + BOARD_SESSIONS);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make, unmake)
	const struct CMUnitTest tests[] = { TEST(shared), TEST(of_another_build), TEST(rows),
					    TEST(half_named), TEST(sessions) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
