// SPDX-License-Identifier: GPL-2.0-only
/* test_facts.c - what a client says of its session comes as it was sent; what is malformed, or no
 * memory file, is refused. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/facts.h"
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

static void come_as_sent(void **state)
{
	char *command[] = { "npm", "", "x y", NULL }, *environment[] = { "A=1", "B=", NULL };
	static union agent_message m;
	struct facts f;
	size_t fds;
	int fd;

	(void)state;
	assert_int_equal(facts_send(ends[0], "/work", command, environment), 0);
	assert_int_equal(protocol_receive(ends[1], &m, &fd, 1, &fds, 0), sizeof(m.facts));
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.facts), fds, NULL), 0);
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.facts), 0, NULL), -EBADMSG);
	assert_int_equal(facts_read(&f, &m.facts, fd, NULL), 0);
	close(fd);
	assert_string_equal(f.cwd, "/work");
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(f.command[i], command[i]);
	assert_null(f.command[3]);
	assert_string_equal(f.environment[0], "A=1");
	assert_string_equal(f.environment[1], "B=");
	assert_null(f.environment[2]);
	facts_free(&f);
}

static int read_bytes(const char *bytes, size_t len, uint32_t words, uint32_t variables)
{
	struct agent_facts m = { .words = words, .variables = variables };
	int fd = memfd_create("test", MFD_CLOEXEC), err;
	struct facts f = { 0 };

	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	err = facts_read(&f, &m, fd, NULL);
	facts_free(&f);
	close(fd);
	return err;
}

static void are_checked(void **state)
{
	struct agent_facts m = { 0 };
	struct facts f;
	int ends_of_pipe[2], fd;

	(void)state;
	assert_int_equal(read_bytes("/\0a\0b", 6, 1, 1), 0);
	assert_int_equal(read_bytes("/\0a\0b", 5, 1, 1), 0); /* the last one has no end */
	assert_int_equal(read_bytes("/\0a\0b", 6, 1, 2), -EBADMSG);
	assert_int_equal(read_bytes("/\0a\0b", 6, 7, 0), -EBADMSG);
	assert_int_equal(read_bytes("/\0a\0b", 6, UINT32_MAX, UINT32_MAX), -EBADMSG);
	assert_int_equal(read_bytes("/\0a\0b", 6, 0, 1), 0); /* more than it says */
	assert_int_equal(read_bytes("", 0, 0, 0), -EBADMSG);
	assert_int_equal(pipe(ends_of_pipe), 0);
	assert_int_equal(facts_read(&f, &m, ends_of_pipe[0], NULL), -EBADMSG);
	close(ends_of_pipe[0]);
	close(ends_of_pipe[1]);
	assert_int_equal(facts_read(&f, &m, -1, NULL), -EBADMSG);
	fd = memfd_create("test", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, FACTS_MAX + 1), 0);
	assert_int_equal(facts_read(&f, &m, fd, NULL), -EBADMSG);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(come_as_sent, make, unmake),
		cmocka_unit_test(are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
