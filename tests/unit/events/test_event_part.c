// SPDX-License-Identifier: GPL-2.0-only
/* test_event_part.c - the parts of events, one by one: what is there, and what is left out. */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/event_part.h"
#include "records.h"
#include "some_rules.h"

/* The event is this JSON, whatever the order of its members. Both references are dropped. */
static void assert_json(json_t *event, const char *want)
{
	json_t *expected = json_loads(want, JSON_DECODE_ANY, NULL);

	if (!expected || !json_equal(event, expected)) {
		char *text = json_dumps(event, JSON_ENCODE_ANY | JSON_SORT_KEYS);

		fail_msg("%s\nis not\n%s", text, want);
	}
	json_decref(event);
	json_decref(expected);
}

static void strings(void **state)
{
	json_t *o = json_object();

	(void)state;
	assert_json(part_text("a ghp_0123456789abcdefghij\x7f", 27), "\"a [redacted]\\\\x7f\"");
	assert_json(part_clean("a ghp_0123456789abcdefghij\x7f", 27),
		    "\"a ghp_0123456789abcdefghij\\\\x7f\"");
	assert_json(part_clean("a\0b", 3), "\"a\\\\x00b\"");
	assert_json(part_id(0x1f), "\"000000000000001f\"");
	assert_json(part_id(UINT64_MAX), "\"ffffffffffffffff\"");
	assert_json(part_time(1795516489123999999ULL), "\"2026-11-24T10:34:49.123Z\"");
	part_set_text(o, "a", NULL);
	part_set_text(o, "b", "");
	part_set_clean(o, "c", NULL);
	part_set_clean(o, "d", "");
	part_set(o, "e", NULL); /* memory ran out for it */
	part_set_text(o, "f", "token=x");
	part_set_clean(o, "g", "token=x");
	part_set(part_object(o, "h"), "i", json_true());
	part_set(part_object(o, "h"), "j", json_true());
	assert_json(o, "{\"f\": \"token=[redacted]\", \"g\": \"token=x\", "
		       "\"h\": {\"i\": true, \"j\": true}}");
}

static void lists(void **state)
{
	(void)state;
	assert_json(part_label_names(some_rules(false), 1), "[\"secret-read\"]");
	assert_json(part_label_names(some_rules(false), 6), "[\"label-1\", \"label-2\"]");
	assert_json(part_label_names(NULL, 1ULL << 63), "[\"label-63\"]");
	assert_json(part_op_names(1u << WS_OP_READ | 1u << WS_OP_OUTLIVE | 1u << WS_OP_MAX),
		    "[\"read\", \"outlive\"]");
	assert_json(part_flags(WS_F_PATH_CUT | WS_F_IO_URING), "[\"path-cut\", \"io-uring\"]");
	assert_json(part_flags(0), "[]");
}

static void processes(void **state)
{
	struct actor who = { 12, 10, 300000000, 7, WS_ACTOR_PACKAGE, "node" };
	struct event_context c = { .session = 0xab, .user = "ci", .uid = 1000 };
	struct process parent = { .pid = 10, .started = 5, .comm = "npm" };
	struct process p = { .pid = 12, .comm = "node", .parent = &parent };
	struct ws_rec_exit r;
	json_t *e = json_object();

	(void)state;
	record_exit(&r, &who, 400000000);
	part_process(e, &c, &r.head, NULL);
	assert_json(
		e,
		"{\"process\": {\"pid\": 12, \"entity_id\": \"00000000000000ab-12-11e1a300\", "
		"\"start\": \"1970-01-01T00:00:00.300Z\", \"name\": \"node\", "
		"\"thread\": {\"id\": 12, \"name\": \"node\"}, \"parent\": {\"pid\": 10}}, "
		"\"user\": {\"id\": \"1000\", \"name\": \"ci\", \"group\": {\"id\": \"1000\"}}}");

	parent.images[0] = (struct image){ .exe = "/usr/bin/npm" };
	p.images[0] = (struct image){ .exe = "/usr/bin/node" };
	parent.image_count = p.image_count = 1;
	r.head.uid = 0;
	e = json_object();
	part_process(e, &c, &r.head, &p);
	assert_json(
		e,
		"{\"process\": {\"pid\": 12, \"entity_id\": \"00000000000000ab-12-11e1a300\", "
		"\"start\": \"1970-01-01T00:00:00.300Z\", \"name\": \"node\", "
		"\"executable\": \"/usr/bin/node\", \"thread\": {\"id\": 12, \"name\": \"node\"}, "
		"\"parent\": {\"pid\": 10, \"entity_id\": \"00000000000000ab-10-5\", "
		"\"executable\": \"/usr/bin/npm\", \"name\": \"npm\"}}, \"wormsign\": {"
		"\"ancestors\": [\"00000000000000ab-10-5\"], \"ancestor_names\": [\"npm\"]}, "
		"\"user\": {\"id\": \"0\", \"group\": {\"id\": \"1000\"}}}");

	/* Another name than its parent's and no program: its exec is not known yet. */
	p.image_count = 0;
	e = json_object();
	part_process(e, &c, &r.head, &p);
	assert_null(json_object_get(json_object_get(e, "process"), "executable"));
	json_decref(e);
	/* The same name: it runs what its parent runs. */
	strcpy(p.comm, "npm");
	p.skipped = 1; /* and its parent in the table is no longer its parent in truth */
	e = json_object();
	part_process(e, &c, &r.head, &p);
	assert_null(json_object_get(json_object_get(json_object_get(e, "process"), "parent"),
				    "entity_id"));
	p.skipped = 0;
	part_process(e, &c, &r.head, &p);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(e, "process"), "executable")),
		"/usr/bin/npm");
	json_decref(e);
	/* Programs whose paths could not be read. */
	parent.images[0].exe = NULL;
	e = json_object();
	part_process(e, &c, &r.head, &p);
	assert_null(json_object_get(json_object_get(e, "process"), "executable"));
	json_decref(e);
}

static void argvs(void **state)
{
	json_t *e = json_object();

	(void)state;
	part_argv(e, "sh\0-c\0x 'y'\0--token\0abc", 23, true);
	assert_json(e, "{\"process\": {\"args\": [\"sh\", \"-c\", \"x 'y'\", \"--token\", "
		       "\"[redacted]\"], \"args_count\": 5, "
		       "\"command_line\": \"sh -c 'x '\\\\''y'\\\\''' --token [redacted] ...\"}}");
	/* Only the last word was cut, and what it ends with may be part of a password. */
	e = json_object();
	part_argv(e, "https://h:p\0https://h:p", 23, true);
	assert_json(e, "{\"process\": {\"args\": [\"https://h:p\", \"https://h:[redacted]\"], "
		       "\"args_count\": 2, "
		       "\"command_line\": \"https://h:p https://h:[redacted] ...\"}}");
	e = json_object();
	part_argv(e, "", 0, false);
	assert_json(e, "{\"process\": {}}");
}

static void paths(void **state)
{
	json_t *e = json_object();

	(void)state;
	part_executable(e, "/usr/bin/node", 13);
	part_file(e, "/a/password=x", 13);
	assert_json(e, "{\"process\": {\"executable\": \"/usr/bin/node\", \"name\": \"node\"}, "
		       "\"file\": {\"path\": \"/a/password=[redacted]\", \"name\": "
		       "\"password=[redacted]\"}}");
	e = json_object();
	part_file(e, "/", 1);
	assert_json(e, "{\"file\": {\"path\": \"/\"}}");
}

static void lineages(void **state)
{
	struct process p = { .pid = 12, .comm = "node", .root = true, .image_count = 1 };
	json_t *e = json_object();

	(void)state;
	p.images[0].label = "node x\xff";
	part_lineage(e, &p);
	assert_json(e, "{\"wormsign\": {\"lineage\": \"node x\\\\xff\"}}");
	e = json_object();
	part_lineage(e, NULL);
	assert_json(e, "{\"wormsign\": {\"lineage\": \"(lineage incomplete)\", "
		       "\"lineage_incomplete\": true}}");
	p.root = false;
	e = json_object();
	part_lineage(e, &p);
	assert_json(e, "{\"wormsign\": {\"lineage\": \"node x\\\\xff (lineage incomplete)\", "
		       "\"lineage_incomplete\": true}}");
}

static void scopes(void **state)
{
	struct scope s = { .id = 7,
			   .actor = WS_ACTOR_PACKAGE,
			   .known = true,
			   .name = "x",
			   .declared = "react",
			   .version = "1",
			   .event = "install",
			   .directory = "/p/x" };
	json_t *e = json_object();

	(void)state;
	part_scope(e, &s);
	assert_json(e,
		    "{\"wormsign\": {\"scope\": \"0000000000000007\", \"event\": \"install\", "
		    "\"directory\": \"/p/x\", \"declared\": \"react\", \"purl\": \"pkg:npm/x@1\"}, "
		    "\"package\": {\"name\": \"x\", \"version\": \"1\", \"type\": \"npm\", "
		    "\"path\": \"/p/x\"}}");
	s.declared = "x"; /* what it declares is what it is */
	e = json_object();
	part_scope(e, &s);
	assert_null(json_object_get(json_object_get(e, "wormsign"), "declared"));
	json_decref(e);
	s.name = s.declared = s.version = s.directory = "";
	s.manager = 1000; /* not one of those known */
	e = json_object();
	part_scope(e, &s);
	assert_json(e, "{\"wormsign\": {\"scope\": \"0000000000000007\", \"event\": \"install\"}}");
	s.known = false;
	e = json_object();
	part_scope(e, &s);
	assert_json(e, "{\"wormsign\": {\"scope\": \"0000000000000007\"}}");
	e = json_object();
	part_scope(e, NULL);
	assert_json(e, "{\"wormsign\": {}}");
}

static void rules(void **state)
{
	struct scope s = { .name = "evil", .declared = "evil" };
	struct verdict_rule rule;
	json_t *e = json_object();

	(void)state;
	verdict_rule(&rule, some_rules(false), RULE_SECRET);
	rule.remedy = "npm uninstall PACKAGE";
	part_rule(e, &rule, &s);
	assert_json(e, "{\"event\": {\"severity\": 99, \"risk_score\": 99, "
		       "\"reason\": \"Install scripts never need cloud "
		       "credentials.\"}, "
		       "\"wormsign\": {\"severity\": \"critical\", \"remedy\": \"npm uninstall "
		       "evil\", \"references\": [\"https://example.org/a\"]}, "
		       "\"rule\": {\"id\": \"cloud-credentials-read\", "
		       "\"name\": \"Install script reads cloud credentials\", "
		       "\"description\": \"Install scripts never need cloud credentials.\", "
		       "\"ruleset\": \"secrets\", \"reference\": \"https://example.org/a\"}, "
		       "\"threat\": {\"framework\": \"MITRE ATT&CK\", "
		       "\"technique\": {\"id\": [\"T1195\", \"T1552\"], "
		       "\"name\": [\"Supply Chain Compromise\", \"Unsecured Credentials\"], "
		       "\"subtechnique\": {\"id\": [\"T1552.001\"], "
		       "\"name\": [\"Credentials In Files\"]}}, "
		       "\"tactic\": {\"id\": [\"TA0001\", \"TA0006\"], "
		       "\"name\": [\"Initial Access\", \"Credential Access\"]}}}");
	verdict_rule(&rule, some_rules(false), RULE_NPMRC); /* without techniques or references */
	e = json_object();
	part_rule(e, &rule, NULL);
	assert_null(json_object_get(e, "threat"));
	assert_null(json_object_get(json_object_get(e, "rule"), "reference"));
	json_decref(e);
	verdict_rule(&rule, NULL, 0);
	e = json_object();
	part_rule(e, &rule, NULL);
	assert_json(e, "{\"event\": {\"severity\": 47, \"risk_score\": 47}, "
		       "\"wormsign\": {\"severity\": \"medium\"}, "
		       "\"rule\": {\"id\": \"engine-unknown\", "
		       "\"name\": \"A rule that is not among those loaded\", "
		       "\"ruleset\": \"engine\"}}");
}

static void relations(void **state)
{
	json_t *e = json_pack("{s:{s:s},s:{s:s,s:s},s:{s:s}}", "host", "name", "h", "user", "id",
			      "1000", "name", "ci", "destination", "ip", "10.0.0.1");

	(void)state;
	part_related(e);
	part_related(NULL);
	json_object_del(e, "host");
	json_object_del(e, "user");
	json_object_del(e, "destination");
	assert_json(e, "{\"related\": {\"hosts\": [\"h\"], \"ip\": [\"10.0.0.1\"], "
		       "\"user\": [\"ci\"]}}");
}

static void networks(void **state)
{
	struct ws_address a = { .family = AF_INET, .port = 443, .protocol = 6 };
	json_t *e = json_object();

	(void)state;
	inet_pton(AF_INET, "203.0.113.9", a.address);
	part_network(e, &a);
	assert_json(e, "{\"destination\": {\"address\": \"203.0.113.9\", \"ip\": \"203.0.113.9\", "
		       "\"port\": 443}, \"network\": {\"type\": \"ipv4\", \"transport\": \"tcp\", "
		       "\"iana_number\": \"6\", \"direction\": \"egress\"}}");
	a = (struct ws_address){ .family = 40, .protocol = 253 };
	e = json_object();
	part_network(e, &a);
	assert_json(e, "{\"destination\": {\"address\": \"family 40\", \"port\": 0}, "
		       "\"network\": {\"iana_number\": \"253\", \"direction\": \"egress\"}}");
	a.family = 0;
	e = json_object();
	part_network(e, &a);
	assert_json(e, "{}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),  cmocka_unit_test(lists), cmocka_unit_test(processes),
		cmocka_unit_test(argvs),    cmocka_unit_test(paths), cmocka_unit_test(lineages),
		cmocka_unit_test(scopes),   cmocka_unit_test(rules), cmocka_unit_test(relations),
		cmocka_unit_test(networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
