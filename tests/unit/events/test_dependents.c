// SPDX-License-Identifier: GPL-2.0-only
/* test_dependents.c - what brings a package in, by npm's lockfile and by the installed tree. */
#include "events/dependents.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

static char dir[] = "/tmp/test_dependents.XXXXXX";

/* Write text to NAME below dir, and make the directories above it. */
static void put(const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *slash = strchr(path + strlen(dir) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void link_to(const char *name, const char *target)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(symlink(target, path), 0);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int begin(void **state)
{
	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The names found, joined by a blank. */
static const char *names(const struct dependents *d)
{
	static char text[1024];

	text[0] = '\0';
	for (size_t i = 0; i < d->found && i < DEPENDENTS_MAX; i++)
		sprintf(text + strlen(text), "%s%s", i ? " " : "", d->names[i]);
	return text;
}

static struct dependents find(const char *package)
{
	struct dependents d;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, package);
	dependents_find(&d, dir, path);
	return d;
}

/* ---- the lockfile ---- */

static void in_lock(const char *packages, const char *key, const char *want, const char *workspace)
{
	_free_ char *text = NULL;
	_json_ json_t *lock = NULL;
	struct dependents d = { 0 };

	assert_true(asprintf(&text, "{'lockfileVersion':3,'packages':{%s}}", packages) > 0);
	for (char *p = text; *p; p++)
		if (*p == '\'')
			*p = '"';
	lock = json_loads(text, 0, NULL);
	assert_non_null(lock);
	dependents_in_lock(&d, lock, key);
	assert_string_equal(names(&d), want);
	assert_string_equal(d.workspace, workspace);
}

static void locked(void **state)
{
	(void)state;
	in_lock("'':{'dependencies':{'evil':'1'}}, 'node_modules/evil':{}", "node_modules/evil",
		"evil", "");
	in_lock("'':{'dependencies':{'a':'1','x':'1'}}, "
		"'node_modules/a':{'dependencies':{'b':'*'}},"
		"'node_modules/b':{'optionalDependencies':{'evil':'*'}}, 'node_modules/evil':{},"
		"'node_modules/x':{}",
		"node_modules/evil", "a", "");
	/* of two copies, the one that lies in a is brought in by a alone */
	in_lock("'':{'devDependencies':{'a':'1','evil':'2'}},"
		"'node_modules/a':{'dependencies':{'evil':'1'}}, "
		"'node_modules/a/node_modules/evil':{},"
		"'node_modules/evil':{}",
		"node_modules/a/node_modules/evil", "a", "");
	in_lock("'':{'devDependencies':{'a':'1','evil':'2'}},"
		"'node_modules/a':{'dependencies':{'evil':'1'}}, "
		"'node_modules/a/node_modules/evil':{},"
		"'node_modules/evil':{}",
		"node_modules/evil", "evil", "");
	/* peers, scopes, circles */
	in_lock("'':{'peerDependencies':{'@s/a':'1'},'optionalDependencies':{'b':'1'}},"
		"'node_modules/@s/a':{'peerDependencies':{'b':'*'}},"
		"'node_modules/b':{'dependencies':{'@s/a':'*','evil':'*'}}, 'node_modules/evil':{}",
		"node_modules/evil", "b @s/a", "");
	/* a package's devDependencies are not installed */
	in_lock("'':{'dependencies':{'a':'1'}}, 'node_modules/a':{'devDependencies':{'evil':'*'}},"
		"'node_modules/evil':{}",
		"node_modules/evil", "", "");
	/* a workspace */
	in_lock("'':{'workspaces':['packages/*']}, 'node_modules/ws':{'link':true,'resolved':"
		"'packages/ws'}, 'packages/ws':{'dependencies':{'a':'1'}},"
		"'node_modules/a':{'dependencies':{'evil':'*'}}, 'node_modules/evil':{}",
		"node_modules/evil", "a", "packages/ws");
	in_lock("'':{'dependencies':{'ws':'*'}}, 'node_modules/ws':{'link':true,'resolved':"
		"'packages/ws'}, 'packages/ws':{'dependencies':{'evil':'1'}}, "
		"'node_modules/evil':{}",
		"node_modules/evil", "ws", "");
	in_lock("'':{'dependencies':{'a':'1'}}", "node_modules/evil", "", "");
}

/* What an attacker writes there: nothing is found, or nothing worse. */
static void nonsense(void **state)
{
	static const char *const texts[] = { "[]",
					     "{}",
					     "{\"packages\":7}",
					     "{\"packages\":{}}",
					     "{\"packages\":{\"\":7,\"node_modules/evil\":7}}",
					     "{\"packages\":{\"\":{\"dependencies\":[]},"
					     "\"node_modules/evil\":{\"link\":true}}}",
					     "{\"packages\":{\"\":{\"dependencies\":{\"evil\":1}},"
					     "\"node_modules/evil\":{\"link\":true}}}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_json_ json_t *lock = json_loads(texts[i], 0, NULL);
		struct dependents d = { 0 };

		assert_non_null(lock);
		dependents_in_lock(&d, lock, "node_modules/evil");
		assert_int_equal(d.found, 0);
	}
}

static void many(void **state)
{
	struct dependents d = { 0 };
	_json_ json_t *root = json_object(), *lock = NULL, *packages = json_object();
	char name[32], key[64], longest[300];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		snprintf(key, sizeof(key), "node_modules/p%d", i);
		json_object_set_new(root, name, json_string("*"));
		json_object_set_new(packages, key,
				    json_pack("{s:{s:s}}", "dependencies", "evil", "*"));
	}
	json_object_set_new(root, longest, json_string("*"));
	json_object_set_new(packages, "", json_pack("{s:O}", "dependencies", root));
	json_object_set_new(packages, "node_modules/evil", json_object());
	lock = json_pack("{s:o}", "packages", packages);
	dependents_in_lock(&d, lock, "node_modules/evil");
	assert_int_equal(d.found, 3000);
	assert_string_equal(d.names[0], "p0");
}

/* ---- the tree ---- */

static void installed(void **state)
{
	struct dependents d;

	(void)state;
	put("package.json", "{\"dependencies\":{\"a\":\"*\",\"b\":\"*\"}}");
	put("node_modules/a/package.json", "{\"dependencies\":{\"c\":\"*\"}}");
	put("node_modules/b/package.json", "{}");
	put("node_modules/c/package.json", "{\"dependencies\":{\"@s/evil\":\"*\"}}");
	put("node_modules/@s/evil/package.json", "{}");
	d = find("node_modules/@s/evil");
	assert_string_equal(names(&d), "a");
	assert_true(d.manifest);
	assert_false(d.lock);
	d = find("node_modules/b");
	assert_string_equal(names(&d), "b");
	/* installed, and nobody's: it is not known who brought it in */
	put("node_modules/stray/package.json", "{}");
	d = find("node_modules/stray");
	assert_int_equal(d.found, 0);
	d = find("node_modules/none");
	assert_int_equal(d.found, 0);
}

/* pnpm's layout: links into a store, in which a package finds its dependencies beside it. */
static void linked(void **state)
{
	struct dependents d;

	(void)state;
	put("package.json", "{\"dependencies\":{\"a\":\"*\"}}");
	put("pnpm-lock.yaml", "lockfileVersion: '9.0'\n");
	put("node_modules/.pnpm/a@1/node_modules/a/package.json",
	    "{\"dependencies\":{\"evil\":\"*\"}}");
	put("node_modules/.pnpm/evil@1/node_modules/evil/package.json", "{}");
	link_to("node_modules/a", ".pnpm/a@1/node_modules/a");
	link_to("node_modules/.pnpm/a@1/node_modules/evil", "../../evil@1/node_modules/evil");
	d = find("node_modules/.pnpm/evil@1/node_modules/evil");
	assert_string_equal(names(&d), "a");
	assert_true(d.lock);
}

/* npm has rolled the tree back: the lockfile is still there, and counts first. */
static void rolled_back(void **state)
{
	struct dependents d;

	(void)state;
	put("package.json", "{\"dependencies\":{\"a\":\"*\"}}");
	put("package-lock.json",
	    "{\"packages\":{\"\":{\"dependencies\":{\"a\":\"*\"}},"
	    "\"node_modules/a\":{\"dependencies\":{\"evil\":\"*\"}},\"node_modules/evil\":{}}}");
	d = find("node_modules/evil");
	assert_string_equal(names(&d), "a");
	assert_true(d.lock);
}

/* npm has rolled back a first install: what the project itself names is still known. */
static void named_by_the_project(void **state)
{
	struct dependents d;

	(void)state;
	put("package.json",
	    "{\"dependencies\":{\"a\":\"*\"},\"devDependencies\":{\"@s/evil\":\"*\"}}");
	d = find("node_modules/@s/evil");
	assert_string_equal(names(&d), "@s/evil");
	d = find("node_modules/.bun/evil@1/node_modules/@s/evil");
	assert_string_equal(names(&d), "@s/evil");
	d = find("node_modules/evil");
	assert_int_equal(d.found, 0);
}

static const char *outside(const char *project, const char *directory)
{
	static struct dependents d;

	dependents_find(&d, project, directory);
	return d.outside;
}

/* Of no project: a global installation, what npx has fetched. Not what lies above a part of one. */
static void outside_the_project(void **state)
{
	(void)state;
	assert_string_equal(outside("/work/app", "/opt/lib/node_modules/evil"),
			    "/opt/lib/node_modules/evil");
	assert_string_equal(
		outside("/work/app", "/h/.npm/_npx/1/node_modules/@s/a/node_modules/evil"),
		"/h/.npm/_npx/1/node_modules/@s/a");
	assert_string_equal(outside("/work/app", "/work/other/node_modules/evil"),
			    "/work/other/node_modules/evil");
	assert_string_equal(outside("/work/app", "/work/app/node_modules/evil"), "");
	assert_string_equal(outside("/work/app", "/work/node_modules/evil"), "");
	assert_string_equal(outside("/work/app/packages/a", "/work/app/node_modules/evil"), "");
	assert_string_equal(outside("/work/app", "/tmp/clone"), "");
}

static void nothing_there(void **state)
{
	struct dependents d = find("node_modules/evil");
	char path[512];

	(void)state;
	assert_int_equal(d.found, 0);
	assert_false(d.manifest);
	/* what blocks, or is no file, is not read */
	snprintf(path, sizeof(path), "%s/package.json", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	d = find("node_modules/evil");
	assert_false(d.manifest);
	put("yarn.lock/x", "");
	d = find("node_modules/evil");
	assert_false(d.yarn_berry);
}

static void yarns(void **state)
{
	struct dependents d;

	(void)state;
	put("yarn.lock", "# THIS IS AN AUTOGENERATED FILE.\n# yarn lockfile v1\n");
	d = find("node_modules/evil");
	assert_false(d.yarn_berry);
	assert_true(d.lock);
	put("yarn.lock", "# This file is generated\n\n__metadata:\n  version: 8\n");
	d = find("node_modules/evil");
	assert_true(d.yarn_berry);
	put("yarn.lock", "");
	put(".yarnrc.yml", "");
	d = find("node_modules/evil");
	assert_true(d.yarn_berry);
}

static void projects(void **state)
{
	static const struct {
		const char *directory, *cwd, *project;
	} table[] = {
		{ "/p/node_modules/x", "/p", "/p" },
		{ "/p/a/node_modules/x", "/p", "/p/a" },
		{ "/p/node_modules/a/node_modules/x", "/p", "/p" },
		{ "/p/node_modules/.pnpm/x@1/node_modules/x", "/p", "/p" },
		{ "/p/.yarn/unplugged/x-npm-1/node_modules/x", "/p", "/p" },
		{ "/home/ci/.local/share/pnpm/store/v10/links/x/node_modules/x", "/p", "/p" },
		{ "/pp/node_modules/x", "/p", "/p" },
		{ "/elsewhere/x", "/p", "/p" },
		{ "/a/node_modules/x", "/", "/a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		size_t len;
		const char *p = dependents_project(table[i].directory, table[i].cwd, &len);

		if (strlen(table[i].project) != len || strncmp(p, table[i].project, len) != 0)
			fail_msg("row %zu: %.*s", i, (int)len, p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locked),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(many),
		cmocka_unit_test_setup_teardown(installed, begin, end),
		cmocka_unit_test_setup_teardown(linked, begin, end),
		cmocka_unit_test_setup_teardown(rolled_back, begin, end),
		cmocka_unit_test_setup_teardown(named_by_the_project, begin, end),
		cmocka_unit_test_setup_teardown(outside_the_project, begin, end),
		cmocka_unit_test_setup_teardown(nothing_there, begin, end),
		cmocka_unit_test_setup_teardown(yarns, begin, end),
		cmocka_unit_test(projects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
