// SPDX-License-Identifier: GPL-2.0-only
/* test_admitted.c - reports arrive as they were sent; the other end's death shows. */
#include "session/admitted.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmocka_all.h"

static void arrives(void **state)
{
	struct admitted r = { .scope = 7, .failed = 1, .len = 3, .names = "ab" }, got;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(admitted_read(ends[1], &got), -EAGAIN);
	admitted_send(ends[0], &r);
	r.len = 0;
	admitted_send(ends[0], &r);
	assert_int_equal(admitted_read(ends[1], &got), 0);
	assert_int_equal(got.scope, 7);
	assert_int_equal(got.failed, 1);
	assert_int_equal(got.len, 3);
	assert_string_equal(got.names, "ab");
	assert_int_equal(admitted_read(ends[1], &got), 0);
	assert_int_equal(got.len, 0);
	close(ends[0]);
	assert_int_equal(admitted_read(ends[1], &got), -EPIPE);
	close(ends[1]);
}

static void refusals(void **state)
{
	struct admitted r = { .is_refusal = 1, .len = sizeof(r.refusal), .refusal = { .op = 5 } },
			got;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	admitted_send(ends[0], &r);
	assert_int_equal(admitted_read(ends[1], &got), 0);
	assert_int_equal(got.refusal.op, 5);
	r.len--; /* no whole record */
	admitted_send(ends[0], &r);
	assert_int_equal(admitted_read(ends[1], &got), -EPROTO);
	close(ends[0]);
	close(ends[1]);
}

static void nobody_reads(void **state)
{
	struct admitted r = { .len = ADMITTED_MAX }, got;
	int ends[2], count = 0;

	(void)state;
	memset(r.names, 'x', sizeof(r.names));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	for (int i = 0; i < 1000; i++)
		admitted_send(ends[0], &r); /* must not wait */
	while (admitted_read(ends[1], &got) == 0)
		count++;
	assert_true(count > 0 && count < 1000);
	close(ends[1]);
	admitted_send(ends[0], &r); /* must not be ended by a signal */
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrives),
		cmocka_unit_test(refusals),
		cmocka_unit_test(nobody_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
