// SPDX-License-Identifier: GPL-2.0-only
/* test_summary.c - a session summed up: the outcome, and never "nothing" where something was lost.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "records.h"
#include "report/summary.h"
#include "shown.h"
#include "some_rules.h"

static struct shown shown;
static struct session_end end;
static struct session_counts counts;
static struct findings findings;
static struct summary summary;

static int begin(void **state)
{
	(void)state;
	shown_open(&shown);
	end = (struct session_end){ 0 };
	counts = (struct session_counts){ .processes = 3 };
	findings = (struct findings){ 0 };
	summary = (struct summary){ .end = &end,
				    .counts = &counts,
				    .findings = &findings,
				    .scopes = scope_table_new(),
				    .rules = some_rules(false),
				    .mode = WS_MODE_ENFORCE,
				    .backend = WS_BACKEND_DENY,
				    .ns = 2345000000ULL,
				    .log_path = "s.jsonl" };
	return 0;
}

static int finish(void **state)
{
	(void)state;
	findings_free(&findings);
	scope_table_free(summary.scopes);
	shown_close(&shown);
	return 0;
}

static void add_scope(uint64_t id, const char *name)
{
	struct actor who = { 12, 10, 300, id, WS_ACTOR_PACKAGE, "node" };
	struct ws_rec_scope scope;

	record_scope(&scope, &who, 301, name, "1.0", "install");
	assert_non_null(scope_table_add(summary.scopes, &scope));
}

/* `times` verdicts about the scope. */
static void add_finding(uint64_t scope, uint32_t rule, enum ws_action action, uint64_t times)
{
	struct finding f = { .scope = scope,
			     .actor = WS_ACTOR_PACKAGE,
			     .rule = rule,
			     .action = action,
			     .mode = summary.mode,
			     .stops = action >= WS_KILL,
			     .tried = "read ~/x" };

	while (times--)
		findings_add(&findings, &f);
}

static const char *print(bool only_trouble)
{
	summary_print(&shown.terminal, &summary, only_trouble);
	return shown_text(&shown);
}

static void assert_heading(const char *want)
{
	char first[256];

	print(false);
	snprintf(first, sizeof(first), "\nwormsign: %s in 2.3 s: ", want);
	if (strncmp(shown.text, first, strlen(first)) != 0)
		fail_msg("not %s:%s", first, shown.text);
}

static void assert_row(const char *label, const char *value)
{
	if (!shown_row(shown.text, label, value))
		fail_msg("no row: %s: %s\nin:%s", label, value, shown.text);
}

static void an_uneventful_session(void **state)
{
	(void)state;
	add_scope(1, "a");
	scope_table_get(summary.scopes, 1)->execs = 4;
	add_scope(2, "b");
	findings_connect(&findings, 1, WS_ACTOR_PACKAGE, "192.0.2.1:443");
	findings_connect(&findings, 1, WS_ACTOR_PACKAGE, "192.0.2.2:443");
	findings_connect(&findings, 2, WS_ACTOR_PACKAGE, "192.0.2.3:443");
	assert_string_equal(
		print(false),
		"\nwormsign: nothing stopped in 2.3 s: 3 processes, 2 install scripts\n"
		"  scripts  a@1.0 (install) 4 programs, b@1.0 (install)\n"
		"  network  a@1.0 (install): 192.0.2.1:443 192.0.2.2:443; b@1.0 (install): "
		"192.0.2.3:443\n"
		"  backend  deny (operations are refused)\n"
		"  log      s.jsonl\n");
	assert_string_equal(print(true), "");
}

/* The worst that happened names the session. */
static void headings(void **state)
{
	(void)state;
	add_finding(1, RULE_HOME, WS_HIDE, 1);
	assert_heading("nothing stopped");
	add_finding(1, RULE_NPMRC, WS_ALERT, 1);
	assert_heading("nothing stopped, something to look at");
	end.lost[WS_LOST_EXEC] = 1;
	assert_heading("nothing stopped, but not everything was seen");
	add_finding(1, RULE_SECRET, WS_DENY, 1);
	assert_heading("1 script REFUSED something");
	add_finding(2, RULE_SECRET, WS_KILL, 1);
	assert_heading("1 script STOPPED");
	add_finding(2, RULE_NPMRC, WS_KILL, 1); /* the same script */
	assert_heading("1 script STOPPED");
	add_finding(3, RULE_SECRET, WS_KILL, 1);
	assert_heading("2 scripts STOPPED");
	summary.strongest = WS_STOP;
	assert_heading("the session was STOPPED");
}

static void audit(void **state)
{
	(void)state;
	summary.mode = WS_MODE_AUDIT;
	add_finding(1, RULE_SECRET, WS_DENY, 1);
	assert_heading("1 script would have been refused something");
	add_finding(2, RULE_SECRET, WS_KILL, 1);
	assert_heading("1 script would have been stopped");
	assert_non_null(strstr(shown.text, " (audit mode: nothing was refused)\n"));
	assert_row("verdict", "an unknown script: cloud-credentials-read, read ~/x");
	assert_null(strstr(shown.text, "STOPPED"));
	assert_null(strstr(shown.text, "REFUSED"));
}

static void findings_row_by_row(void **state)
{
	(void)state;
	add_scope(1, "a");
	add_finding(1, RULE_SECRET, WS_KILL, 2);
	add_finding(1, RULE_NPMRC, WS_ALERT, 32);
	add_finding(1, RULE_HOME, WS_HIDE, 5);
	add_finding(1, FINDING_OUTLIVE, WS_KILL, 1);
	print(false);
	assert_row("stopped", "a@1.0 (install): cloud-credentials-read, read ~/x (2 times)");
	assert_row("", "a@1.0 (install): outlive, read ~/x");
	assert_row("alert", "a@1.0 (install): npmrc-read, read ~/x (32 times)");
	assert_row("hidden", "a@1.0 (install) home-hidden (5): read ~/x");
}

/* What could not be hidden was seen, and is never said to have been hidden. */
static void seen_or_hidden(void **state)
{
	struct finding f = { .scope = 1,
			     .actor = WS_ACTOR_PACKAGE,
			     .rule = RULE_HOME,
			     .action = WS_HIDE,
			     .effect = WS_EFFECT_UNAVAILABLE };
	static const char *const samples[] = { "~/.mozilla", "~/Documents", "~/.mozilla", "~/a",
					       "~/b",	     "~/c",	    "~/d",	  "~/e",
					       "~/f",	     "~/Documents" };

	(void)state;
	add_scope(1, "a");
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		f.sample = samples[i];
		findings_add(&findings, &f);
	}
	print(false);
	assert_row("seen", "not hidden (this kernel cannot): a@1.0 (install) home-hidden (10): "
			   "~/f, ~/e, ~/d, ~/a, ~/Documents (2), ~/.mozilla (2) and 2 more");
	assert_row("", "These scripts could read or use it. Where the backend is deny (wormsign "
		       "doctor), it is hidden.");
	assert_null(strstr(shown.text, "  hidden"));
	/* the same rule, where it could be hidden */
	f.effect = WS_EFFECT_REFUSED;
	f.sample = "~/x";
	findings_add(&findings, &f);
	print(false);
	assert_row("hidden", "a@1.0 (install) home-hidden (1): ~/x");
	/* in audit mode nothing is hidden */
	f.mode = WS_MODE_AUDIT;
	f.effect = WS_EFFECT_NONE;
	findings_add(&findings, &f);
	print(false);
	assert_row("", "not hidden (audit mode): a@1.0 (install) home-hidden (1): ~/x");
	/* what has no path is named by the operation */
	f = (struct finding){ .scope = 1,
			      .actor = WS_ACTOR_PACKAGE,
			      .rule = RULE_NPMRC,
			      .action = WS_HIDE,
			      .effect = WS_EFFECT_REFUSED,
			      .tried = "make a namespace" };
	findings_add(&findings, &f);
	print(false);
	assert_row("", "a@1.0 (install) npmrc-read (1): make a namespace");
}

/* A summary stays short, and says how much more there is. */
/* Forty decoys hide nothing: what happened once is shown, wherever it came; what the kernel only
 * counted is part of the numbers. */
static void decoys(void **state)
{
	struct finding f = { .scope = 1,
			     .actor = WS_ACTOR_PACKAGE,
			     .rule = RULE_NPMRC,
			     .action = WS_ALERT,
			     .tried = "write ~/work/a" };
	struct ws_report_key key = { .scope = 1, .rule = RULE_NPMRC, .class = 100 };
	char text[32];
	const char *sample;

	(void)state;
	add_scope(1, "a");
	for (unsigned i = 0; i < 45; i++) {
		snprintf(text, sizeof(text), "./d%u/*", i % 9);
		f.sample = i == 20 ? "./src/*" : text;
		f.class = i == 20 ? 98 : 100 + i % 9 * 2;
		findings_add(&findings, &f);
	}
	assert_non_null(findings_fold(&findings, &key, 1000, &sample));
	assert_string_equal(sample, "./d0/*");
	print(false);
	assert_row("alert", "a@1.0 (install): npmrc-read, write ~/work/a (1045 times: ./src/*, "
			    "./d2/* (4), ./d8/* (5), ./d3/* (5), ./d1/* (5), ./d0/* (1005) and 20 "
			    "more; 1000 of them only counted)");
	/* a class that has no directory, and one of which no record came */
	key.class = 101;
	assert_non_null(findings_fold(&findings, &key, 7, &sample));
	assert_null(sample);
	key.scope = 2;
	assert_null(findings_fold(&findings, &key, 7, &sample));
	print(false);
	assert_non_null(strstr(shown.text, "and 27 more; 1007 of them only counted)"));
}

static void what_nobody_judged(void **state)
{
	(void)state;
	assert_null(strstr(print(false), "unjudged"));
	counts.unjudged_programs = "semver";
	print(false);
	assert_row("unjudged", "semver: not of this project (fetched, or installed elsewhere); "
			       "judged as the project's own code, not as a package");
	counts.unjudged_managers = "pip install";
	print(false);
	assert_row("unjudged", "pip install: not a package manager that wormsign knows; nothing "
			       "that its packages ran was judged");
}

static void processes_that_were_ended(void **state)
{
	_buf_ struct buf ended = BUF_INIT;

	(void)state;
	summary.ended = &ended;
	assert_null(strstr(print(false), "ended"));
	for (unsigned i = 0; i < 10; i++)
		buf_addf(&ended, "%ssleep of a@%u", i ? "\n" : "", i);
	print(false);
	assert_row("ended", "sleep of a@0 was still running when the command had ended, and was "
			    "killed");
	assert_row("", "sleep of a@7 was still running when the command had ended, and was killed");
	assert_row("", "and 2 more, see the log");
	assert_null(strstr(shown.text, "a@8"));
}

static void many_of_each(void **state)
{
	char text[64];

	(void)state;
	for (uint64_t i = 1; i <= 20; i++) {
		snprintf(text, sizeof(text), "s%u", (unsigned)i);
		add_scope(i, text);
		add_finding(i, RULE_SECRET, WS_KILL, 1);
		add_finding(i, RULE_HOME, WS_HIDE, 1);
		snprintf(text, sizeof(text), "192.0.2.%u:443", (unsigned)i);
		findings_connect(&findings, i, WS_ACTOR_PACKAGE, text);
	}
	findings.left_out = 5;
	findings.to_left_out = 7;
	print(false);
	assert_row("", "s8@1.0 (install): cloud-credentials-read, read ~/x");
	assert_row("", "and 17 more, see the log");
	assert_null(strstr(shown.text, "s9@1.0 (install): cloud"));
	assert_non_null(strstr(shown.text, "s8@1.0 (install) and 12 more\n"));
	assert_non_null(strstr(shown.text, "192.0.2.8:443 and 19 more\n"));
	assert_row("", "s8@1.0 (install) home-hidden (1): read ~/x");
	assert_row("", "and 12 more, see the log");
}

static void unseen(void **state)
{
	(void)state;
	print(false);
	assert_null(strstr(shown.text, "unseen"));
	end.unseen_tls = 1;
	print(false);
	assert_row(
		"unseen",
		"the HTTP methods in the TLS connections of 1 package (TLS library not watched)");
}

/* --quiet shows a summary exactly where something was lost. */
static void losses(void **state)
{
	(void)state;
	add_scope(1, "a");
	end.lost[WS_LOST_EXEC] = 12;
	end.lost[WS_LOST_NET] = 1;
	end.missed = 3;
	end.bad_records = 2;
	print(true);
	assert_row("lost", "12 records of programs started, 1 records of destinations, 3 runs of a "
			   "hook that the kernel skipped, 2 malformed records; every verdict was "
			   "carried out, but this report is incomplete");
	assert_null(strstr(shown.text, "scripts  "));
	assert_null(strstr(shown.text, "backend  "));
	end = (struct session_end){ .missed = 1 };
	assert_string_not_equal(print(true), "");
	end = (struct session_end){ .bad_records = 1 };
	assert_string_not_equal(print(true), "");
	end = (struct session_end){ 0 };
	assert_string_equal(print(true), "");
	summary.log_error = -ENOSPC;
	counts.unwritten = 1;
	print(true);
	assert_row("lost", "1 event could not be written to the log: No space left on device");
	summary.log_error = 0;
	for (uint64_t id = 1; id <= SCOPE_TABLE_MAX + 2; id++)
		scope_table_get(summary.scopes, id);
	print(true);
	assert_row("lost", "2 names of scripts; every verdict was carried out, but this report is "
			   "incomplete");
}

static void what_the_backend_can_do(void **state)
{
	(void)state;
	end.coverage = (struct op_coverage){ .deny = 1u << WS_OP_READ,
					     .kill = 1u << WS_OP_UNLINK | 1u << WS_OP_RENAME,
					     .watch = 1u << WS_OP_LISTEN,
					     .blind = 1u << WS_OP_BPF };
	print(false);
	assert_row("backend",
		   "deny (operations are refused); caller killed instead: rename unlink; "
		   "only reported: listen; not watched: bpf (see wormsign doctor)");
	summary.backend = WS_BACKEND_WATCH;
	end.coverage.blind = 0;
	print(false);
	assert_row("backend", "watch (a script is killed at the operation); refused: read; only "
			      "reported: listen");
}

/* Findings that the list had no room for are counted, but only where findings are shown at all. */
static void findings_left_out(void **state)
{
	(void)state;
	findings.left_out = 5;
	print(false);
	assert_null(strstr(shown.text, "more, see the log"));
	add_finding(1, RULE_SECRET, WS_KILL, 1);
	print(false);
	assert_row("", "and 5 more, see the log");
}

static void colours(void **state)
{
	(void)state;
	shown.terminal.colour = true;
	print(false);
	assert_non_null(strstr(shown.text, "\033[1mnothing stopped"));
	add_finding(1, RULE_SECRET, WS_DENY, 1);
	print(false);
	assert_non_null(strstr(shown.text, "\033[1;31m1 script REFUSED"));
	add_finding(2, RULE_SECRET, WS_KILL, 1);
	print(false);
	assert_non_null(strstr(shown.text, "\033[1;31m1 script STOPPED"));
}

static void without_a_log(void **state)
{
	(void)state;
	summary.log_path = NULL;
	print(false);
	assert_null(strstr(shown.text, "log  "));
}

static void errors_of_helpers(void **state)
{
	(void)state;
	assert_null(strstr(print(false), "error"));
	end.errors[0] = (struct ws_error){ WS_AT_CLONE3, EFAULT, 1 };
	end.errors[1] = (struct ws_error){ WS_AT_COUNTER, ENOSPC, 12 };
	end.error_count = 2;
	print(false);
	assert_row("error", "bpf_probe_read_user (flags of clone3): Bad address, 1 time");
	assert_row("error", "bpf_map_update_elem (counter of a rule): No space left on device, "
			    "12 times");
	assert_heading("nothing stopped"); /* they changed no verdict, and lost no record */
	end.error_count = ARRAY_SIZE(end.errors) + 3;
	print(false);
	assert_row("error", "3 more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_uneventful_session, begin, finish),
		cmocka_unit_test_setup_teardown(headings, begin, finish),
		cmocka_unit_test_setup_teardown(audit, begin, finish),
		cmocka_unit_test_setup_teardown(findings_row_by_row, begin, finish),
		cmocka_unit_test_setup_teardown(seen_or_hidden, begin, finish),
		cmocka_unit_test_setup_teardown(decoys, begin, finish),
		cmocka_unit_test_setup_teardown(what_nobody_judged, begin, finish),
		cmocka_unit_test_setup_teardown(processes_that_were_ended, begin, finish),
		cmocka_unit_test_setup_teardown(many_of_each, begin, finish),
		cmocka_unit_test_setup_teardown(unseen, begin, finish),
		cmocka_unit_test_setup_teardown(losses, begin, finish),
		cmocka_unit_test_setup_teardown(errors_of_helpers, begin, finish),
		cmocka_unit_test_setup_teardown(what_the_backend_can_do, begin, finish),
		cmocka_unit_test_setup_teardown(without_a_log, begin, finish),
		cmocka_unit_test_setup_teardown(findings_left_out, begin, finish),
		cmocka_unit_test_setup_teardown(colours, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
