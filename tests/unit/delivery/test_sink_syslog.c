// SPDX-License-Identifier: GPL-2.0-only
/* test_sink_syslog.c - messages of RFC 5424, and answers of RELP. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/sink_syslog.h"

static void message_is(const char *body, const char *want)
{
	struct sink_event e = { .id = "i-1",
				.body = body,
				.body_len = strlen(body),
				.text = body,
				.text_len = strlen(body) };
	_buf_ struct buf out = BUF_INIT;

	syslog_message(&out, &e, 42);
	assert_true(out.len > strlen(body));
	assert_string_equal(out.at + out.len - strlen(body), body);
	buf_cut(&out, out.len - strlen(body));
	assert_string_equal(out.at, want);
}

static void messages(void **state)
{
	(void)state;
	message_is("{\"@timestamp\":\"2026-11-28T19:00:00.123456789Z\",\"event\":{\"kind\":"
		   "\"alert\",\"severity\":99,\"action\":\"verdict\"},\"host\":{\"name\":\"h 1\"}}",
		   "<130>1 2026-11-28T19:00:00.123456Z h_1 wormsign 42 verdict "
		   "[wormsign@32473 id=\"i-1\"] ");
	message_is("{\"@timestamp\":\"2026-11-28T19:00:00Z\",\"event\":{\"kind\":\"event\"}}",
		   "<134>1 2026-11-28T19:00:00Z - wormsign 42 - [wormsign@32473 id=\"i-1\"] ");
	/* a time of another spool that is none */
	message_is("{\"@timestamp\":\"- - - - - -\\n<13>1 \"}",
		   "<134>1 - - wormsign 42 - [wormsign@32473 id=\"i-1\"] ");
	message_is("{\"@timestamp\":\"2026-11-28T19:00:00.1\\n456789Z\"}",
		   "<134>1 - - wormsign 42 - [wormsign@32473 id=\"i-1\"] ");
	message_is("not JSON", "<134>1 - - wormsign 42 - [wormsign@32473 id=\"i-1\"] ");
}

static void answers(void **state)
{
	static const struct {
		const char *text;
		int n, status;
		unsigned txnr;
	} table[] = {
		{ "1 rsp 6 200 OK\n", 15, 200, 1 },
		{ "12 rsp 3 500\n2 rsp", 13, 500, 12 },
		{ "0 serverclose 0\n", 16, 0, 0 },
		{ "7 rsp 10 200 OK\nabc\n", 20, 200, 7 },
		{ "1 rsp 6 200 O", 0, 0, 1 },
		{ "", 0, 0, 0 },
		{ "1", 0, 0, 1 },
		{ "1 rsp 6 200 OKx", -EBADMSG, 0, 0 },
		{ "HTTP/1.1 400\r\n", -EBADMSG, 0, 0 },
		{ "1 rsp 99999999 x", -EBADMSG, 0, 0 },
		{ "12345678901 rsp 0\n", -EBADMSG, 0, 0 },
		{ "1 2 3\n", -EBADMSG, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		unsigned txnr = 0;
		int status = 0;
		int n = relp_answer(table[i].text, strlen(table[i].text), &txnr, &status);

		assert_int_equal(n, table[i].n);
		if (n > 0) {
			assert_int_equal(txnr, table[i].txnr);
			assert_int_equal(status, table[i].status);
		}
	}
}

static int check(const struct sink_kind *kind, char *target)
{
	struct sink_settings s = { .type = "x", .target = target };

	return kind->check(&s, NULL);
}

static void targets(void **state)
{
	(void)state;
	assert_int_equal(check(&sink_syslog, "tcp://h:514"), 0);
	assert_int_equal(check(&sink_syslog, "tls://h"), 0);
	assert_int_equal(check(&sink_syslog, "unix:///dev/log"), 0);
	assert_int_equal(check(&sink_syslog, "tcp://h"), -EINVAL);
	assert_int_equal(check(&sink_syslog, "unix://dev/log"), -EINVAL);
	assert_int_equal(check(&sink_syslog, "udp://h:514"), -EINVAL);
	assert_int_equal(check(&sink_relp, "relp://[::1]:2514"), 0);
	assert_int_equal(check(&sink_relp, "relps://h:2514"), 0);
	assert_int_equal(check(&sink_relp, "relps://h"), -EINVAL);
	assert_int_equal(check(&sink_relp, "relp://u@h:1"), -EINVAL);
	assert_int_equal(check(&sink_relp, "relp://h:99999"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(answers),
		cmocka_unit_test(targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
