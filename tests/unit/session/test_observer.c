// SPDX-License-Identifier: GPL-2.0-only
/* test_observer.c - a session as people and logs see it; with it, its summary. */
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "json_schema.h"
#include "session/observer.h"
#include "records.h"
#include "some_rules.h"

#define MS 1000000ULL

static char dir[] = "/tmp/test_observer.XXXXXX";
static char log_path[64];
static json_t *schema;

static const struct actor npm = { 10, 5, 100 * MS, 0, WS_ACTOR_MANAGER, "npm" };
static const struct actor node = { 12, 10, 300 * MS, 7, WS_ACTOR_PACKAGE, "node" };

/* One session under test. */
struct session {
	struct observer *o;
	int out[2]; /* pipe: what the terminal gets */
	char *shown;
	json_t *events;
};

static int begin(void **state)
{
	(void)state;
	setenv("LC_ALL", "C.UTF-8", 1);
	schema = json_load_file("user/event.schema.json", 0, NULL);
	if (!schema || !mkdtemp(dir))
		return -1;
	snprintf(log_path, sizeof(log_path), "%s/log.jsonl", dir);
	return 0;
}

static int end(void **state)
{
	(void)state;
	json_decref(schema);
	unlink(log_path);
	return rmdir(dir);
}

static char *const *environment; /* of the next session */

static void start(struct session *s, enum ws_mode mode, bool quiet, bool verbose)
{
	static char *command[] = { "npm", "ci", NULL };
	struct observer_options options = { .rules = some_rules(false),
					    .session = RECORDS_SESSION,
					    .mode = mode,
					    .backend = WS_BACKEND_DENY,
					    .log_path = log_path,
					    .quiet = quiet,
					    .verbose = verbose,
					    .environment = environment,
					    .start = { .command = command,
						       .cwd = "/work/proj",
						       .home = "/home/ci",
						       .user = "ci",
						       .uid = 1000,
						       .gid = 1000,
						       .rules_dirs = "rules" } };
	struct error e = { 0 };

	memset(s, 0, sizeof(*s));
	unlink(log_path);
	assert_int_equal(pipe(s->out), 0);
	fcntl(s->out[0], F_SETFL, O_NONBLOCK);
	fcntl(s->out[1], F_SETPIPE_SZ, 1 << 20);
	options.terminal = s->out[1];
	assert_int_equal(observer_open(&s->o, &options, &e), 0);
}

/* What was shown since the last call. */
static const char *shown(struct session *s)
{
	ssize_t n;

	free(s->shown);
	s->shown = calloc(1, 1 << 20);
	n = read(s->out[0], s->shown, (1 << 20) - 1);
	s->shown[n > 0 ? n : 0] = '\0';
	return s->shown;
}

static json_t *read_log(void)
{
	FILE *f = fopen(log_path, "re");
	json_t *list = json_array();
	char *line = NULL;
	size_t room = 0;

	assert_non_null(f);
	while (getline(&line, &room, f) > 0) {
		json_t *e = json_loads(line, 0, NULL);
		char why[512] = "";

		if (!e || json_schema_check(schema, e, why, sizeof(why)))
			fail_msg("%s\n%s", why, line);
		json_array_append_new(list, e);
		/* no event is missing */
		assert_int_equal(json_integer_value(
					 json_object_get(json_object_get(e, "event"), "sequence")),
				 json_array_size(list));
	}
	free(line);
	fclose(f);
	return list;
}

static int finish(struct session *s, const struct session_end *finish)
{
	static const struct session_end nothing = { .coverage.deny = 1u << WS_OP_READ |
								     1u << WS_OP_CONNECT };

	return observer_finish(s->o, finish ? finish : &nothing);
}

static void drop(struct session *s)
{
	observer_free(s->o);
	json_decref(s->events);
	free(s->shown);
	close(s->out[0]);
	close(s->out[1]);
}

/* How many events of this kind the log has. */
static size_t count_events(struct session *s, const char *action)
{
	size_t i, n = 0;
	json_t *e;

	json_decref(s->events);
	s->events = read_log();
	json_array_foreach(s->events, i, e)
		n += strcmp(json_string_value(
				    json_object_get(json_object_get(e, "event"), "action")),
			    action) == 0;
	return n;
}

/* What the last event, the session's end, counts under this name. */
static json_int_t counted(struct session *s, const char *name)
{
	json_t *last, *counts;

	assert_int_equal(count_events(s, "session-end"), 1);
	last = json_array_get(s->events, json_array_size(s->events) - 1);
	counts = json_object_get(json_object_get(last, "wormsign"), "counts");
	assert_true(json_is_integer(json_object_get(counts, name)));
	return json_integer_value(json_object_get(counts, name));
}

static void give(struct session *s, const void *record)
{
	observer_record(s->o, record);
}

/* npm, and the script of color-tools-x, with its program. */
static void usual(struct session *s)
{
	struct ws_rec_exec exec;
	struct ws_rec_scope scope;

	record_exec(&exec, &npm, 101 * MS, "/usr/bin/node", "npm|ci");
	give(s, &exec);
	record_scope(&scope, &node, 301 * MS, "color-tools-x", "1.4.2", "postinstall");
	give(s, &scope);
	record_exec(&exec, &node, 302 * MS, "/usr/bin/node", "node|setup.js");
	give(s, &exec);
}

static void verdict(struct session *s, uint64_t time, uint32_t rule, uint32_t action,
		    uint32_t effect, const char *path)
{
	struct ws_rec_verdict *r = calloc(1, sizeof(*r));

	record_verdict(r, &node, time, WS_OP_READ, rule, action, effect, path);
	give(s, r);
	free(r);
}

static void matches(const char *text, const char *pattern)
{
	regex_t re;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&re, text, 0, NULL, 0))
		fail_msg("no match for: %s\nin:\n%s", pattern, text);
	regfree(&re);
}

static void nothing_while_all_is_well(void **state)
{
	struct ws_rec_net net;
	struct session s;

	(void)state;
	start(&s, WS_MODE_ENFORCE, false, false);
	usual(&s);
	record_net(&net, &node, 310 * MS, "192.0.2.7", 443);
	give(&s, &net);
	verdict(&s, 320 * MS, RULE_NPMRC, WS_ALERT, WS_EFFECT_NONE, "/home/ci/.npmrc");
	verdict(&s, 321 * MS, RULE_HOME, WS_HIDE, WS_EFFECT_REFUSED, "/home/ci/notes.txt");
	assert_string_equal(shown(&s), "");
	assert_int_equal(observer_strongest(s.o), WS_HIDE);
	assert_int_equal(finish(&s, NULL), 0);
	shown(&s);
	matches(s.shown, "^\nwormsign: nothing stopped, something to look at in [0-9.]+ s: 1 "
			 "process, 1 install script\n");
	matches(s.shown,
		"alert    color-tools-x@1.4.2 \\(postinstall\\): npmrc-read, read ~/.npmrc\n");
	matches(s.shown, "scripts  color-tools-x@1.4.2 \\(postinstall\\)\n");
	matches(s.shown, "network  color-tools-x@1.4.2 \\(postinstall\\): 192.0.2.7:443\n");
	matches(s.shown, "hidden   color-tools-x@1.4.2 \\(postinstall\\) home-hidden \\(1\\): "
			 "~/notes.txt\n");
	matches(s.shown, "backend  deny \\(operations are refused\\)\n");
	matches(s.shown, "log      /tmp/test_observer");
	assert_null(strstr(s.shown, "lost"));
	assert_int_equal(count_events(&s, "verdict"), 2);
	assert_int_equal(count_events(&s, "net"), 1);
	assert_int_equal(count_events(&s, "scope"), 1);
	assert_int_equal(count_events(&s, "exec"), 1); /* the script's, not npm's */
	assert_int_equal(count_events(&s, "session-end"), 1);
	drop(&s);
}

static void a_stopped_script(void **state)
{
	struct ws_rec_exit death;
	struct session s;

	(void)state;
	start(&s, WS_MODE_ENFORCE, false, false);
	usual(&s);
	verdict(&s, 400 * MS, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED, "/home/ci/.aws/credentials");
	assert_string_equal(shown(&s), "");		  /* waits for the death */
	assert_int_equal(count_events(&s, "verdict"), 1); /* the log does not */
	record_death(&death, &node, 400 * MS + 400000, 400 * MS);
	give(&s, &death);
	shown(&s);
	assert_non_null(strstr(s.shown, "\nwormsign: STOPPED  color-tools-x@1.4.2 (postinstall)\n"
					"  tried    read ~/.aws/credentials\n"
					"  rule     cloud-credentials-read (critical): Install "
					"scripts never need cloud credentials.\n"
					"  process  npm ci > node setup.js [pid 12]\n"
					"  verdict  kill: refused before a byte was read; scope "
					"killed 0.4 ms after the hook\n"
					"  next     Nothing was read: no credential needs to be "
					"rotated.\n"
					"  next     See what brings it in: npm install "));
	assert_int_equal(observer_strongest(s.o), WS_KILL);
	assert_int_equal(finish(&s, NULL), 0);
	matches(shown(&s), "wormsign: 1 script STOPPED in ");
	matches(s.shown, "stopped  color-tools-x@1.4.2 \\(postinstall\\): cloud-credentials-read, "
			 "read ~/.aws/credentials\n");
	assert_int_equal(count_events(&s, "death"), 1);
	drop(&s);
}

/* No record of a death comes: the block does not wait longer than BLOCK_WAIT. */
static void a_death_that_does_not_come(void **state)
{
	struct ws_rec_exec exec;
	struct session s;

	(void)state;
	start(&s, WS_MODE_ENFORCE, false, false);
	usual(&s);
	verdict(&s, 400 * MS, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED, "/home/ci/.aws/credentials");
	record_exec(&exec, &npm, 499 * MS, "/bin/true", "true");
	give(&s, &exec);
	assert_string_equal(shown(&s), "");
	record_exec(&exec, &npm, 501 * MS, "/bin/true", "true");
	give(&s, &exec);
	matches(shown(&s), "verdict  kill: refused before a byte was read; scope killed\n");
	verdict(&s, 600 * MS, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED, "/home/ci/.aws/config");
	assert_int_equal(finish(&s, NULL), 0);
	matches(shown(&s), "tried    read ~/.aws/config\n");
	drop(&s);
}

/* ... and no other record either: a command that waits for a stopped child, say. */
static void no_record_at_all(void **state)
{
	struct session s;

	(void)state;
	start(&s, WS_MODE_ENFORCE, false, false);
	usual(&s);
	assert_int_equal(observer_tick(s.o, 400 * MS), -1);
	verdict(&s, 400 * MS, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED, "/home/ci/.aws/credentials");
	verdict(&s, 440 * MS, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED, "/home/ci/.aws/config");
	assert_in_range(observer_tick(s.o, 450 * MS), 50, 52);
	assert_string_equal(shown(&s), "");
	assert_in_range(observer_tick(s.o, 500 * MS), 40, 42);
	matches(shown(&s), "verdict  kill: refused before a byte was read; scope killed\n");
	assert_int_equal(observer_tick(s.o, 900 * MS), -1);
	matches(shown(&s), "tried    read ~/.aws/config\n");
	assert_int_equal(finish(&s, NULL), 0);
	drop(&s);
}

/* What the kernel counts without a record is part of the numbers, and stands in the log by class.
 */
static void the_kernel_stops_reporting(void **state)
{
	struct ws_reported reports[] = {
		{ { .scope = 7, .rule = RULE_NPMRC }, { .count = 40, .reported = 32 } },
		{ { .scope = 7, .rule = RULE_NPMRC, .class = 3 }, { .count = 5, .reported = 5 } },
		{ { .scope = 7, .rule = RULE_HOME }, { .count = 900, .reported = 1 } },
		{ { .scope = 8, .rule = RULE_HOME }, { .count = 9, .reported = 1 } },
	};
	struct session_end facts = { .reports = reports, .report_count = ARRAY_SIZE(reports) };
	struct session s;
	json_t *repeated;

	(void)state;
	start(&s, WS_MODE_ENFORCE, false, false);
	usual(&s);
	for (unsigned i = 0; i < 32; i++)
		verdict(&s, 400 * MS + i, RULE_NPMRC, WS_ALERT, WS_EFFECT_NONE, "/home/ci/.npmrc");
	verdict(&s, 450 * MS, RULE_HOME, WS_HIDE, WS_EFFECT_REFUSED, "/home/ci/Documents/x");
	assert_int_equal(finish(&s, &facts), 0);
	matches(shown(&s), "npmrc-read, read ~/.npmrc \\(40 times; 8 of them only counted\\)\n");
	matches(s.shown,
		"home-hidden \\(900; 899 of them only counted\\): ~/Documents \\(900\\)\n");
	assert_int_equal(count_events(&s, "verdict"), 33 + 2);
	repeated = json_array_get(s.events, json_array_size(s.events) - 2);
	repeated = json_object_get(repeated, "wormsign");
	assert_int_equal(json_integer_value(json_object_get(repeated, "repeated")), 899);
	assert_string_equal(json_string_value(json_object_get(repeated, "about")), "~/Documents");
	assert_int_equal(counted(&s, "alerts"), 40);
	assert_int_equal(counted(&s, "hidden"), 900);
	drop(&s);
}

/* A rule that only sets a label is for the log. */
static void allow_is_no_finding(void **state)
{
	struct session s;

	(void)state;
	start(&s, WS_MODE_ENFORCE, false, true);
	usual(&s);
	verdict(&s, 400 * MS, RULE_NPMRC, WS_ALLOW, WS_EFFECT_NONE, "/home/ci/x");
	assert_int_equal(observer_strongest(s.o), WS_ALLOW);
	assert_string_equal(shown(&s), "");
	assert_int_equal(finish(&s, NULL), 0);
	matches(shown(&s), "wormsign: nothing stopped in ");
	assert_int_equal(count_events(&s, "verdict"), 1);
	drop(&s);
}

static void deny_waits_for_nobody(void **state)
{
	struct session s;

	(void)state;
	start(&s, WS_MODE_ENFORCE, true, false);
	usual(&s);
	verdict(&s, 400 * MS, RULE_SECRET, WS_DENY, WS_EFFECT_REFUSED, "/home/ci/x");
	matches(shown(&s), "wormsign: REFUSED  color-tools-x@1.4.2 \\(postinstall\\)\n");
	matches(s.shown, "verdict  deny: refused before a byte was read\n");
	assert_int_equal(observer_strongest(s.o), WS_DENY);
	assert_int_equal(finish(&s, NULL), 0);
	assert_string_equal(shown(&s), ""); /* quiet: no summary */
	assert_int_equal(counted(&s, "verdicts"), 1);
	assert_int_equal(counted(&s, "alerts"), 0);
	drop(&s);
}

static void repeats_are_folded(void **state)
{
	struct session s;
	size_t blocks = 0;
	char path[64];

	(void)state;
	start(&s, WS_MODE_ENFORCE, false, false);
	usual(&s);
	for (unsigned i = 0; i < 5000; i++)
		verdict(&s, 400 * MS + i, RULE_SECRET, WS_DENY, WS_EFFECT_REFUSED, "/home/ci/x");
	for (unsigned i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "/home/ci/y%u", i);
		verdict(&s, 500 * MS + i, RULE_SECRET, WS_DENY, WS_EFFECT_REFUSED, path);
	}
	for (const char *at = shown(&s); (at = strstr(at, "REFUSED")); at++)
		blocks++;
	assert_int_equal(blocks, 3);
	assert_int_equal(finish(&s, NULL), 0);
	matches(shown(&s), "cloud-credentials-read, read ~/x \\(5500 times: .*~/x \\(5000\\) and ");
	/* nor is the log flooded: one object is logged a few times, each other one still is */
	assert_in_range(count_events(&s, "verdict"), 510, 520);
	assert_in_range(counted(&s, "folded"), 4980, 4990);
	drop(&s);
}

static void audit_refuses_nothing(void **state)
{
	struct ws_rec_verdict r;
	struct session s;

	(void)state;
	start(&s, WS_MODE_AUDIT, false, false);
	usual(&s);
	record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, WS_EFFECT_NONE,
		       "/home/ci/.aws/credentials");
	r.mode = WS_MODE_AUDIT;
	give(&s, &r);
	shown(&s);
	matches(s.shown, "wormsign: WOULD STOP  color-tools-x@1.4.2 \\(postinstall\\)\n");
	matches(s.shown, "verdict  kill: let through \\(audit mode\\); would have been refused, "
			 "and the script killed\n");
	assert_int_equal(observer_strongest(s.o), WS_ALERT);
	assert_int_equal(finish(&s, NULL), 0);
	matches(shown(&s),
		"1 script would have been stopped in .*\\(audit mode: nothing was refused\\)\n");
	assert_null(strstr(s.shown, "STOPPED"));
	drop(&s);
}

static void a_process_that_stays(void **state)
{
	struct session_leftover script = {
		.pid = 12, .scope = 7, .actor = WS_ACTOR_PACKAGE, .comm = "node"
	};
	struct session_leftover job = { .pid = 500, .actor = WS_ACTOR_JOB, .comm = "daemon" };
	struct session s;

	(void)state;
	start(&s, WS_MODE_ENFORCE, false, false);
	usual(&s);
	observer_leftover(s.o, &job);
	assert_int_equal(observer_strongest(s.o), WS_ALLOW);
	assert_string_equal(shown(&s), "");
	/* outliving alone is no accusation: popular packages leave their telemetry behind */
	observer_leftover(s.o, &script);
	assert_int_equal(observer_strongest(s.o), WS_ALLOW);
	assert_string_equal(shown(&s), "");
	script.labels = 1;
	observer_leftover(s.o, &script);
	observer_leftover(s.o, &script);
	assert_int_equal(observer_strongest(s.o), WS_KILL);
	matches(shown(&s),
		"STOPPED  color-tools-x@1.4.2 \\(postinstall\\)\n  tried    outlive the command\n");
	assert_int_equal(finish(&s, NULL), 0);
	matches(shown(&s), "outlive, outlive the command \\(2 times\\)\n");
	assert_int_equal(count_events(&s, "leftover"), 4);
	drop(&s);
	/* only its cgroup lists it; accused all the same, here because its package is condemned */
	script.labels = 0;
	script.condemned = true;
	script.actor = WS_ACTOR_NONE;
	script.scope = 0;
	start(&s, WS_MODE_ENFORCE, false, false);
	usual(&s);
	observer_leftover(s.o, &script);
	assert_int_equal(observer_strongest(s.o), WS_KILL);
	matches(shown(&s), "STOPPED  color-tools-x@1.4.2 \\(postinstall\\)\n");
	drop(&s);
}

/* "Clean" is impossible when anything was lost. */
static void losses_are_reported(void **state)
{
	struct session_end lossy = { .missed = 3, .bad_records = 1 };
	struct session s;

	(void)state;
	lossy.lost[WS_LOST_EXEC] = 12;
	start(&s, WS_MODE_ENFORCE, true, false);
	assert_int_equal(finish(&s, &lossy), 0);
	matches(shown(&s), "wormsign: nothing stopped, but not everything was seen in ");
	matches(s.shown, "lost     12 records of programs started, 3 runs of a hook that "
			 "the kernel skipped, 1 malformed records");
	drop(&s);
}

/* One look is no accusation; many different ones of a script are an alert that names it. */
static void a_search(void **state)
{
	struct session s;
	char path[64];

	(void)state;
	for (unsigned files = 9; files <= 11; files++) {
		start(&s, WS_MODE_ENFORCE, false, false);
		usual(&s);
		for (unsigned i = 0; i < files; i++) {
			snprintf(path, sizeof(path), "/home/ci/d%u/x", i / 2);
			strcat(path, i % 2 ? "1" : "2");
			verdict(&s, 400 * MS + i, RULE_HOME, WS_HIDE, WS_EFFECT_REFUSED, path);
			/* the same again counts once */
			verdict(&s, 400 * MS + i, RULE_HOME, WS_HIDE, WS_EFFECT_REFUSED, path);
		}
		assert_int_equal(observer_strongest(s.o), WS_HIDE);
		assert_int_equal(finish(&s, NULL), 0);
		shown(&s);
		assert_int_equal(strstr(s.shown,
					"alert    color-tools-x@1.4.2 (postinstall): "
					"home-search, look for many files of the home\n") != NULL,
				 files >= 10);
		matches(s.shown, "~/d0 \\(4\\), ~/d1 \\(4\\), ~/d2");
		assert_int_equal(count_events(&s, "verdict"), 2 * files + (files >= 10));
		drop(&s);
	}
}

/* The kernel's own count decides, and what it has beyond the records is reported. */
static void verdicts_without_a_record(void **state)
{
	struct session_end end = { .verdicts[WS_KILL] = 2, .verdicts[WS_ALERT] = 40 };
	struct session s;

	(void)state;
	end.lost[WS_LOST_ALERT] = 1;
	start(&s, WS_MODE_ENFORCE, true, false);
	usual(&s);
	verdict(&s, 400 * MS, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED, "/home/ci/x");
	assert_int_equal(finish(&s, &end), 0);
	matches(shown(&s), "lost     the record of 1 verdict: carried out by the kernel");
	drop(&s);

	end.verdicts[WS_DENY] = 1;
	start(&s, WS_MODE_ENFORCE, true, false);
	assert_int_equal(finish(&s, &end), 0);
	matches(shown(&s), "wormsign: something was STOPPED, and the record of it lost in ");
	matches(s.shown, "lost     the record of 3 verdicts: ");
	assert_int_equal(observer_strongest(s.o), WS_KILL);
	drop(&s);

	/* records of all of them have come */
	end = (struct session_end){ .verdicts[WS_DENY] = 1 };
	start(&s, WS_MODE_ENFORCE, true, false);
	usual(&s);
	verdict(&s, 400 * MS, RULE_SECRET, WS_DENY, WS_EFFECT_REFUSED, "/home/ci/x");
	shown(&s);
	assert_int_equal(finish(&s, &end), 0);
	assert_string_equal(shown(&s), "");
	drop(&s);
}

static void other_sessions_are_none_of_ours(void **state)
{
	struct ws_rec_verdict r;
	struct session s;

	(void)state;
	start(&s, WS_MODE_ENFORCE, false, false);
	record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED,
		       "/x");
	r.head.session++;
	give(&s, &r);
	assert_int_equal(observer_strongest(s.o), WS_ALLOW);
	assert_int_equal(finish(&s, NULL), 0);
	assert_int_equal(count_events(&s, "verdict"), 0);
	drop(&s);
}

/* A name that lies, and bytes that would do something. */
/* wormsign.job of event n, as text; "": it has none. */
static const char *job_of(struct session *s, size_t n)
{
	static char text[512];
	json_t *job =
		json_object_get(json_object_get(json_array_get(s->events, n), "wormsign"), "job");

	text[0] = 0;
	if (job)
		text[json_dumpb(job, text, sizeof(text) - 1, JSON_COMPACT | JSON_SORT_KEYS)] = 0;
	return text;
}

/* Every event says so, and what a later environment says changes nothing. */
static void the_job(void **state)
{
	static char *const mine[] = { "GITLAB_CI=true", "CI_JOB_NAME=a\033b",
				      "CI_PROJECT_PATH=https://me:hunter2hunter2@h/p", NULL };
	static char *const forged[] = { "GITHUB_ACTIONS=true", "GITHUB_JOB=other", NULL };
	static const char known[] = "{\"job\":\"a\\u001Bb\",\"provider\":\"gitlab\","
				    "\"repository\":\"https://me:[redacted]@h/p\"}";
	struct session s;
	(void)state;

	for (int later = 0; later < 2; later++) {
		environment = later ? (char *const[]){ "CI=true", NULL } : mine;
		start(&s, WS_MODE_ENFORCE, true, false);
		environment = NULL;
		usual(&s);
		assert_int_equal(observer_identify(s.o, (char *const[]){ NULL }), !later);
		assert_true(observer_identify(s.o, later ? mine : forged));
		assert_true(observer_identify(s.o, forged));
		assert_int_equal(finish(&s, NULL), 0);
		assert_int_equal(count_events(&s, "session-end"), 1);
		for (size_t i = 0; i < json_array_size(s.events); i++) {
			bool end = i + 1 == json_array_size(s.events);

			if (later && !end) {
				assert_string_equal(job_of(&s, i), "");
				continue;
			}
			assert_string_equal(job_of(&s, i), known);
		}
		drop(&s);
	}
}

static void hostile_names(void **state)
{
	struct ws_rec_scope scope;
	struct ws_rec_verdict r;
	struct session s;

	(void)state;
	start(&s, WS_MODE_ENFORCE, false, true);
	record_scope(&scope, &node, 301 * MS, "ev\033[2Jil\n::error::x", "1", "install");
	strcpy(scope.scope.declared, "react");
	give(&s, &scope);
	record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_SECRET, WS_DENY, WS_EFFECT_REFUSED,
		       "/a\n::add-mask::b/\xff");
	give(&s, &r);
	shown(&s);
	matches(s.shown, "REFUSED  ev\\\\x1b\\[2Jil\\\\x0a::error::x@1 \\(install\\)\n");
	matches(s.shown, "name     it calls itself react\n");
	matches(s.shown, "tried    read /a\\\\x0a::add-mask::b/\\\\xff\n");
	assert_null(strchr(s.shown, '\033'));
	assert_null(strstr(s.shown, "\n::"));
	assert_int_equal(finish(&s, NULL), 0);
	assert_null(strchr(shown(&s), '\033'));
	drop(&s);
}

static void a_log_that_cannot_be_made(void **state)
{
	struct observer_options options = { .rules = some_rules(false),
					    .log_path = "/nonexistent/dir/log",
					    .terminal = -1 };
	struct observer *o = NULL;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(observer_open(&o, &options, &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/dir/log"));
	assert_null(o);
	options.log_path = NULL;
	assert_int_equal(observer_open(&o, &options, &e), 0);
	assert_int_equal(observer_finish(o, &(struct session_end){ 0 }), 0);
	observer_free(o);
	observer_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_while_all_is_well),
		cmocka_unit_test(a_stopped_script),
		cmocka_unit_test(a_death_that_does_not_come),
		cmocka_unit_test(no_record_at_all),
		cmocka_unit_test(the_kernel_stops_reporting),
		cmocka_unit_test(allow_is_no_finding),
		cmocka_unit_test(deny_waits_for_nobody),
		cmocka_unit_test(repeats_are_folded),
		cmocka_unit_test(audit_refuses_nothing),
		cmocka_unit_test(a_process_that_stays),
		cmocka_unit_test(losses_are_reported),
		cmocka_unit_test(verdicts_without_a_record),
		cmocka_unit_test(a_search),
		cmocka_unit_test(other_sessions_are_none_of_ours),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(the_job),
		cmocka_unit_test(a_log_that_cannot_be_made),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
