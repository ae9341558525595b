// SPDX-License-Identifier: GPL-2.0-only
/* test_protocol.c - messages come as they were sent, and no descriptor is left open by one that
 * does not. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/protocol.h"
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

/* The lowest free descriptor: the same before and after what must leave none open. */
static int lowest(void)
{
	int fd = dup(ends[0]);

	close(fd);
	return fd;
}

static union agent_message m;

static void comes_as_sent(void **state)
{
	struct agent_head head = { .kind = AGENT_RECORD };
	char rest[5000];
	size_t count = 9;

	(void)state;
	memset(rest, 'r', sizeof(rest));
	assert_int_equal(
		protocol_send(ends[0], &head, sizeof(head), rest, sizeof(rest), NULL, 0, 0), 0);
	assert_int_equal(protocol_receive(ends[1], &m, NULL, 0, &count, MSG_DONTWAIT),
			 sizeof(head) + sizeof(rest));
	assert_int_equal(count, 0);
	assert_int_equal(m.head.kind, AGENT_RECORD);
	assert_memory_equal(m.bytes + sizeof(head), rest, sizeof(rest));
	assert_int_equal(protocol_receive(ends[1], &m, NULL, 0, &count, MSG_DONTWAIT), -EAGAIN);
}

static void brings_descriptors(void **state)
{
	struct agent_head head = { .kind = AGENT_GUARD };
	int fds[2] = { open("/dev/null", O_RDONLY), open("/dev/zero", O_RDONLY) }, got[2];
	size_t count;
	char zero = 1;

	(void)state;
	assert_int_equal(protocol_send(ends[0], &head, sizeof(head), NULL, 0, fds, 2, 0), 0);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(protocol_receive(ends[1], &m, got, 2, &count, 0), sizeof(head));
	assert_int_equal(count, 2);
	assert_int_equal(read(got[0], &zero, 1), 0);
	assert_int_equal(read(got[1], &zero, 1), 1);
	assert_true(fcntl(got[0], F_GETFD) & FD_CLOEXEC);
	close(got[0]);
	close(got[1]);
}

static void too_many_descriptors(void **state)
{
	struct agent_head head = { .kind = AGENT_GUARD };
	int fds[3] = { STDERR_FILENO, STDERR_FILENO, STDERR_FILENO }, got[2];
	size_t count;
	int before = lowest();

	(void)state;
	assert_int_equal(protocol_send(ends[0], &head, sizeof(head), NULL, 0, fds, 3, 0), 0);
	assert_int_equal(protocol_receive(ends[1], &m, got, 2, &count, 0), -EBADMSG);
	assert_int_equal(count, 0);
	assert_int_equal(lowest(), before);
}

static void too_long(void **state)
{
	static char bytes[sizeof(m) + 1];
	int fd = STDERR_FILENO, got;
	size_t count;
	int before = lowest();

	(void)state;
	assert_int_equal(protocol_send(ends[0], bytes, sizeof(bytes), NULL, 0, &fd, 1, 0), 0);
	assert_int_equal(protocol_receive(ends[1], &m, &got, 1, &count, 0), -EBADMSG);
	assert_int_equal(lowest(), before);
}

static void other_end_closed(void **state)
{
	struct agent_head head = { .kind = AGENT_HURRY };
	size_t count;

	(void)state;
	close(ends[0]);
	assert_int_equal(protocol_receive(ends[1], &m, NULL, 0, &count, 0), 0);
	assert_int_equal(protocol_send(ends[1], &head, sizeof(head), NULL, 0, NULL, 0, 0), -EPIPE);
	ends[0] = dup(ends[1]);
}

static void refusals(void **state)
{
	struct error none = { 0 }, e = { "because" };
	size_t count;
	ssize_t n;

	(void)state;
	protocol_refuse(ends[0], &none, -EBUSY);
	n = protocol_receive(ends[1], &m, NULL, 0, &count, 0);
	assert_int_equal(protocol_check_from_agent(&m, n, 0, NULL), 0);
	assert_int_equal(m.head.kind, AGENT_REFUSED);
	assert_string_equal(m.refused.text, strerror(EBUSY));
	protocol_refuse(ends[0], &e, -EBUSY);
	protocol_receive(ends[1], &m, NULL, 0, &count, 0);
	assert_string_equal(m.refused.text, "because");
}

/* ---- checks ---- */

static void start(uint32_t places)
{
	memset(&m, 0, sizeof(m));
	m.start = (struct agent_start){ .head.kind = AGENT_START,
					.version = WORMSIGN_VERSION,
					.places = places };
	for (uint32_t i = 0; i < places; i++)
		m.start.place[i] = WS_PLACE_CACHE;
}

static int check(size_t fds)
{
	return protocol_check_from_client(&m, sizeof(m.start), fds, NULL);
}

static void good_start(void **state)
{
	(void)state;
	start(0);
	assert_int_equal(check(1), 0);
	start(WS_PLACES_MAX);
	assert_int_equal(check(1 + WS_PLACES_MAX), 0);
	start(1);
	m.start.mode = WS_MODE_AUDIT;
	m.start.grace_ms = AGENT_GRACE_MAX;
	assert_int_equal(check(2), 0);
}

static void bad_start(void **state)
{
	static const uint32_t not_places[] = { WS_PLACE_ELSEWHERE, WS_PLACE_OWN, WS_PLACE_MODULES,
					       WS_PLACE_UNKNOWN, UINT32_MAX };
	struct error e = { 0 };

	(void)state;
	start(1);
	assert_int_equal(check(1), -EBADMSG);
	assert_int_equal(check(3), -EBADMSG);
	start(0);
	assert_int_equal(check(0), -EBADMSG);
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.start) - 1, 1, NULL), -EBADMSG);
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.head) - 1, 1, NULL), -EBADMSG);
	m.start.mode = WS_MODE_AUDIT + 1;
	assert_int_equal(check(1), -EBADMSG);
	start(0);
	m.start.grace_ms = AGENT_GRACE_MAX + 1;
	assert_int_equal(check(1), -EBADMSG);
	start(0);
	m.start.home_tree = 2;
	assert_int_equal(check(1), -EBADMSG);
	start(0);
	m.start.places = UINT32_MAX;
	assert_int_equal(check(0), -EBADMSG);
	start(0);
	memset(m.start.version, 'v', sizeof(m.start.version));
	assert_int_equal(check(1), -EBADMSG);
	start(0);
	strcpy(m.start.version, "0.0.0");
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.start), 1, &e), -EBADMSG);
	assert_non_null(strstr(e.text, "0.0.0"));
	for (size_t i = 0; i < ARRAY_SIZE(not_places); i++) {
		start(1);
		m.start.place[0] = not_places[i];
		assert_int_equal(check(2), -EBADMSG);
	}
}

static void other_kinds(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	for (uint32_t kind = 0; kind < AGENT_KIND_MAX + 5; kind++) {
		m.head.kind = kind;
		assert_int_equal(protocol_check_from_client(&m, sizeof(m.head), 0, NULL),
				 kind == AGENT_HURRY ? 0 : -EBADMSG);
		assert_int_equal(protocol_check_from_client(&m, sizeof(m.head), 1, NULL),
				 kind == AGENT_GUARD ? 0 : -EBADMSG);
		assert_int_equal(protocol_check_from_agent(&m, sizeof(m.head), 0, NULL),
				 kind == AGENT_GUARDED || kind == AGENT_DONE ? 0 : -EBADMSG);
	}
}

static void facts_and_end(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	m.head.kind = AGENT_FACTS;
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.facts), 1, NULL), 0);
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.facts) + 1, 1, NULL), -EBADMSG);
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.facts), 2, NULL), -EBADMSG);
	m.head.kind = AGENT_ENDED;
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.ended), 0, NULL), 0);
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.ended), 1, NULL), -EBADMSG);
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.ended) - 1, 0, NULL), -EBADMSG);
}

static void questions(void **state)
{
	static const enum agent_kind kinds[] = { AGENT_STATUS, AGENT_STOP };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		memset(&m, 0, sizeof(m));
		m.ask = (struct agent_ask){ .head.kind = kinds[i], .version = WORMSIGN_VERSION };
		assert_int_equal(protocol_check_from_client(&m, sizeof(m.ask), 0, NULL), 0);
		assert_int_equal(protocol_check_from_client(&m, sizeof(m.ask), 1, NULL), -EBADMSG);
		assert_int_equal(protocol_check_from_client(&m, sizeof(m.ask) - 1, 0, NULL),
				 -EBADMSG);
		strcpy(m.ask.version, "0.0.0");
		assert_int_equal(protocol_check_from_client(&m, sizeof(m.ask), 0, NULL), -EBADMSG);
		memset(m.ask.version, 'v', sizeof(m.ask.version));
		assert_int_equal(protocol_check_from_client(&m, sizeof(m.ask), 0, NULL), -EBADMSG);
	}
}

static void found(void **state)
{
	static const uint32_t places[] = { WS_PLACE_PROJECT, WS_PLACE_HOME, WS_PLACE_CACHE,
					   WS_PLACE_TOOLS };

	(void)state;
	memset(&m, 0, sizeof(m));
	m.know = (struct agent_know){ .head.kind = AGENT_KNOW, .class = "credentials" };
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.know), 1, NULL), 0);
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.know), 0, NULL), -EBADMSG);
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.know) - 1, 1, NULL), -EBADMSG);
	strcpy(m.know.class, "session-log");
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.know), 1, NULL), -EBADMSG);
	memset(m.know.class, 'c', sizeof(m.know.class));
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.know), 1, NULL), -EBADMSG);
	memset(&m, 0, sizeof(m));
	m.place.head.kind = AGENT_PLACE;
	for (uint32_t place = 0; place < WS_PLACE_UNKNOWN + 3; place++) {
		int wanted = -EBADMSG;

		for (size_t i = 0; i < ARRAY_SIZE(places); i++)
			if (places[i] == place)
				wanted = 0;
		m.place.place = place;
		assert_int_equal(protocol_check_from_client(&m, sizeof(m.place), 1, NULL), wanted);
		assert_int_equal(protocol_check_from_client(&m, sizeof(m.place), 2, NULL),
				 -EBADMSG);
	}
}

/* Asked by what is newer than the agent. */
static void reload(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	m.ask = (struct agent_ask){ .head.kind = AGENT_RELOAD, .version = "9.9.9" };
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.ask), 0, NULL), 0);
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.ask), 1, NULL), -EBADMSG);
	assert_int_equal(protocol_check_from_client(&m, sizeof(m.ask) - 1, 0, NULL), -EBADMSG);
}

static void answers(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	m.sessions.head.kind = AGENT_SESSIONS;
	m.sessions.count = AGENT_SESSIONS_MAX;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.sessions), 0, NULL), 0);
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.sessions) - 1, 0, NULL), -EBADMSG);
	m.sessions.at[AGENT_SESSIONS_MAX - 1].stopped = AGENT_STOPPED_MAX;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.sessions), 0, NULL), -EBADMSG);
	m.sessions.count--; /* of which nothing is read */
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.sessions), 0, NULL), 0);
	m.sessions.at[0].mode = WS_MODE_AUDIT + 1;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.sessions), 0, NULL), -EBADMSG);
	m.sessions.at[0].mode = WS_MODE_AUDIT;
	m.sessions.count = AGENT_SESSIONS_MAX + 1;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.sessions), 0, NULL), -EBADMSG);
	memset(&m, 0, sizeof(m));
	m.part = (struct agent_part){ .head.kind = AGENT_PART, .backend = WS_BACKEND_WATCH };
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.part), 0, NULL), 0);
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.part), 1, NULL), -EBADMSG);
	memset(m.part.rules_dirs, 'x', sizeof(m.part.rules_dirs));
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.part), 0, NULL), -EBADMSG);
	m.part.rules_dirs[0] = 0;
	m.part.backend = WS_BACKEND_WATCH + 1;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.part), 0, NULL), -EBADMSG);
}

static void strings_end(void **state)
{
	(void)state;
	memset(&m, 'x', sizeof(m));
	m.head.kind = AGENT_REFUSED;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.refused), 0, NULL), -EBADMSG);
	m.head.kind = AGENT_STARTED;
	m.started.backend = WS_BACKEND_DENY;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.started), 1, NULL), -EBADMSG);
	m.started.rules_dirs[10] = 0;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.started), 1, NULL), -EBADMSG);
	m.started.not_admitted[127] = 0;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.started), 1, NULL), -EBADMSG);
	m.started.files_open[127] = 0;
	m.started.calls_open[127] = 0;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.started), 1, NULL), 0);
	m.head.kind = AGENT_END;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.end), 0, NULL), -EBADMSG);
	m.end.leftovers.names[0] = 0;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.end), 0, NULL), -EBADMSG);
	m.end.stopped = AGENT_STOPPED_BY_USER;
	assert_int_equal(protocol_check_from_agent(&m, sizeof(m.end), 0, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_as_sent, make, unmake),
		cmocka_unit_test_setup_teardown(brings_descriptors, make, unmake),
		cmocka_unit_test_setup_teardown(too_many_descriptors, make, unmake),
		cmocka_unit_test_setup_teardown(too_long, make, unmake),
		cmocka_unit_test_setup_teardown(other_end_closed, make, unmake),
		cmocka_unit_test_setup_teardown(refusals, make, unmake),
		cmocka_unit_test(good_start),
		cmocka_unit_test(bad_start),
		cmocka_unit_test(other_kinds),
		cmocka_unit_test(facts_and_end),
		cmocka_unit_test(questions),
		cmocka_unit_test(found),
		cmocka_unit_test(reload),
		cmocka_unit_test(answers),
		cmocka_unit_test(strings_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
