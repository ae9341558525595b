// SPDX-License-Identifier: GPL-2.0-only
/* test_link.c - what master and servers say to each other comes as it was sent, and nothing else
 * does. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/link.h"
#include "base/cleanup.h"
#include "cmocka_all.h"

static int ends[2];

static int make(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int unmake(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void comes_as_sent(void **state)
{
	struct link_message m = { .kind = LINK_FAILED, .text = "because" }, got;
	int fd = 7;

	(void)state;
	assert_int_equal(link_receive(ends[1], &got, &fd), -EAGAIN);
	assert_int_equal(fd, -1);
	assert_int_equal(link_send(ends[0], &m, -1), 0);
	assert_int_equal(link_receive(ends[1], &got, &fd), 0);
	assert_int_equal(fd, -1);
	assert_memory_equal(&got, &m, sizeof(m));
}

static void brings_the_client(void **state)
{
	struct link_message m = { .kind = LINK_ASK, .uid = 1000, .session = 5 }, got;
	int fd = open("/dev/zero", O_RDONLY), other = -1;
	char byte = 1;

	(void)state;
	assert_int_equal(link_send(ends[0], &m, fd), 0);
	close(fd);
	assert_int_equal(link_receive(ends[1], &got, &other), 0);
	assert_int_equal(got.session, 5);
	assert_int_equal(read(other, &byte, 1), 1);
	assert_int_equal(byte, 0);
	close(other);
}

static void bad(const struct link_message *m, size_t len, int fd)
{
	struct link_message got;
	int before = dup(ends[0]), after, other = 7;

	close(before);
	/* link_send() sends whole ones only */
	if (len == sizeof(*m))
		assert_int_equal(link_send(ends[0], m, fd), 0);
	else
		assert_int_equal(send(ends[0], m, len, 0), len);
	assert_int_equal(link_receive(ends[1], &got, &other), -EBADMSG);
	assert_int_equal(other, -1);
	after = dup(ends[0]);
	close(after);
	assert_int_equal(after, before); /* no descriptor is left open */
}

static void what_is_none(void **state)
{
	struct link_message m = { .kind = LINK_READY };

	(void)state;
	bad(&m, sizeof(m) - 1, -1);
	bad(&m, sizeof(m), STDERR_FILENO);
	m.kind = LINK_ASK;
	bad(&m, sizeof(m), -1);
	m.kind = LINK_DRAINING + 1;
	bad(&m, sizeof(m), -1);
	m.kind = 0;
	bad(&m, sizeof(m), -1);
	m.kind = LINK_FAILED;
	memset(m.text, 'x', sizeof(m.text));
	bad(&m, sizeof(m), -1);
}

static void full_and_closed(void **state)
{
	struct link_message m = { .kind = LINK_ALIVE }, got;
	int fd, n = 0;

	(void)state;
	while (link_send(ends[0], &m, -1) == 0)
		n++;
	assert_int_equal(link_send(ends[0], &m, -1), -EAGAIN); /* it does not wait */
	close(ends[0]);
	while (link_receive(ends[1], &got, &fd) == 0)
		n--;
	assert_int_equal(n, 0); /* what was sent before the end is there */
	assert_int_equal(link_receive(ends[1], &got, &fd), -EPIPE);
	assert_int_equal(link_send(ends[1], &m, -1), -EPIPE);
	ends[0] = dup(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_as_sent, make, unmake),
		cmocka_unit_test_setup_teardown(brings_the_client, make, unmake),
		cmocka_unit_test_setup_teardown(what_is_none, make, unmake),
		cmocka_unit_test_setup_teardown(full_and_closed, make, unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
