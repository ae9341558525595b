// SPDX-License-Identifier: GPL-2.0-only
/* test_pending.c - clients that say nothing: counted by user, let go in time, and none is left
 * open. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/pending.h"
#include "agent/protocol.h"
#include "cmocka_all.h"

/* Add one of that user; returns the client's end, or -errno. */
static int add(struct pendings *p, uid_t uid, int64_t now)
{
	struct peer peer = { .uid = uid, .pidfd = -1 };
	struct error e = { 0 };
	int ends[2], err;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	err = pending_add(p, ends[0], &peer, now, 2, 3, &e);
	if (err == 0)
		return ends[1];
	assert_true(e.text[0]);
	close(ends[0]);
	close(ends[1]);
	return err;
}

static bool is_open(int end)
{
	char byte;

	return recv(end, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static void limits(void **state)
{
	struct pendings p = { 0 };
	int ends[4] = { add(&p, 1000, 0), add(&p, 1000, 0), add(&p, 1001, 0) };

	(void)state;
	assert_int_equal(p.count, 3);
	assert_int_equal(add(&p, 1000, 0), -EBUSY);
	assert_int_equal(add(&p, 1002, 0), -EBUSY); /* of all */
	ends[3] = add(&p, 0, 0);
	assert_true(ends[3] >= 0); /* root has room of his own */
	pending_free_all(&p);
	assert_int_equal(p.count, 0);
	for (size_t i = 0; i < 4; i++) {
		assert_false(is_open(ends[i]));
		close(ends[i]);
	}
}

static void times(void **state)
{
	struct pendings p = { 0 };
	int first = add(&p, 1, 100), second = add(&p, 1, 300);

	(void)state;
	assert_int_equal(pending_expire(&p, 100), PENDING_MS);
	assert_int_equal(pending_expire(&p, 100 + PENDING_MS), 200);
	assert_false(is_open(first));
	assert_true(is_open(second));
	assert_int_equal(pending_expire(&p, 300 + PENDING_MS), -1);
	assert_false(is_open(second));
	assert_null(p.first);
	close(first);
	close(second);
}

static void kinds(void **state)
{
	struct pendings p = { 0 };
	int end = add(&p, 1, 0);
	struct pending *one = p.first;
	struct agent_head head = { .kind = AGENT_STOP };
	union agent_message m;
	size_t fds;

	(void)state;
	assert_int_equal(pending_kind(one), 0);
	send(end, &head, sizeof(head), 0);
	assert_int_equal(pending_kind(one), AGENT_STOP);
	/* it is still there */
	assert_int_equal(protocol_receive(one->socket, &m, NULL, 0, &fds, MSG_DONTWAIT),
			 sizeof(head));
	send(end, &head, sizeof(head) - 1, 0);
	assert_int_equal(pending_kind(one), -EBADMSG);
	protocol_receive(one->socket, &m, NULL, 0, &fds, MSG_DONTWAIT);
	head.kind = AGENT_KIND_MAX;
	send(end, &head, sizeof(head), 0);
	assert_int_equal(pending_kind(one), -EBADMSG);
	protocol_receive(one->socket, &m, NULL, 0, &fds, MSG_DONTWAIT);
	close(end);
	assert_int_equal(pending_kind(one), -EPIPE);
	pending_take(&p, one);
	assert_int_equal(p.count, 0);
	pending_free(one);
	pending_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(times),
		cmocka_unit_test(kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
