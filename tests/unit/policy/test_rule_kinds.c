// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_rule_kinds.c - the shipped rules as a whole: lists that must agree with each other or with
 * the program whose words they repeat, and what no single rule's own tests can show.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/compile.h"
#include "policy/rule_parse.h"
#include "policy/ruleset.h"
#include "policy/simulate.h"
#include "session/places.h"

#define HOME "/home/ci"

static struct ruleset *rules;
static struct tables *tables;

static int load(void **state)
{
	static const char *const dirs[] = { "rules" };
	struct error e = { 0 };

	(void)state;
	if (ruleset_load(&rules, dirs, 1, &e) < 0 || compile(&tables, rules, NULL, &e) < 0) {
		print_error("%s\n", e.text);
		return -1;
	}
	return 0;
}

static int unload(void **state)
{
	(void)state;
	tables_free(tables);
	ruleset_free(rules);
	return 0;
}

static const struct rule *rule(const char *id)
{
	const struct rule *r = ruleset_find(rules, id);

	if (!r)
		fail_msg("there is no rule %s", id);
	return r;
}

static bool fired(const struct simulation *t, const struct rule *r)
{
	size_t index = (size_t)(r - rules->rules);

	return t->fired.w[index / 64] >> index % 64 & 1;
}

static bool has(const struct strings *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->at[i], text) == 0)
			return true;
	return false;
}

static void same_list(const char *what, const struct strings *a, const struct strings *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		if (!has(b, a->at[i]))
			fail_msg("%s: %s is in one of the two rules only", what, a->at[i]);
}

/* ---- lists that must agree ---- */

/* Who is let through by the one is reported by the other, and nobody else is. */
static void test_hook_installers(void **state)
{
	const struct rule *killed = rule("git-hooks-write"), *told = rule("git-hooks-manager");

	(void)state;
	same_list("packages", &killed->unless_package, &told->package);
	same_list("paths", &killed->path, &told->path);
	assert_int_equal(killed->ops, told->ops);
	assert_int_equal(killed->unless_places, told->unless_places);
}

/* Addresses that mean the machine itself are one class: a rule on one of them is on all of them. */
static void test_loopback(void **state)
{
	static const char *const same[] = { "127.0.0.0/8", "0.0.0.0", "::1", "::" };
	size_t rules_on_loopback = 0;

	(void)state;
	for (size_t i = 0; i < rules->count; i++) {
		const struct strings *address = &rules->rules[i].address;
		bool any = false;

		for (size_t k = 0; k < address->count; k++)
			any |= strncmp(address->at[k], "127.", 4) == 0 ||
			       strncmp(address->at[k], "::1", 3) == 0;
		rules_on_loopback += any;
		for (size_t k = 0; any && k < ARRAY_SIZE(same); k++)
			if (!has(address, same[k]))
				fail_msg("%s: lacks %s", rules->rules[i].file, same[k]);
	}
	assert_true(rules_on_loopback >= 2);
}

/* ---- one file, one rule ---- */

/* A path that the pattern names. Of those that may lie anywhere, one in the home where the rule
 * asks for that, else one outside of all places. */
static void sample(char *into, size_t room, const struct rule *r, const char *pattern)
{
	bool home = r->places & 1u << WS_PLACE_HOME;
	size_t n = 0;

	if (pattern[0] == '~')
		n = (size_t)snprintf(into, room, HOME), pattern++;
	else if (strncmp(pattern, "/**/", 4) == 0)
		n = (size_t)snprintf(into, room, home ? HOME "/sub/" : "/opt/sub/"), pattern += 4;
	for (; *pattern; pattern++) {
		assert_true(n + 3 < room);
		if (strcmp(pattern, "**") == 0) {
			into[n++] = 'x';
			break;
		}
		if (*pattern == '\\')
			pattern++;
		into[n++] = *pattern == '*' || *pattern == '?' ? 'x' : *pattern;
	}
	into[n] = 0;
}

static void on_path(struct simulation *ret, unsigned op, const char *path)
{
	struct operation t = {
		.op = (enum ws_op)op, .actor = WS_ACTOR_PACKAGE, .path = path, .times = 1
	};

	simulate(ret, tables, rules, &t);
}

static bool is_on_secret_files(const struct rule *r)
{
	return strcmp(r->family, "secrets") == 0 && r->ops & 1u << WS_OP_READ && r->path.count &&
	       strcmp(r->id, "npmrc-read") != 0;
}

static bool never_together(const struct rule *a, const struct rule *b)
{
	return a->backend && b->backend && a->backend != b->backend;
}

/*
 * What a rule on secrets names is judged by that rule alone: who excepts a package from it has
 * excepted it, and finds no second rule that hides the file or reports the same again.
 */
static void test_one_rule_a_secret(void **state)
{
	/* The last is about changes: where the rule is about reading only, it stays. */
	static const char *const silent[] = { "home-hidden", "npmrc-read", "write-outside" };
	size_t looked_at = 0;

	(void)state;
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rules[i];

		for (size_t k = 0; is_on_secret_files(r) && k < r->path.count; k++)
			for (unsigned op = 0; op < WS_OP_MAX; op++) {
				struct simulation t;
				char path[512];

				if (!(r->ops & 1u << op))
					continue;
				sample(path, sizeof(path), r, r->path.at[k]);
				on_path(&t, op, path);
				if (!fired(&t, r))
					fail_msg("%s: %s of %s (`%s`) does not fire", r->file,
						 op_name(op), path, r->path.at[k]);
				for (size_t s = 0;
				     s < ARRAY_SIZE(silent) - !(r->ops & 1u << WS_OP_WRITE); s++)
					if (fired(&t, rule(silent[s])))
						fail_msg("%s: %s of %s also fires %s", r->file,
							 op_name(op), path, silent[s]);
				for (size_t o = 0; op == WS_OP_READ && o < rules->count; o++)
					if (o != i && rules->rules[o].action > WS_ALERT &&
					    !never_together(r, &rules->rules[o]) &&
					    fired(&t, &rules->rules[o]))
						fail_msg("%s: reading %s also fires %s", r->file,
							 path, rules->rules[o].id);
				looked_at++;
			}
	}
	assert_true(looked_at > 3000);
}

/* Looking through a directory of secrets is looking for secrets. */
static void test_directories(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rules[i];

		for (size_t k = 0; is_on_secret_files(r) && k < r->path.count; k++) {
			const char *pattern = r->path.at[k];
			size_t len = strlen(pattern);
			struct simulation t;
			char path[512];

			if (strncmp(pattern, "~/", 2) != 0 || len < 4 ||
			    strcmp(pattern + len - 3, "/**") != 0)
				continue;
			sample(path, sizeof(path), r, pattern);
			path[strlen(path) - 2] = 0;
			on_path(&t, WS_OP_READ, path);
			if (!fired(&t, r))
				fail_msg("%s: %s, the directory itself, is not protected", r->file,
					 path);
		}
	}
}

/* ---- what npm takes for a command ---- */

#define WORDS_MAX 16

/* Does the rule on publishing fire on these words, separated by blanks? */
static bool publishes(const char *line)
{
	const struct rule *r = rule("publish-from-script");
	_free_ char *copy = strdup(line);
	_json_ json_t *argv = json_array();
	struct simulation result;
	char *word, *rest = copy;
	struct operation t = { .op = WS_OP_EXEC,
			       .actor = WS_ACTOR_PACKAGE,
			       .path = "/usr/bin/node",
			       .argv = argv,
			       .times = 1 };

	while ((word = strsep(&rest, " ")))
		json_array_append_new(argv, json_string(word));
	simulate(&result, tables, rules, &t);
	return fired(&result, r);
}

/*
 * Every unique beginning of a command or of an alias is that command: npm's lib/utils/cmd-list.js,
 * version 11. Here, what publishes, manages who may, or tells who one is.
 */
static const char *const guarded[] = { "access",   "adduser",	"add-user",  "author", "deprecate",
				       "dist-tag", "dist-tags", "login",     "org",    "ogr",
				       "owner",	   "profile",	"publish",   "stage",  "team",
				       "token",	   "trust",	"unpublish", "whoami" };
static const char *const harmless[] = {
	"approve-scripts",
	"audit",
	"bugs",
	"cache",
	"ci",
	"completion",
	"config",
	"dedupe",
	"deny-scripts",
	"diff",
	"docs",
	"doctor",
	"edit",
	"exec",
	"explain",
	"explore",
	"find-dupes",
	"fund",
	"get",
	"help",
	"help-search",
	"init",
	"install",
	"install-ci-test",
	"install-scripts",
	"install-test",
	"link",
	"ll",
	"logout",
	"ls",
	"outdated",
	"pack",
	"ping",
	"pkg",
	"prefix",
	"prune",
	"query",
	"rebuild",
	"repo",
	"restart",
	"root",
	"run",
	"sbom",
	"search",
	"set",
	"shrinkwrap",
	"star",
	"stars",
	"start",
	"stop",
	"test",
	"undeprecate",
	"uninstall",
	"unstar",
	"update",
	"version",
	"view",
	"home",
	"issues",
	"info",
	"show",
	"find",
	"add",
	"unlink",
	"remove",
	"rm",
	"r",
	"un",
	"rb",
	"list",
	"ln",
	"create",
	"i",
	"it",
	"cit",
	"u",
	"up",
	"c",
	"s",
	"se",
	"tst",
	"t",
	"ddp",
	"v",
	"run-script",
	"clean-install",
	"x",
	"why",
	"la",
	"verison",
	"ic",
	"innit",
	"in",
	"ins",
	"inst",
	"insta",
	"instal",
	"isnt",
	"isnta",
	"isntal",
	"isntall",
	"install-clean",
	"isntall-clean",
	"hlep",
	"upgrade",
	"udpate",
	"rum",
	"sit",
	"urn",
};

/* Does another word begin like this, so that npm takes it for neither? */
static bool is_shared(const char *word, size_t len)
{
	size_t others = 0;

	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		others += strncmp(harmless[i], word, len) == 0;
	for (size_t i = 0; i < ARRAY_SIZE(guarded); i++)
		others += strncmp(guarded[i], word, len) == 0;
	return others > 1;
}

static void test_npm_abbreviations(void **state)
{
	static const char *const before[] = { "", "--json ", "--registry=https://x.example/ ",
					      "--registry https://x.example/ ",
					      "--silent --userconfig /tmp/x " };
	size_t count = 0;
	char line[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(guarded); i++)
		for (size_t len = 1; len <= strlen(guarded[i]); len++) {
			if (len < strlen(guarded[i]) && is_shared(guarded[i], len))
				continue;
			/* the shortest of npm's own list; behind an option with its value the
			 * rule knows what an attack needs */
			for (size_t b = 0; b < 3; b++) {
				snprintf(line, sizeof(line), "node /usr/bin/npm %s%.*s x",
					 before[b], (int)len, guarded[i]);
				if (!publishes(line))
					fail_msg("npm takes `%s` for %s, the rule does not", line,
						 guarded[i]);
			}
			count++;
		}
	assert_true(count > 60);
	for (size_t b = 3; b < ARRAY_SIZE(before); b++) {
		static const char *const needed[] = {
			"publish", "pub",    "unpublish", "token",   "tok",   "whoami",
			"who",	   "access", "owner",	  "adduser", "login", "dist-tag"
		};

		for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
			snprintf(line, sizeof(line),
				 "node /usr/lib/node_modules/npm/bin/npm-cli.js %s%s", before[b],
				 needed[i]);
			if (!publishes(line))
				fail_msg("`%s` passes", line);
		}
	}
}

/* The same words, where npm takes them for something else. */
static void test_npm_harmless(void **state)
{
	static const char *const before[] = { "",
					      "--json ",
					      "--silent --prefix=/x ",
					      "--registry=https://x.example/ ",
					      "--registry https://x.example/ ",
					      "--userconfig /tmp/x " };
	static const char *const takes_words[] = {
		"run",	"run-script", "install",   "i",		 "add",	    "view",
		"exec", "exec --",    "ls --json", "config get", "explain", "uninstall"
	};
	char line[256];

	(void)state;
	for (size_t b = 0; b < ARRAY_SIZE(before); b++) {
		for (size_t i = 0; i < ARRAY_SIZE(harmless); i++) {
			snprintf(line, sizeof(line), "node /usr/bin/npm %s%s", before[b],
				 harmless[i]);
			if (publishes(line))
				fail_msg("`%s` looks like publishing", line);
		}
		for (size_t i = 0; i < ARRAY_SIZE(takes_words); i++)
			for (size_t k = 0; k < ARRAY_SIZE(guarded); k++) {
				snprintf(line, sizeof(line), "node /usr/bin/npm %s%s %s", before[b],
					 takes_words[i], guarded[k]);
				if (publishes(line))
					fail_msg("`%s` looks like publishing", line);
			}
	}
}

/* ---- the home ---- */

static bool fires_in(const char *id, enum ws_op op, const char *path, enum ws_place place)
{
	struct operation o = { .op = op, .actor = WS_ACTOR_PACKAGE, .path = path, .times = 1 };
	struct simulation result;

	o.places = WS_PLACE_BIT(place);
	simulate(&result, tables, rules, &o);
	return fired(&result, rule(id));
}

/* ... in a cache that was not there when the session began. */
static bool fires(const char *id, enum ws_op op, const char *path)
{
	return fires_in(id, op, path, WS_PLACE_HOME);
}

/* A cache that is made during the session is none of its places: the rules name it, too. */
static void test_caches(void **state)
{
	struct places_sources sources = { .passwd_home = HOME };
	struct places p;
	size_t caches = 0;

	(void)state;
	clearenv();
	assert_int_equal(places_find(&p, &sources, NULL), 0);
	for (size_t i = 0; i < p.count; i++) {
		char path[256];

		if (p.at[i].place != WS_PLACE_CACHE)
			continue;
		snprintf(path, sizeof(path), "%s/a/b", p.at[i].path);
		if (fires("home-create", WS_OP_CREATE, path) ||
		    fires("home-destroy", WS_OP_UNLINK, path) ||
		    fires("home-destroy", WS_OP_RENAME, path) ||
		    fires("write-outside", WS_OP_WRITE, path))
			fail_msg("%s is a cache", path);
		caches++;
	}
	places_free(&p);
	assert_true(caches > 5);
}

/* Compilers and toolchains that a script may read keep new files there (headers, packages). */
static void test_toolchains(void **state)
{
	const struct strings *read = &rule("home-hidden")->unless_path;
	const struct strings *made = &rule("home-create")->unless_path;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < read->count; i++) {
		const char *pattern = read->at[i];
		bool secret = false;

		for (size_t r = 0; r < rules->count && !secret; r++)
			secret = strcmp(rules->rules[r].family, "secrets") == 0 &&
				 has(&rules->rules[r].path, pattern);
		if (secret || strlen(pattern) < 3 ||
		    strcmp(pattern + strlen(pattern) - 3, "/**") != 0)
			continue;
		if (!has(made, pattern))
			fail_msg("%s may be read, but nothing created in it", pattern);
		count++;
	}
	assert_true(count > 100);
}

/* ---- the project's files ---- */

/*
 * project-files-change leaves alone what another rule names, so that one tuning is enough to permit
 * a file; and such a rule is as strong, so that leaving it alone loses nothing.
 */
static void test_one_rule_a_project_file(void **state)
{
	const uint32_t changes = 1u << WS_OP_WRITE | 1u << WS_OP_RENAME | 1u << WS_OP_UNLINK;
	const struct rule *all = rule("project-files-change");
	size_t named = 0;

	(void)state;
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rules[i];
		bool anywhere = false;

		for (size_t k = 0; k < r->path.count; k++)
			anywhere |= strncmp(r->path.at[k], "/**/", 4) == 0;
		if (!anywhere || !(r->actors & 1u << WS_ACTOR_PACKAGE) ||
		    (r->ops & changes) != changes || r->after.count || r->exe.count ||
		    r->action < WS_HIDE || (r->places && !(r->places & 1u << WS_PLACE_PROJECT)))
			continue;
		for (size_t k = 0; k < r->path.count; k++)
			if (!has(&all->unless_path, r->path.at[k]))
				fail_msg("%s: %s is left out of path_of", r->id, r->path.at[k]);
		named++;
	}
	assert_true(named > 10);
	for (size_t i = 0; i < all->unless_path_of.count; i++) {
		const struct rule *r = rule(all->unless_path_of.at[i]);

		if (!(r->actors & 1u << WS_ACTOR_PACKAGE) ||
		    (r->places && !(r->places & (1u << WS_PLACE_PROJECT | 1u << WS_PLACE_HOME))))
			fail_msg("%s is not about what packages do to a project", r->id);
	}
}

/* What an existing file of the project is called makes no difference; new ones are another matter.
 */
static void test_project_files(void **state)
{
	static const char *const files[] = {
		"src/index.ts",	  "lib/x.py",	   "cmd/main.go",	 "docs/a.md",
		".gitattributes", ".editorconfig", "dist/bundle.js",	 "test/data/a",
		"scripts/deploy", "a.proto",	   "packages/a/index.js"
	};
	const char *id = "project-files-change";
	char path[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), HOME "/work/app/%s", files[i]);
		if (!fires_in(id, WS_OP_WRITE, path, WS_PLACE_PROJECT) ||
		    !fires_in(id, WS_OP_RENAME, path, WS_PLACE_PROJECT) ||
		    !fires_in(id, WS_OP_UNLINK, path, WS_PLACE_PROJECT) ||
		    fires_in(id, WS_OP_CREATE, path, WS_PLACE_PROJECT) ||
		    fires_in(id, WS_OP_WRITE, path, WS_PLACE_OWN) ||
		    fires_in(id, WS_OP_WRITE, path, WS_PLACE_MADE) ||
		    fires_in(id, WS_OP_WRITE, path, WS_PLACE_TMP))
			fail_msg("%s", path);
	}
}

/* ---- references ---- */

/* What a list was made of is named, and is a page. */
static void test_references(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rules[i];

		if (r->references.count < 1)
			fail_msg("%s: names no source", r->file);
		if (r->path.count + r->argv.count + r->package.count > 100 &&
		    r->references.count < 2)
			fail_msg("%s: a list this long names where it comes from", r->file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hook_installers),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_one_rule_a_secret),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_npm_abbreviations),
		cmocka_unit_test(test_npm_harmless),
		cmocka_unit_test(test_caches),
		cmocka_unit_test(test_toolchains),
		cmocka_unit_test(test_one_rule_a_project_file),
		cmocka_unit_test(test_project_files),
		cmocka_unit_test(test_references),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
