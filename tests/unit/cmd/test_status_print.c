// SPDX-License-Identifier: GPL-2.0-only
/* test_status_print.c - what an agent says, for people and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/status_print.h"
#include "cmocka_all.h"

#define AT(seconds) ((seconds)*1000000000ULL)

static struct agent_part part = {
	.since = AT(1000000),
	.lost = { [WS_LOST_EXEC] = 3 },
	.missed = 2,
	.backend = WS_BACKEND_WATCH,
	.rules = 110,
	.sessions = 2,
	.version = "1.2.3",
	.rules_dirs = "/rules",
};
static struct agent_session sessions[] = {
	{ .id = 0xabc,
	  .began = AT(1000100),
	  .uid = 4000000001,
	  .client = 77,
	  .verdicts = { [WS_ALERT] = 5, [WS_KILL] = 1 },
	  .lost = 9 },
	{ .id = INT64_MAX,
	  .began = AT(1000000),
	  .ended = AT(1000060),
	  .uid = 4000000002,
	  .client = 78,
	  .mode = WS_MODE_AUDIT,
	  .stopped = AGENT_STOPPED_BY_ROOT },
};
static struct control_status all = { &part, 1, sessions, 2 }, none = { &part, 1, NULL, 0 };

static void has(const char *text, const char *wanted)
{
	if (!strstr(text, wanted))
		fail_msg("no \"%s\" in:\n%s", wanted, text);
}

static void text(void **state)
{
	_buf_ struct buf out = BUF_INIT;

	(void)state;
	setenv("TZ", "UTC", 1);
	status_print_text(&out, &all, AT(1000500));
	has(out.at, "Watching since 1970-01-12 13:46:40 (8 min), backend watch, 110 rules of "
		    "/rules\n");
	has(out.at, "lost: 3 records of programs started\n");
	has(out.at, "lost: 2 runs of hooks\n");
	has(out.at, "1 session runs, 1 that ended is remembered\n");
	has(out.at, "0000000000000abc 4000000001   77       1970-01-12 13:48:20 runs 6 min: kill "
		    "1, alert 5, 9 records lost\n");
	has(out.at, "7fffffffffffffff 4000000002   78       1970-01-12 13:46:40 ran 60 s: no "
		    "verdict, audit mode, ended by its operator\n");
	assert_null(strstr(out.at, "secrets"));
	assert_null(strstr(out.at, "nothing was lost"));
}

static void empty(void **state)
{
	_buf_ struct buf out = BUF_INIT;
	struct agent_part quiet = { .backend = WS_BACKEND_DENY,
				    .draining = 1,
				    .not_admitted = "a container" };
	struct control_status s = { &quiet, 1, NULL, 0 };

	(void)state;
	status_print_text(&out, &s, 0);
	has(out.at, "Replaced by a reload, with its sessions since 1970");
	has(out.at, "nothing was lost\n");
	has(out.at, "secrets of their environment: a container\n");
	has(out.at, "0 sessions run, 0 that ended are remembered\n");
	assert_null(strstr(out.at, "SESSION"));
}

static void json(void **state)
{
	_buf_ struct buf out = BUF_INIT;
	_json_ json_t *root = NULL;
	const char *since, *id, *by, *ended;
	int kill, lost;

	(void)state;
	status_print_json(&out, &all);
	root = json_loads(out.at, 0, NULL);
	assert_non_null(root);
	assert_int_equal(
		json_unpack(root, "{s:[{s:s, s:{s:i}}], s:[{s:s, s:n, s:n, s:{s:i}}, {s:s, s:s}]}",
			    "parts", "since", &since, "lost", "exec", &lost, "sessions", "session",
			    &id, "ended", "stopped_by", "verdicts", "kill", &kill, "ended", &ended,
			    "stopped_by", &by),
		0);
	assert_string_equal(since, "1970-01-12T13:46:40Z");
	assert_int_equal(lost, 3);
	assert_string_equal(id, "0000000000000abc");
	assert_int_equal(kill, 1);
	assert_string_equal(ended, "1970-01-12T13:47:40Z");
	assert_string_equal(by, "root");
}

static void json_empty(void **state)
{
	_buf_ struct buf out = BUF_INIT;
	_json_ json_t *root = NULL;

	(void)state;
	status_print_json(&out, &none);
	root = json_loads(out.at, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(root, "sessions")), 0);
	assert_int_equal(json_array_size(json_object_get(root, "parts")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(empty),
		cmocka_unit_test(json),
		cmocka_unit_test(json_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
