// SPDX-License-Identifier: GPL-2.0-only
/* test_metrics.c - what the board holds as text; tests/run/metrics.test.sh has it parsed. */
#include <string.h>

#include "agent/metrics.h"
#include "base/cleanup.h"
#include "cmocka_all.h"

static struct board board;

static bool has_line(const struct buf *text, const char *line)
{
	const char *at = strstr(text->at, line);

	return at && (at == text->at || at[-1] == '\n') && at[strlen(line)] == '\n';
}

static void counts(void **state)
{
	_buf_ struct buf text = BUF_INIT;
	struct board_row *row = board_row(board.rules, BOARD_RULES, "cloud-credentials");

	(void)state;
	row->n[WS_KILL] = 2;
	row = board_row(board.hooks, BOARD_HOOKS, "on_exec");
	row->n[BOARD_RUNS] = 5;
	row->n[BOARD_NS] = 1000000007;
	board.since = 1500000000;
	board.started = 4;
	board.lost[WS_LOST_NET] = 9;
	board.servers[1].pid = 77;
	board.servers[1].resident = 4096;
	board.servers[2].resident = 4096;
	metrics_text(&text, &board, true);
	assert_true(has_line(&text, "wormsign_sessions_started_total 4"));
	assert_true(has_line(&text, "wormsign_start_time_seconds 1.500000000"));
	assert_true(has_line(&text, "wormsign_verdicts_total{rule=\"cloud-credentials\","
				    "action=\"kill\"} 2"));
	assert_null(strstr(text.at, "action=\"deny\""));
	assert_true(has_line(&text, "wormsign_records_lost_total{kind=\"net\"} 9"));
	assert_true(has_line(&text, "wormsign_hook_runs_total{program=\"on_exec\"} 5"));
	assert_true(has_line(&text, "wormsign_hook_seconds_total{program=\"on_exec\"} "
				    "1.000000007"));
	assert_true(has_line(&text, "wormsign_hook_stats_enabled 1"));
	assert_true(has_line(&text, "wormsign_servers 1"));
	assert_true(has_line(&text, "wormsign_resident_memory_bytes 8192"));
	assert_true(has_line(&text, "# TYPE wormsign_verdicts_total counter"));
}

/* Names are written by a server: whatever they are, a sample stays one line. */
static void odd_names(void **state)
{
	_buf_ struct buf text = BUF_INIT;
	struct board_row *row = board_row(board.rules, BOARD_RULES, "x");

	(void)state;
	memset(row->name, '\n', sizeof(row->name));
	memcpy(row->name, "a\"b\\c\xff", 6);
	row->n[WS_ALERT] = 1;
	metrics_text(&text, &board, false);
	assert_non_null(strstr(text.at, "{rule=\"a\\\"b\\\\c????"));
	assert_non_null(strstr(text.at, "?\",action=\"alert\"} 1\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(counts), cmocka_unit_test(odd_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
