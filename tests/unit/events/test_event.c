// SPDX-License-Identifier: GPL-2.0-only
/* test_event.c - every kind of event: what it says, and that the schema knows all of it. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/event.h"
#include "json_schema.h"
#include "records.h"
#include "some_rules.h"

#define MS	 1000000ULL
#define REALTIME 1795516489000000000ULL /* 2026-11-24T10:34:49Z */

static const struct actor npm = { 10, 5, 100 * MS, 0, WS_ACTOR_MANAGER, "npm" };
static const struct actor node = { 12, 10, 300 * MS, RECORDS_SCOPE, WS_ACTOR_PACKAGE, "node" };

static struct event_context c;
static struct process_table *processes;
static json_t *schema;

static int begin(void **state)
{
	struct ws_rec_exec exec;
	struct ws_rec_scope scope;
	json_error_t error;

	(void)state;
	schema = json_load_file("user/event.schema.json", 0, &error);
	if (!schema)
		print_error("user/event.schema.json: %s\n", error.text);
	processes = process_table_new(NULL);
	c = (struct event_context){ .rules = some_rules(false),
				    .processes = processes,
				    .scopes = scope_table_new(),
				    .session = RECORDS_SESSION,
				    .mode = WS_MODE_ENFORCE,
				    .backend = WS_BACKEND_DENY,
				    .realtime = REALTIME,
				    .host = "runner-1",
				    .host_id = "0123456789abcdef0123456789abcdef",
				    .cwd = "/work/proj",
				    .command = "npm ci",
				    .user = "ci",
				    .uid = 1000 };
	record_exec(&exec, &npm, 101 * MS, "/usr/bin/node", "npm|install");
	process_table_exec(processes, &exec);
	record_scope(&scope, &node, 301 * MS, "@acme/x", "1.4.2", "postinstall");
	scope_table_add(c.scopes, &scope);
	record_exec(&exec, &node, 302 * MS, "/usr/bin/node", "node|setup.js|--token|abc");
	process_table_exec(processes, &exec);
	return schema ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	scope_table_free(c.scopes);
	process_table_free(processes);
	json_decref(schema);
	return 0;
}

static const json_t *at(const json_t *e, const char *path)
{
	char part[64];

	while (e && *path) {
		size_t n = strcspn(path, "/");

		memcpy(part, path, n);
		part[n] = '\0';
		e = json_object_get(e, part);
		path += n + (path[n] == '/');
	}
	return e;
}

static void is(const json_t *e, const char *path, const char *want)
{
	const char *s = json_string_value(at(e, path));

	if (!s || strcmp(s, want) != 0)
		fail_msg("%s is %s, not %s", path, s ? s : "absent", want);
}

static void has(const json_t *e, const char *path, const char *item)
{
	const json_t *list = at(e, path), *one;
	size_t i;

	json_array_foreach(list, i, one)
		if (strcmp(json_string_value(one), item) == 0)
			return;
	fail_msg("%s has no %s", path, item);
}

/* The schema knows all of it, and the secret of these tests is nowhere in it. */
static void valid(json_t *e)
{
	char why[512] = "", *text = json_dumps(e, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (!e || json_schema_check(schema, e, why, sizeof(why)))
		fail_msg("%s\n%s", why, text ? text : "no event");
	assert_null(strstr(text, "abc\""));
	free(text);
}

static void session_start(void **state)
{
	char *command[] = { "npm", "ci", "--//h/:_authToken=abc", NULL };
	struct session_start s = { .command = command,
				   .cwd = "/work/proj",
				   .home = "/home/ci",
				   .user = "ci",
				   .uid = 1000,
				   .gid = 1000,
				   .rules_dirs = "/usr/share/x" };
	json_t *e = event_session_start(&c, 90 * MS, &s);

	(void)state;
	valid(e);
	is(e, "event/action", "session-start");
	is(e, "@timestamp", "2026-11-24T10:34:49.090Z");
	is(e, "process/command_line", "npm ci --//h/:_authToken=[redacted]");
	is(e, "process/working_directory", "/work/proj");
	is(e, "user/name", "ci");
	is(e, "host/name", "runner-1");
	is(e, "wormsign/session", "1122334455667788");
	assert_int_equal(json_integer_value(at(e, "event/sequence")), c.sequence);
	is(e, "host/id", "0123456789abcdef0123456789abcdef");
	is(e, "message", "npm ci --//h/:_authToken=[redacted] was started");
	json_decref(e);
}

/* Ids tell events apart, and are the same when the same session is written again. */
static void ids(void **state)
{
	struct event_context again = c;
	struct session_start s = { 0 };
	json_t *one = event_session_start(&c, 90 * MS, &s),
	       *two = event_session_start(&c, 90 * MS, &s),
	       *copy = event_session_start(&again, 90 * MS, &s);
	const char *id = json_string_value(at(one, "event/id"));
	char want[64];

	(void)state;
	snprintf(want, sizeof(want), "1122334455667788-%d",
		 (int)json_integer_value(at(one, "event/sequence")));
	assert_string_equal(id, want);
	assert_string_not_equal(id, json_string_value(at(two, "event/id")));
	is(copy, "event/id", id);
	json_decref(one);
	json_decref(two);
	json_decref(copy);
}

/* The session's own status is not the command's. */
static void statuses(void **state)
{
	static const struct {
		int command;
		enum ws_mode mode;
		enum ws_action strongest;
		uint64_t lost;
		bool broken;
		int status;
		const char *outcome;
	} table[] = {
		{ 0, WS_MODE_ENFORCE, WS_ALERT, 0, false, 0, "success" },
		{ 3, WS_MODE_ENFORCE, WS_HIDE, 0, false, 3, "failure" },
		{ 0, WS_MODE_ENFORCE, WS_DENY, 0, false, 86, "failure" },
		{ 3, WS_MODE_ENFORCE, WS_KILL, 9, true, 86, "failure" },
		{ 0, WS_MODE_AUDIT, WS_KILL, 0, false, 0, "success" },
		{ 0, WS_MODE_AUDIT, WS_ALERT, 1, false, 125, "failure" },
		{ 3, WS_MODE_ENFORCE, WS_ALERT, 1, false, 3, "failure" },
		{ 0, WS_MODE_ENFORCE, WS_ALERT, 0, true, 125, "failure" },
		{ 137, WS_MODE_ENFORCE, WS_ALLOW, 0, false, 137, "failure" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct session_end end = { .command_status = table[i].command,
					   .broken = table[i].broken };
		struct session_counts n = { 0 };
		json_t *e;

		end.lost[WS_LOST_ALERT] = table[i].lost;
		c.mode = table[i].mode;
		e = event_session_end(&c, 900 * MS, &end, &n, table[i].strongest);
		c.mode = WS_MODE_ENFORCE;
		valid(e);
		assert_int_equal(json_integer_value(at(e, "process/exit_code")), table[i].status);
		assert_int_equal(json_integer_value(at(e, "wormsign/status")), table[i].status);
		assert_int_equal(json_integer_value(at(e, "wormsign/command_status")),
				 table[i].command);
		is(e, "event/outcome", table[i].outcome);
		json_decref(e);
	}
}

static void scope(void **state)
{
	struct ws_rec_scope r;
	json_t *e;

	(void)state;
	record_scope(&r, &node, 301 * MS, "@acme/x", "1.4.2", "postinstall");
	e = event_scope(&c, &r);
	valid(e);
	is(e, "event/action", "scope");
	is(e, "package/name", "@acme/x");
	is(e, "package/version", "1.4.2");
	is(e, "wormsign/event", "postinstall");
	is(e, "wormsign/directory", "/work/proj/node_modules/@acme/x");
	is(e, "message", "@acme/x@1.4.2 (postinstall) started");
	json_decref(e);
}

static void exec(void **state)
{
	struct ws_rec_exec r;
	json_t *e;

	(void)state;
	record_exec(&r, &node, 302 * MS, "/usr/bin/node", "node|setup.js|--token|abc");
	r.head.flags = WS_F_ARGV_CUT;
	e = event_exec(&c, &r);
	valid(e);
	is(e, "process/executable", "/usr/bin/node");
	is(e, "process/name", "node");
	is(e, "process/command_line", "node setup.js --token [redacted] ...");
	is(e, "process/parent/executable", "/usr/bin/node");
	is(e, "wormsign/lineage", "npm install > node setup.js --token [redacted]");
	is(e, "process/entity_id", "1122334455667788-12-11e1a300");
	has(e, "wormsign/flags", "argv-cut");
	json_decref(e);
}

static void verdict(void **state)
{
	struct ws_rec_verdict r;
	json_t *e;

	(void)state;
	record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED,
		       "/home/ci/.aws/credentials");
	r.labels = 1;
	r.fired.w[0] |= 1ULL << RULE_NPMRC;
	e = event_verdict(&c, &r);
	valid(e);
	is(e, "event/kind", "alert");
	is(e, "event/outcome", "failure");
	has(e, "event/category", "file");
	has(e, "event/category", "intrusion_detection");
	has(e, "event/type", "denied");
	assert_int_equal(json_integer_value(at(e, "event/severity")), 99);
	is(e, "rule/id", "cloud-credentials-read");
	is(e, "rule/ruleset", "secrets");
	is(e, "rule/reference", "https://example.org/a");
	has(e, "wormsign/references", "https://example.org/a");
	is(e, "wormsign/project", "/work/proj");
	is(e, "wormsign/command", "npm ci");
	is(e, "process/command_line", "node setup.js --token [redacted]");
	has(e, "threat/technique/id", "T1552");
	has(e, "threat/technique/id", "T1195");
	has(e, "threat/technique/subtechnique/id", "T1552.001");
	has(e, "threat/tactic/id", "TA0006");
	has(e, "threat/tactic/name", "Credential Access");
	is(e, "file/path", "/home/ci/.aws/credentials");
	is(e, "file/name", "credentials");
	is(e, "wormsign/verdict", "kill");
	is(e, "wormsign/effect", "refused");
	is(e, "wormsign/operation", "read");
	is(e, "wormsign/place", "home");
	is(e, "wormsign/severity", "critical");
	has(e, "wormsign/labels", "secret-read");
	has(e, "wormsign/also_fired", "npmrc-read");
	is(e, "message",
	   "@acme/x@1.4.2 (postinstall) tried to read /home/ci/.aws/credentials: refused before a "
	   "byte was read");
	json_decref(e);
}

/* Hiding a file is hardening, not an accusation. */
static void hidden(void **state)
{
	struct ws_rec_verdict r;
	json_t *e, *item;
	size_t i;

	(void)state;
	record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_HOME, WS_HIDE, WS_EFFECT_REFUSED,
		       "/home/ci/notes");
	e = event_verdict(&c, &r);
	valid(e);
	is(e, "event/kind", "event");
	json_array_foreach(at(e, "event/category"), i, item)
		assert_string_not_equal(json_string_value(item), "intrusion_detection");
	json_decref(e);
}

/* All operations, effects and flags; what is odd is still an event the schema knows. */
static void every_verdict(void **state)
{
	struct ws_rec_verdict r;

	(void)state;
	for (unsigned op = 0; op < WS_OP_MAX; op++)
		for (unsigned effect = 0; effect < WS_EFFECT_MAX; effect++)
			for (unsigned action = 0; action < WS_ACTION_MAX; action++) {
				json_t *e;

				record_verdict(&r, &node, 400 * MS, op,
					       op % 2 ? RULE_SECRET : WS_RULE_UNRESOLVED, action,
					       effect, op % 3 ? "/home/ci/x" : NULL);
				r.mode = effect % 2;
				r.target_pid = op == WS_OP_SIGNAL ? 10 : 0;
				r.amount = op == WS_OP_SEND ? 1000 : 0;
				r.path2_valid = 1;
				r.path2.len = wire_path(r.path2.bytes, "/home/ci/y");
				r.argv_valid = 1;
				r.argv.len = wire_words(r.argv.bytes, "node|x");
				r.to.family = op == WS_OP_CONNECT ? AF_INET6 : 0;
				r.head.flags = 0xffff & ~WS_F_PATH_UNREAD;
				r.labels = ~0ULL;
				e = event_verdict(&c, &r);
				valid(e);
				json_decref(e);
			}
}

static void unknown_script(void **state)
{
	struct actor a = { 77, 76, 1, 999, WS_ACTOR_PACKAGE, NULL };
	struct ws_rec_verdict r;
	json_t *e;

	(void)state;
	record_verdict(&r, &a, 400 * MS, WS_OP_READ, 200, WS_KILL, WS_EFFECT_KILLED_BEFORE, NULL);
	r.head.flags = WS_F_PATH_UNREAD;
	e = event_verdict(&c, &r);
	valid(e);
	is(e, "rule/id", "engine-unknown");
	is(e, "wormsign/scope", "00000000000003e7");
	is(e, "wormsign/lineage", "(lineage incomplete)");
	assert_true(json_is_true(at(e, "wormsign/lineage_incomplete")));
	assert_null(at(e, "file"));
	is(e, "message",
	   "an unknown script tried to read something whose path could not be resolved: killed "
	   "before a byte was read");
	json_decref(e);
}

/* Bytes that must not reach a log as they are. */
static void hostile_bytes(void **state)
{
	struct ws_rec_verdict r;
	const char *path;
	json_t *e;

	(void)state;
	record_verdict(&r, &node, 400 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, WS_EFFECT_REFUSED,
		       "/home/ci/\xff\x1b[2J##[add-path]x\n::error::y");
	r.argv_valid = 1;
	r.argv.len = wire_words(r.argv.bytes, "\xff\xfe|::set-env name=A::b|a\nb");
	e = event_verdict(&c, &r);
	valid(e);
	path = json_string_value(at(e, "file/path"));
	assert_string_equal(path, "/home/ci/\\xff\x1b[2J#\\x23[add-path]x\n::error::y");
	has(e, "process/args", ":\\x3aset-env name=A::b");
	json_decref(e);
}

static void death(void **state)
{
	struct ws_rec_exit r;
	json_t *e;

	(void)state;
	record_death(&r, &node, 400 * MS + 400000, 400 * MS);
	e = event_death(&c, &r);
	valid(e);
	assert_int_equal(json_integer_value(at(e, "wormsign/signal")), 9);
	assert_int_equal(json_integer_value(at(e, "process/pid")), node.pid);
	is(e, "wormsign/actor", "package");
	is(e, "package/name", "@acme/x");
	assert_true(json_real_value(at(e, "wormsign/ms_to_kill")) > 0.39 &&
		    json_real_value(at(e, "wormsign/ms_to_kill")) < 0.41);
	json_decref(e);
	r.condemned_at = r.head.time + 1; /* of another CPU's clock: no negative time */
	r.code = 256;
	e = event_death(&c, &r);
	valid(e);
	assert_null(at(e, "wormsign/ms_to_kill"));
	assert_int_equal(json_integer_value(at(e, "process/exit_code")), 1);
	json_decref(e);
}

static void net(void **state)
{
	struct ws_rec_net r;
	json_t *e;

	(void)state;
	record_net(&r, &node, 400 * MS, "2001:db8::5", 443);
	r.bytes = 17;
	e = event_net(&c, &r);
	valid(e);
	is(e, "destination/ip", "2001:db8::5");
	is(e, "network/type", "ipv6");
	is(e, "network/transport", "tcp");
	assert_int_equal(json_integer_value(at(e, "destination/port")), 443);
	json_decref(e);
}

static void leftover(void **state)
{
	struct session_leftover l = { .pid = 12,
				      .scope = RECORDS_SCOPE,
				      .actor = WS_ACTOR_PACKAGE,
				      .comm = "node",
				      .labels = 1 };
	json_t *e = event_leftover(&c, 900 * MS, &l);

	(void)state;
	valid(e);
	is(e, "event/kind", "alert");
	is(e, "rule/id", "outlive");
	is(e, "wormsign/verdict", "kill");
	is(e, "wormsign/operation", "outlive");
	is(e, "message",
	   "@acme/x@1.4.2 (postinstall) was still running after the command had ended");
	json_decref(e);
	l.labels = 0;
	e = event_leftover(&c, 900 * MS, &l);
	valid(e);
	is(e, "event/kind", "event");
	assert_null(at(e, "rule/id"));
	json_decref(e);
	l = (struct session_leftover){ .pid = 555, .actor = WS_ACTOR_JOB, .comm = "daemon" };
	e = event_leftover(&c, 900 * MS, &l);
	valid(e);
	is(e, "event/kind", "event");
	assert_null(at(e, "wormsign/verdict"));
	json_decref(e);
}

static void residue(void **state)
{
	struct residue_item item = { .place = 0, .made = true, .path = "/home/u/a\nb" };
	json_t *e = event_residue(&c, 900 * MS, &item);

	(void)state;
	valid(e);
	is(e, "event/kind", "event");
	is(e, "wormsign/residue/what", residue_places[0].what);
	is(e, "wormsign/residue/change", "new");
	is(e, "file/path", "/home/u/a\nb");
	assert_null(at(e, "package/name")); /* nobody knows who it was */
	json_decref(e);
	item = (struct residue_item){ .place = RESIDUE_SOCKET,
				      .path = "127.0.0.1:80 (tcp)",
				      .scope = RECORDS_SCOPE,
				      .actor = WS_ACTOR_PACKAGE };
	e = event_residue(&c, 900 * MS, &item);
	valid(e);
	is(e, "wormsign/residue/socket", "127.0.0.1:80 (tcp)");
	is(e, "package/name", "@acme/x");
	is(e, "message", "listening socket 127.0.0.1:80 (tcp), by @acme/x@1.4.2 (postinstall)");
	json_decref(e);
}

static void session_end(void **state)
{
	struct session_end finish = { .status = 86 << 8,
				      .missed = 2,
				      .coverage = { .deny = 1u << WS_OP_READ,
						    .kill = 1u << WS_OP_UNLINK,
						    .watch = 1u << WS_OP_LISTEN,
						    .blind = 1u << WS_OP_CONNECT } };
	struct session_counts counts = { .processes = 3, .unwritten = 1 };
	json_t *e;

	(void)state;
	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		finish.lost[i] = i + 1;
	e = event_session_end(&c, 999 * MS, &finish, &counts, WS_KILL);
	valid(e);
	is(e, "wormsign/strongest", "kill");
	/* what counts verdicts must not count this line */
	assert_null(at(e, "wormsign/verdict"));
	assert_int_equal(json_integer_value(at(e, "process/exit_code")), 86);
	assert_int_equal(json_integer_value(at(e, "wormsign/lost/exec")), WS_LOST_EXEC + 1);
	assert_int_equal(json_integer_value(at(e, "wormsign/lost/log-lines")), 1);
	has(e, "wormsign/coverage/deny", "read");
	has(e, "wormsign/coverage/kill", "unlink");
	has(e, "wormsign/coverage/watch", "listen");
	has(e, "wormsign/coverage/blind", "connect");
	json_decref(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_start),  cmocka_unit_test(ids),
		cmocka_unit_test(statuses),	  cmocka_unit_test(scope),
		cmocka_unit_test(exec),		  cmocka_unit_test(verdict),
		cmocka_unit_test(hidden),	  cmocka_unit_test(every_verdict),
		cmocka_unit_test(unknown_script), cmocka_unit_test(hostile_bytes),
		cmocka_unit_test(death),	  cmocka_unit_test(net),
		cmocka_unit_test(leftover),	  cmocka_unit_test(residue),
		cmocka_unit_test(session_end),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
