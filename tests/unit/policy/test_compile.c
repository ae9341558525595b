// SPDX-License-Identifier: GPL-2.0-only
/* test_compile.c - rules become the masks, lists and limits that policy.h promises. */
#include "policy/compile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "automaton/dfa.h"
#include "rule_dir.h"

struct fixture {
	struct rule_dir d;
	struct ruleset *set;
	struct tables *t;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	rule_dir_make(&f->d);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tables_free(f->t);
	ruleset_free(f->set);
	rule_dir_remove(&f->d);
	free(f);
	return 0;
}

static void build(struct fixture *f)
{
	rule_dir_compile(&f->d, &f->set, &f->t);
}

#define HAS(mask, id) mask_has(&(mask), f->set, id)

static void test_masks(void **state)
{
	struct fixture *f = *state;
	const struct ws_policy *p;

	rule_dir_rule(&f->d, "bare", "read", "alert", "");
	rule_dir_rule(&f->d, "full", "read", "kill",
		      ",\"path\":[\"/a\"],\"exe\":[\"/"
		      "e\"],\"package\":[\"p\"],\"place\":[\"home\",\"tmp\"],"
		      "\"unless\":{\"place\":[\"tmp\"]}");
	rule_dir_rule(&f->d, "net", "send", "deny", ",\"address\":[\"10.0.0.0/8\"],\"port\":[80]");
	rule_dir_rule(&f->d, "run", "exec", "deny", ",\"argv\":[\"a\"]");
	build(f);
	p = &f->t->policy;
	assert_int_equal(p->version, WS_POLICY_VERSION);
	assert_int_equal(p->rule_count, 4);
	assert_true(HAS(p->by_op[WS_OP_READ][WS_ACTOR_PACKAGE], "bare"));
	assert_true(HAS(p->by_op[WS_OP_READ][WS_ACTOR_PACKAGE], "full"));
	assert_false(HAS(p->by_op[WS_OP_READ][WS_ACTOR_PACKAGE], "net"));
	assert_false(HAS(p->by_op[WS_OP_READ][WS_ACTOR_JOB], "bare"));
	assert_false(HAS(p->by_op[WS_OP_NONE][WS_ACTOR_NONE], "bare"));
	assert_true(HAS(p->by_op[WS_OP_SEND][WS_ACTOR_PACKAGE], "net"));

	assert_true(HAS(p->by_place[WS_PLACE_HOME], "full"));
	assert_true(HAS(p->by_place[WS_PLACE_TMP], "full"));
	assert_false(HAS(p->by_place[WS_PLACE_OWN], "full"));
	assert_false(HAS(p->by_place[WS_PLACE_UNKNOWN], "full"));
	assert_true(HAS(p->by_place[WS_PLACE_UNKNOWN], "bare"));
	assert_true(HAS(p->by_place[WS_PLACE_OWN], "bare"));
	assert_true(HAS(p->except_place[WS_PLACE_TMP], "full"));
	assert_false(HAS(p->except_place[WS_PLACE_HOME], "full"));

	assert_true(HAS(p->any_path, "bare"));
	assert_false(HAS(p->any_path, "full"));
	assert_false(HAS(p->any_exe, "full"));
	assert_false(HAS(p->any_package, "full"));
	assert_true(HAS(p->any_package, "net"));
	assert_false(HAS(p->any_address, "net"));
	assert_false(HAS(p->any_port, "net"));
	assert_true(HAS(p->any_port, "full"));
	assert_false(HAS(p->any_argv, "run"));
	assert_true(HAS(p->any_argv, "net"));
}

static void test_rule_records(void **state)
{
	struct fixture *f = *state;
	const struct ws_rule *r;
	int one, two;

	rule_dir_rule(&f->d, "a", "read", "kill", ",\"label\":\"one\"");
	rule_dir_rule(&f->d, "b", "read", "deny", ",\"label\":\"two\",\"after\":[\"one\"]");
	rule_dir_rule(&f->d, "c", "send", "alert",
		      ",\"after\":[\"two\",\"session:one\"],\"count\":{\"over\":7,\"of\":\"bytes\","
		      "\"within\":\"2s\"}");
	build(f);
	one = ruleset_label(f->set, "one");
	two = ruleset_label(f->set, "two");
	assert_true(one >= 0 && two >= 0 && one != two);
	r = &f->t->rules[ruleset_find(f->set, "a") - f->set->rules];
	assert_int_equal(r->action, WS_KILL);
	assert_int_equal(r->label, one);
	assert_int_equal(r->need_scope | r->need_session, 0);
	r = &f->t->rules[ruleset_find(f->set, "c") - f->set->rules];
	assert_int_equal(r->label, WS_LABEL_NONE);
	assert_int_equal(r->need_scope, 1ULL << two);
	assert_int_equal(r->need_session, 1ULL << one);
	assert_int_equal(r->count_of, WS_COUNT_BYTES);
	assert_int_equal(r->over, 7);
	assert_int_equal(r->within, 2000);
}

static void test_sets_of_a_path(void **state)
{
	struct fixture *f = *state;
	struct ws_set s = { 0 };
	const unsigned home = 2;

	rule_dir_rule(&f->d, "a", "read", "kill",
		      ",\"path\":[\"~/.x\",\"/**/y\"],\"exe\":[\"/usr/bin/node\"],"
		      "\"unless\":{\"path\":[\"/home/ci/z/**\"],\"exe\":[\"/usr/bin/*\"]}");
	rule_dir_rule(&f->d, "b", "read", "kill", ",\"path\":[\"~/.x\"]");
	build(f);
	tables_match_path(f->t, "/home/ci/.x", &home, 1, &s);
	assert_true(HAS(s.match, "a") && HAS(s.match, "b"));
	assert_false(HAS(s.except, "a"));
	s = (struct ws_set){ 0 };
	tables_match_path(f->t, "/home/ci/.x", NULL, 0, &s); /* no home there */
	assert_false(HAS(s.match, "a"));
	tables_match_path(f->t, "/home/ci/z/y", &home, 1, &s);
	assert_true(HAS(s.match, "a") && HAS(s.except, "a"));
	s = (struct ws_set){ 0 };
	tables_match_path(f->t, "/usr/bin/node", NULL, 0, &s);
	assert_true(HAS(s.exe_match, "a") && HAS(s.exe_except, "a"));
	assert_false(HAS(s.match, "a") || HAS(s.exe_match, "b"));
}

static struct ws_mask address(const struct fixture *f, const char *text)
{
	struct ws_mask m = { 0 };
	uint8_t bytes[16];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, text, bytes), 1);
	tables_match_address(f->t, family, bytes, &m);
	return m;
}

static void test_addresses(void **state)
{
	struct fixture *f = *state;
	struct ws_mask m;

	rule_dir_rule(&f->d, "all", "connect", "alert", ",\"address\":[\"0.0.0.0/0\"]");
	rule_dir_rule(&f->d, "ten", "connect", "deny",
		      ",\"address\":[\"10.0.0.0/8\",\"fd00::/8\"]");
	rule_dir_rule(&f->d, "one", "connect", "kill", ",\"address\":[\"10.1.2.3\",\"fd00::1\"]");
	build(f);
	m = address(f, "10.1.2.3"); /* the longest prefix also carries the others */
	assert_true(HAS(m, "one") && HAS(m, "ten") && HAS(m, "all"));
	m = address(f, "10.1.2.4");
	assert_true(!HAS(m, "one") && HAS(m, "ten") && HAS(m, "all"));
	m = address(f, "11.1.2.3");
	assert_true(!HAS(m, "one") && !HAS(m, "ten") && HAS(m, "all"));
	m = address(f, "fd00::1");
	assert_true(HAS(m, "one") && HAS(m, "ten") && !HAS(m, "all"));
	m = address(f, "fe00::1");
	assert_true(!HAS(m, "one") && !HAS(m, "ten") && !HAS(m, "all"));
	assert_int_equal(f->t->lpm4_count, 3);
	assert_int_equal(f->t->lpm6_count, 2);
	for (size_t i = 0; i < f->t->lpm4_count; i++)
		if (f->t->lpm4[i].key.prefix == 32)
			assert_memory_equal(f->t->lpm4[i].key.address, "\x0a\x01\x02\x03", 4);
}

static void test_ports(void **state)
{
	struct fixture *f = *state;
	struct ws_mask m = { 0 };

	rule_dir_rule(&f->d, "a", "connect", "alert", ",\"port\":[80,443]");
	rule_dir_rule(&f->d, "b", "connect", "alert", ",\"port\":[443]");
	build(f);
	assert_int_equal(f->t->port_count, 2);
	tables_match_port(f->t, 443, &m);
	assert_true(HAS(m, "a") && HAS(m, "b"));
	m = (struct ws_mask){ 0 };
	tables_match_port(f->t, 80, &m);
	assert_true(HAS(m, "a") && !HAS(m, "b"));
	m = (struct ws_mask){ 0 };
	tables_match_port(f->t, 81, &m);
	assert_false(HAS(m, "a") || HAS(m, "b"));
}

static void test_identities(void **state)
{
	struct fixture *f = *state;

	rule_dir_rule(&f->d, "kills", "read", "kill",
		      ",\"path\":[\"~/.key\",\"/**/any\",\"/etc/k\"]");
	rule_dir_rule(&f->d, "tells", "read", "alert", ",\"path\":[\"~/.key\",\"~/.told\"]");
	rule_dir_rule(&f->d, "writes", "write", "kill", ",\"path\":[\"~/.key\",\"~/.w\"]");
	build(f);
	assert_int_equal(f->t->identity_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct identity_pattern *id = &f->t->identities[i];
		bool key = strcmp(id->pattern, "~/.key") == 0;

		assert_true(key || strcmp(id->pattern, "/etc/k") == 0);
		assert_true(HAS(id->mask, "kills"));
		assert_int_equal(HAS(id->mask, "tells"), key);
		assert_int_equal(HAS(id->mask, "writes"), key);
	}
}

/* ---- limits ---- */

static void refuses(struct fixture *f, int err, const char *want)
{
	const char *const dirs[] = { f->d.path };
	struct error e = { 0 };
	int r = ruleset_load(&f->set, dirs, 1, &e);

	if (r == 0)
		r = compile(&f->t, f->set, NULL, &e);
	if (r != err || !strstr(e.text, want))
		fail_msg("wanted %d `%s`, got %d `%s`", err, want, r, e.text);
}

static void test_too_many_rules(void **state)
{
	struct fixture *f = *state;
	char id[16];

	for (int i = 0; i < WS_RULES_MAX; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		rule_dir_rule(&f->d, id, "read", "alert", ",\"path\":[\"/a\"]");
	}
	build(f);
	assert_true(HAS(f->t->policy.by_op[WS_OP_READ][WS_ACTOR_PACKAGE], "r255"));
	tables_free(f->t);
	ruleset_free(f->set);
	f->t = NULL;
	f->set = NULL;
	rule_dir_rule(&f->d, "more", "read", "alert", "");
	refuses(f, -E2BIG, "257 rules where 256 is the limit");
}

static void test_too_many_labels(void **state)
{
	struct fixture *f = *state;
	char id[16], more[64];

	for (int i = 0; i <= WS_LABELS_MAX; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		snprintf(more, sizeof(more), ",\"label\":\"l%d\"", i);
		rule_dir_rule(&f->d, id, "read", "alert", more);
	}
	refuses(f, -E2BIG, "/label: more than 64 labels");
}

static void test_too_many_symbols(void **state)
{
	struct fixture *f = *state;

	/* 26 + 26 + 10 letters and digits, and '/' and the two marks of the walk: two too many */
	rule_dir_rule(&f->d, "a", "read", "kill",
		      ",\"path\":[\"/abcdefghijklmnopqrstuvwxyz0123456789\"]");
	rule_dir_rule(&f->d, "b", "read", "kill",
		      ",\"path\":[\"/x\",\"/ABCDEFGHIJKLMNOPQRSTUVWXYZ\"]");
	refuses(f, -E2BIG,
		"b.json: /path/1: pattern `/ABCDEFGHIJKLMNOPQRSTUVWXYZ`: the patterns together "
		"name more than 62");
}

static void test_too_many_states(void **state)
{
	struct fixture *f = *state;
	char more[4096] = ",\"path\":[\"/etc/x\"";

	/* Each remembers whether its letter was seen: two to the 20th. */
	for (char c = 'a'; c < 'a' + 20; c++)
		sprintf(more + strlen(more), ",\"/*%c*%c*\"", c, c);
	strcat(more, "]");
	rule_dir_rule(&f->d, "a", "read", "kill", more);
	refuses(f, -E2BIG, "states before folding; the pattern that costs most is `/*");
}

/* Thousands of patterns compile in seconds and stay below the limits. */
static void test_six_thousand(void **state)
{
	struct fixture *f = *state;
	struct ws_set s = { 0 };
	struct timespec a, b;
	uint64_t seed = 1;
	char last[80] = "";
	char id[16];

	for (int i = 0; i < 60; i++) {
		_free_ char *more = malloc(100 * 80);
		size_t len = (size_t)sprintf(more, ",\"path\":[");

		for (int k = 0; k < 100; k++) {
			static const char *const heads[] = { "~/.", "/**/", "/opt/", "~/.config/" };
			char name[24];

			for (int n = 0; n < 16; n++) {
				seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
				name[n] = "abcdefghijklmnopqrstuvwxyz012345-_."[(seed >> 33) % 35];
			}
			name[16] = '\0';
			name[7] = '/';
			name[6] = name[8] = 'x';
			snprintf(last, sizeof(last) - 24, "%s%s", heads[k % 4], name);
			len += (size_t)sprintf(more + len, "%s\"%s%s\"", k ? "," : "", last,
					       k % 9 == 0   ? "/**"
					       : k % 7 == 0 ? "*"
							    : "");
		}
		sprintf(more + len, "]");
		snprintf(id, sizeof(id), "r%d", i);
		rule_dir_rule(&f->d, id, "read", "kill", more);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	build(f);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	print_message("6000 patterns: %zu states, %.0f ms of processor time\n", f->t->row_count,
		      (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6);
	assert_true(f->t->row_count < DFA_ROWS_MAX);
	/* the last one is among them */
	assert_int_equal(strncmp(last, "~/", 2), 0);
	memmove(last + 8, last + 1, strlen(last));
	memcpy(last, "/home/ci", 8);
	strcat(last, "/below");
	tables_match_path(f->t, last, &(unsigned){ 2 }, 1, &s);
	assert_true(HAS(s.match, "r59"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_masks),		 T(test_rule_records),	  T(test_sets_of_a_path),
		T(test_addresses),	 T(test_ports),		  T(test_identities),
		T(test_too_many_rules),	 T(test_too_many_labels), T(test_too_many_symbols),
		T(test_too_many_states), T(test_six_thousand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
