// SPDX-License-Identifier: GPL-2.0-only
/* test_verdict_block.c - what people are shown when something is stopped, row by row. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "records.h"
#include "report/verdict_block.h"
#include "shown.h"
#include "some_rules.h"

#define MS 1000000ULL

static const struct actor npm = { 10, 5, 100 * MS, 0, WS_ACTOR_MANAGER, "npm" };
static const struct actor node = { 12, 10, 300 * MS, RECORDS_SCOPE, WS_ACTOR_PACKAGE, "node" };
static const struct actor job = { 5, 1, 50 * MS, 0, WS_ACTOR_JOB, "make" };

static struct event_context context;
static struct process_table *processes;
static struct shown shown;
static struct block block;
static struct ws_rec_verdict r;
static const struct block_fate no_fate;

static int begin(void **state)
{
	struct ws_rec_exec exec;
	struct ws_rec_scope scope;

	(void)state;
	processes = process_table_new(NULL);
	context = (struct event_context){ .rules = some_rules(false),
					  .processes = processes,
					  .scopes = scope_table_new() };
	record_exec(&exec, &npm, 101 * MS, "/usr/bin/node", "npm|ci");
	process_table_exec(processes, &exec);
	record_scope(&scope, &node, 301 * MS, "evil", "1.4.2", "postinstall");
	scope_table_add(context.scopes, &scope);
	record_exec(&exec, &node, 302 * MS, "/usr/bin/node", "node|setup.js");
	process_table_exec(processes, &exec);
	shown_open(&shown);
	block = (struct block){ .terminal = &shown.terminal,
				.context = &context,
				.home = "/home/ci",
				.log_path = "s.jsonl" };
	return 0;
}

static int end(void **state)
{
	(void)state;
	shown_close(&shown);
	scope_table_free(context.scopes);
	process_table_free(processes);
	return 0;
}

static void assert_row(const char *label, const char *value)
{
	if (!shown_row(shown.text, label, value))
		fail_msg("no row: %s: %s\nin:%s", label, value, shown.text);
}

static void show(const struct block_fate *fate)
{
	block_verdict(&block, &r, fate);
	shown_text(&shown);
}

static void a_whole_block(void **state)
{
	struct block_fate fate = { .died_at = 401 * MS, .condemned_at = 400 * MS, .times = 1 };

	(void)state;
	record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED,
		       "/home/ci/.aws/credentials");
	show(&fate);
	assert_non_null(strstr(
		shown.text,
		"\nwormsign: STOPPED  evil@1.4.2 (postinstall)\n"
		"  tried    read ~/.aws/credentials\n"
		"  rule     cloud-credentials-read (critical): Install scripts never need "
		"cloud credentials.\n"
		"  process  npm ci > node setup.js [pid 12]\n"
		"  verdict  kill: refused before a byte was read; scope killed 1.0 ms "
		"after the hook\n"
		"  next     Nothing was read: no credential needs to be rotated.\n"
		"  next     See what brings it in: npm install --ignore-scripts && npm ls evil. "
		"Remove that dependency: npm uninstall NAME --ignore-scripts\n"
		"  status   86, whatever npm returns: a rule of verdict kill fired\n"));
	assert_non_null(strstr(shown.text, "  permit   /etc/wormsign/rules.d/"
					   "cloud-credentials-read.json: {\"tune\":"));
	assert_non_null(strstr(shown.text, "\n  log      s.jsonl\n"));
}

/* One thing applies: what was prevented needs no work, what was done needs the rule's remedy. */
static void what_applies(void **state)
{
	static const struct {
		uint32_t op;
		enum ws_effect effect;
		enum ws_mode mode;
		const char *next;
	} table[] = {
		{ WS_OP_READ, WS_EFFECT_REFUSED, WS_MODE_ENFORCE,
		  "Nothing was read: no credential needs to be rotated." },
		{ WS_OP_READ, WS_EFFECT_KILLED_BEFORE, WS_MODE_ENFORCE,
		  "Nothing was read: no credential needs to be rotated." },
		{ WS_OP_READ, WS_EFFECT_KILLED_AFTER, WS_MODE_ENFORCE, "Rotate it; evil took it." },
		{ WS_OP_READ, WS_EFFECT_NONE, WS_MODE_AUDIT, "Rotate it; evil took it." },
		{ WS_OP_CONNECT, WS_EFFECT_DROPPED, WS_MODE_ENFORCE,
		  "Nothing was sent: nothing needs to be rotated or undone." },
		{ WS_OP_UNLINK, WS_EFFECT_REFUSED, WS_MODE_ENFORCE,
		  "Nothing was changed: there is nothing to undo." },
		/* it may be gone */
		{ WS_OP_UNLINK, WS_EFFECT_KILLED_BEFORE, WS_MODE_ENFORCE,
		  "Rotate it; evil took it." },
		{ WS_OP_EXEC, WS_EFFECT_REFUSED, WS_MODE_ENFORCE,
		  "It was not done: there is nothing to undo." },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		record_verdict(&r, &node, 400 * MS, table[i].op, RULE_SECRET, WS_KILL,
			       table[i].effect, "/home/ci/x");
		r.mode = context.mode = table[i].mode;
		show(&no_fate);
		context.mode = WS_MODE_ENFORCE;
		assert_row("next", table[i].next);
		/* an audit turns no job red */
		assert_int_equal(strstr(shown.text, "  status   86") != NULL,
				 table[i].mode == WS_MODE_ENFORCE);
	}
	/* an alert accuses nobody: nothing is to be removed or permitted */
	record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_NPMRC, WS_ALERT, WS_EFFECT_NONE,
		       "/home/ci/.npmrc");
	show(&no_fate);
	assert_row("next", "Look at it.");
	assert_null(strstr(shown.text, "status"));
	assert_null(strstr(shown.text, "permit"));
	assert_null(strstr(shown.text, "uninstall"));
}

/* With the answer: the dependency of the project, by its own manager. */
static void what_brings_it_in(void **state)
{
	struct dependents d = { .found = 1, .manifest = true, .lock = true };
	struct block_fate fate = { .dependents = &d };

	(void)state;
	strcpy(d.names[0], "core");
	record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED,
		       "/x");
	show(&fate);
	assert_row("next", "core brings it in. Remove that: npm uninstall core --ignore-scripts");
	strcpy(d.names[0], "$(reboot)");
	show(&fate);
	assert_null(strstr(shown.text, "reboot"));
}

/* No row of what to do is longer than people read. */
static void short_rows(void **state)
{
	struct dependents d = { .found = 3, .manifest = true };
	struct block_fate fate = { .dependents = &d };
	char *line, *rest = NULL;

	(void)state;
	for (int i = 0; i < 3; i++)
		memset(d.names[i], 'a' + i, DEPENDENTS_NAME - 1);
	record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, WS_EFFECT_NONE, "/x");
	show(&fate);
	for (line = strtok_r(shown.text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (strlen(line) > 200 + strlen("  label    "))
			fail_msg("%s", line);
}

/* The heading says what becomes of the script, not what the rule is called. */
static void headings(void **state)
{
	static const struct {
		enum ws_action action;
		enum ws_effect effect;
		enum ws_mode mode;
		const char *heading;
	} table[] = {
		{ WS_STOP, WS_EFFECT_REFUSED, WS_MODE_ENFORCE, "STOPPED" },
		{ WS_KILL, WS_EFFECT_REFUSED, WS_MODE_ENFORCE, "STOPPED" },
		{ WS_DENY, WS_EFFECT_KILLED_BEFORE, WS_MODE_ENFORCE, "STOPPED" },
		{ WS_DENY, WS_EFFECT_REFUSED, WS_MODE_ENFORCE, "REFUSED" },
		{ WS_HIDE, WS_EFFECT_REFUSED, WS_MODE_ENFORCE, "HIDDEN" },
		{ WS_ALERT, WS_EFFECT_NONE, WS_MODE_ENFORCE, "ALERT" },
		{ WS_KILL, WS_EFFECT_NONE, WS_MODE_AUDIT, "WOULD STOP" },
		{ WS_DENY, WS_EFFECT_NONE, WS_MODE_AUDIT, "WOULD REFUSE" },
		{ WS_ALERT, WS_EFFECT_NONE, WS_MODE_AUDIT, "ALERT" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		char first[64];

		record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_SECRET, table[i].action,
			       table[i].effect, "/x");
		r.mode = table[i].mode;
		show(&no_fate);
		snprintf(first, sizeof(first), "\nwormsign: %s  evil@1.4.2", table[i].heading);
		if (strncmp(shown.text, first, strlen(first)) != 0)
			fail_msg("not %s:%s", first, shown.text);
	}
}

/* How long a death took is said only where it is known, and what died is named. */
static void deaths(void **state)
{
	static const struct {
		uint64_t condemned_at, died_at;
		const char *row;
	} table[] = {
		{ 399 * MS, 401 * MS,
		  "kill: refused before a byte was read; scope killed 2.0 ms "
		  "after the hook" },
		{ 0, 401 * MS,
		  "kill: refused before a byte was read; scope killed 1.0 ms after "
		  "the hook" },
		/* clocks of two CPUs: no negative time */
		{ 402 * MS, 401 * MS,
		  "kill: refused before a byte was read; scope killed 1.0 ms "
		  "after the hook" },
		{ 0, 399 * MS, "kill: refused before a byte was read; scope killed" },
		{ 0, 0, "kill: refused before a byte was read; scope killed" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct block_fate fate = { .condemned_at = table[i].condemned_at,
					   .died_at = table[i].died_at };

		record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_SECRET, WS_KILL,
			       WS_EFFECT_REFUSED, "/x");
		show(&fate);
		assert_row("verdict", table[i].row);
	}
	r.action = WS_STOP;
	show(&no_fate);
	assert_row("verdict", "stop: refused before a byte was read; session stopped");
	r.action = WS_KILL;
	r.head.scope = 0;
	show(&no_fate);
	assert_row("verdict", "kill: refused before a byte was read; process killed");
	r.action = WS_DENY;
	show(&no_fate);
	assert_row("verdict", "deny: refused before a byte was read");
}

static void what_is_not_known(void **state)
{
	struct actor stranger = { 77, 76, 1, 999, WS_ACTOR_PACKAGE, "wget" };

	(void)state;
	record_verdict(&r, &stranger, 400 * MS, WS_OP_READ, 200, WS_DENY, WS_EFFECT_REFUSED, NULL);
	r.head.flags = WS_F_PATH_UNREAD;
	block.log_path = NULL;
	show(&no_fate);
	block.log_path = "s.jsonl";
	assert_string_equal(shown.text,
			    "\nwormsign: REFUSED  an unknown script\n"
			    "  tried    read something whose path could not be resolved\n"
			    "  rule     engine-unknown (medium): A rule that is not among those "
			    "loaded\n"
			    "  process  wget (lineage incomplete) [pid 77]\n"
			    "  verdict  deny: refused before a byte was read\n"
			    "  next     Nothing was read: no credential needs to be rotated.\n"
			    "  status   86, whatever the command returns: a rule of verdict deny "
			    "fired\n");
}

static void a_target_and_a_count(void **state)
{
	struct block_fate fate = { .times = 3 };

	(void)state;
	record_verdict(&r, &node, 400 * MS, WS_OP_MEMORY, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED,
		       NULL);
	r.target_pid = npm.pid;
	show(&fate);
	assert_row("tried", "reach into the memory of process 10 (npm) (3 times)");
	r.target_pid = 4321;
	fate.times = 1;
	show(&fate);
	assert_row("tried", "reach into the memory of process 4321");
}

/* Names that an attacker chose: what the package poses as is shown, and nothing is obeyed. */
static void hostile_names(void **state)
{
	struct actor other = { 20, 10, 500 * MS, 8, WS_ACTOR_PACKAGE, "sh" };
	struct ws_rec_scope scope;

	(void)state;
	record_scope(&scope, &other, 501 * MS, "x;reboot\n::error::", "1", "install");
	strcpy(scope.scope.declared, "react\033[2J");
	scope_table_add(context.scopes, &scope);
	record_verdict(&r, &other, 600 * MS, WS_OP_READ, RULE_SECRET, WS_DENY, WS_EFFECT_REFUSED,
		       "/x");
	show(&no_fate);
	assert_row("name", "it calls itself react\\x1b[2J");
	assert_row("next", "Take the dependency that brings it in out of package.json by hand, "
			   "then: npm install --ignore-scripts");
	assert_null(strchr(shown.text, '\033'));
	assert_null(strstr(shown.text, "\n::"));
}

static void a_leftover(void **state)
{
	struct session_leftover l = {
		.pid = 12, .scope = RECORDS_SCOPE, .actor = WS_ACTOR_PACKAGE, .comm = "node"
	};

	(void)state;
	context.mode = WS_MODE_ENFORCE;
	block_leftover(&block, &l);
	shown_text(&shown);
	assert_memory_equal(shown.text, "\nwormsign: STOPPED  evil@1.4.2 (postinstall)\n", 44);
	assert_row("tried", "outlive the command");
	assert_row("process", "npm ci > node setup.js [pid 12]");
	assert_row("rule", "outlive (high): A process that keeps running after the installation "
			   "can act when it is no longer watched.");
	assert_row("verdict", "kill: killed when the command had ended");
	assert_row("log", "s.jsonl");
	context.mode = WS_MODE_AUDIT;
	l.pid = 555;
	block_leftover(&block, &l);
	shown_text(&shown);
	context.mode = WS_MODE_ENFORCE;
	assert_memory_equal(shown.text, "\nwormsign: WOULD STOP  evil", 27);
	assert_row("process", "node (lineage incomplete) [pid 555]");
	assert_row("verdict", "kill: killed when the command had ended, as in any mode");
}

/* Only what accuses somebody is red. */
static void colours(void **state)
{
	(void)state;
	shown.terminal.colour = true;
	record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_SECRET, WS_DENY, WS_EFFECT_REFUSED,
		       "/x");
	show(&no_fate);
	assert_non_null(strstr(shown.text, "\033[1;31mREFUSED"));
	r.action = WS_HIDE;
	show(&no_fate);
	assert_non_null(strstr(shown.text, "\033[1mHIDDEN"));
	shown.terminal.colour = false;
}

/* A package that declares nothing, or what its directory is called, poses as nothing. */
static void honest_names(void **state)
{
	struct actor other = { 30, 10, 700 * MS, 9, WS_ACTOR_PACKAGE, "sh" };
	struct ws_rec_scope scope;

	(void)state;
	record_scope(&scope, &other, 701 * MS, "honest", "1", "install");
	scope_table_add(context.scopes, &scope);
	record_verdict(&r, &other, 800 * MS, WS_OP_READ, RULE_SECRET, WS_DENY, WS_EFFECT_REFUSED,
		       "/x");
	show(&no_fate);
	assert_null(strstr(shown.text, "calls itself"));
	scope.scope.declared[0] = '\0';
	scope_table_add(context.scopes, &scope);
	show(&no_fate);
	assert_null(strstr(shown.text, "calls itself"));
	strcpy(scope.scope.declared, "declared");
	scope.scope.name[0] = '\0';
	scope_table_add(context.scopes, &scope);
	show(&no_fate);
	assert_null(strstr(shown.text, "calls itself"));
	assert_memory_equal(shown.text, "\nwormsign: REFUSED  declared@1", 30);
}

static void other_actors(void **state)
{
	(void)state;
	record_verdict(&r, &npm, 400 * MS, WS_OP_READ, RULE_SECRET, WS_DENY, WS_EFFECT_REFUSED,
		       "/x");
	show(&no_fate);
	assert_memory_equal(shown.text, "\nwormsign: REFUSED  the package manager\n", 40);
	record_verdict(&r, &job, 400 * MS, WS_OP_READ, RULE_SECRET, WS_DENY, WS_EFFECT_REFUSED,
		       "/x");
	show(&no_fate);
	assert_memory_equal(shown.text, "\nwormsign: REFUSED  the command\n", 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_block),     cmocka_unit_test(what_applies),
		cmocka_unit_test(what_brings_it_in), cmocka_unit_test(short_rows),
		cmocka_unit_test(headings),	     cmocka_unit_test(deaths),
		cmocka_unit_test(what_is_not_known), cmocka_unit_test(a_target_and_a_count),
		cmocka_unit_test(hostile_names),     cmocka_unit_test(a_leftover),
		cmocka_unit_test(other_actors),	     cmocka_unit_test(colours),
		cmocka_unit_test(honest_names),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
