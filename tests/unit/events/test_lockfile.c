// SPDX-License-Identifier: GPL-2.0-only
/* test_lockfile.c - what lockfiles state of a package, and that nothing else is taken for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/lockfile.h"
#include "tree.h"

#define HASH(c) c c c c c c c c c c c c c c c c c c c c c c
#define A	"sha512-" HASH("AbC+") /* 88 characters */
#define B	"sha512-" HASH("/9xy")

static void npm(void **state)
{
	static const struct {
		const char *lock, *key, *version, *want;
	} cases[] = {
		{ "{'packages':{'node_modules/a':{'version':'1.0.0','integrity':'" A "'}}}",
		  "node_modules/a", "1.0.0", A },
		/* the strongest of several */
		{ "{'packages':{'node_modules/a':{'version':'1.0.0','integrity':"
		  "'sha1-MTIzNDU2Nzg5MDEyMzQ1Njc4OTA= " A "'}}}",
		  "node_modules/a", "1.0.0", A },
		{ "{'packages':{'node_modules/a':{'version':'1.0.0','integrity':"
		  "'sha1-MTIzNDU2Nzg5MDEyMzQ1Njc4OTA='}}}",
		  "node_modules/a", "1.0.0", "sha1-MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=" },
		/* of another version, of another place, of none */
		{ "{'packages':{'node_modules/a':{'version':'1.0.1','integrity':'" A "'}}}",
		  "node_modules/a", "1.0.0", NULL },
		{ "{'packages':{'node_modules/b/node_modules/a':{'version':'1.0.0',"
		  "'integrity':'" A "'}}}",
		  "node_modules/a", "1.0.0", NULL },
		{ "{'packages':{'node_modules/a':{'integrity':'" A "'}}}", "node_modules/a", "",
		  NULL },
		{ "{'packages':{'node_modules/a':{'version':'1.0.0','link':true}}}",
		  "node_modules/a", "1.0.0", NULL },
		/* no hash */
		{ "{'packages':{'node_modules/a':{'version':'1.0.0','integrity':'sha512-x'}}}",
		  "node_modules/a", "1.0.0", NULL },
		{ "{'packages':{'node_modules/a':{'version':'1.0.0','integrity':['" A "']}}}",
		  "node_modules/a", "1.0.0", NULL },
		{ "{'packages':{'node_modules/a':{'version':'1.0.0','integrity':'" A "?x'}}}",
		  "node_modules/a", "1.0.0", NULL },
		{ "{'packages':{'node_modules/a':{'version':'1.0.0','integrity':"
		  "'sha1-MTIzNDU2Nzg5MDEyMzQ1Njc4OTA\\n'}}}",
		  "node_modules/a", "1.0.0", NULL },
		{ "[]", "node_modules/a", "1.0.0", NULL },
		{ "{'packages':[]}", "node_modules/a", "1.0.0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_free_ char *text = strdup(cases[i].lock);
		char sum[LOCKFILE_CHECKSUM] = "";
		_json_ json_t *lock = NULL;

		for (char *c = text; *c; c++)
			*c = *c == '\'' ? '"' : *c;
		lock = json_loads(text, 0, NULL);
		assert_non_null(lock);
		assert_int_equal(lockfile_npm_checksum(sum, lock, cases[i].key, cases[i].version),
				 cases[i].want != NULL);
		assert_string_equal(sum, cases[i].want ?: "");
	}
}

static char *top;

static int begin(void **state)
{
	(void)state;
	top = tree_new();
	return top ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	tree_free(top);
	return 0;
}

/* What the other program would make of the file: here the file is that already. */
static unsigned lists;
static json_t *list(int fd, const char *name)
{
	lists++;
	assert_true(strcmp(name, "pnpm-lock.yaml") == 0 || strcmp(name, "yarn.lock") == 0);
	return json_loadfd(fd, 0, NULL);
}

static const char *find(const char *manager, const char *directory, const char *version)
{
	static char sum[LOCKFILE_CHECKSUM];

	sum[0] = '\0';
	return lockfile_checksum(sum, manager, top, tree_path(top, directory), version, list) ? sum
											      : "";
}

/* bun.lock has commas before closing brackets, and text that looks like it has. */
static void bun(void **state)
{
	(void)state;
	tree_add(top, "bun.lock",
		 "{\n  \"lockfileVersion\": 1,\n  \"workspaces\": { \"\": { \"name\": \"x, "
		 "}\\\",]\", }, "
		 "},\n  \"packages\": {\n    \"@s/a\": [\"@s/a@1.0.0\", \"\", { \"os\": "
		 "[\"linux\",], "
		 "}, \"" A "\"],\n\n    \"@s/a/b\": [\"b@2.0.0-rc.1\", \"\", {}, \"" B
		 "\"],\n    \"g\": [\"g@git+ssh://h/x#1\", {}, \"h-x-1\"],\n  }\n}\n");
	assert_string_equal(find("bun", "node_modules/@s/a", "1.0.0"), A);
	assert_string_equal(find("bun", "node_modules/@s/a/node_modules/b", "2.0.0-rc.1"), B);
	assert_string_equal(find("bun", "node_modules/b", "2.0.0-rc.1"), "");
	assert_string_equal(find("bun", "node_modules/@s/a", "1.0.1"), "");
	assert_string_equal(find("bun", "node_modules/g", "1.0.0"), "");
	assert_string_equal(find("bun", "packages/@s/a", "1.0.0"), "");
	assert_string_equal(find("npm", "node_modules/@s/a", "1.0.0"), "");
}

/* The first of npm's lockfiles counts; a changed one is read again; other managers have none. */
static void the_projects(void **state)
{
	(void)state;
	assert_string_equal(find("npm", "node_modules/a", "1.0.0"), "");
	tree_add(top, "node_modules/.package-lock.json",
		 "{\"packages\":{\"node_modules/a\":{\"version\":\"1.0.0\",\"integrity\":\"" B
		 "\"}}}");
	assert_string_equal(find("npm", "node_modules/a", "1.0.0"), B);
	tree_add(top, "package-lock.json",
		 "{\"packages\":{\"node_modules/a\":{\"version\":\"1.0.0\",\"integrity\":\"" A
		 "\"}}}");
	assert_string_equal(find("npm", "node_modules/a", "1.0.0"), A);
	/* it says nothing of this one, and another file is not asked */
	tree_add(top, "package-lock.json",
		 "{\"packages\":{\"node_modules/a\":{\"version\":\"1.1.0\",\"integrity\":\"" A
		 "\"}}}");
	assert_string_equal(find("npm", "node_modules/a", "1.0.0"), "");
	assert_string_equal(find("npm", "node_modules/a", "1.1.0"), A);
	assert_string_equal(find("pnpm", "node_modules/a", "1.1.0"), "");
	assert_string_equal(find("npm", "../node_modules/a", "1.1.0"), "");
}

#define HEX  "0123456789abcdef0123456789abcdef"
#define YARN "10c0/" HEX HEX HEX HEX

/* pnpm's and Yarn's, as lists. */
static void listed(void **state)
{
	(void)state;
	tree_add(top, "pnpm-lock.yaml",
		 "{\"a@1.0.0\":\"" A "\",\"@s/b@1.0.0\":\"" B "\",\"c@1.0.0\":null,\"d@1.0.0\":"
		 "\"sha512-x\",\"e@1.0.0\":[\"" A "\"]}");
	assert_string_equal(find("pnpm", "node_modules/.pnpm/a@1.0.0/node_modules/a", "1.0.0"), A);
	assert_string_equal(
		find("pnpm", "node_modules/.pnpm/@s+b@1.0.0/node_modules/@s/b", "1.0.0"), B);
	assert_string_equal(find("pnpm", "../store/links/a/1.0.0/x/node_modules/a", "1.0.0"), A);
	assert_string_equal(find("pnpm", "node_modules/a", "1.0.1"), "");
	assert_string_equal(find("pnpm", "node_modules/a", ""), "");
	assert_string_equal(find("pnpm", "node_modules/c", "1.0.0"), "");
	assert_string_equal(find("pnpm", "node_modules/d", "1.0.0"), "");
	assert_string_equal(find("pnpm", "node_modules/e", "1.0.0"), "");
	assert_string_equal(find("pnpm", "packages/a", "1.0.0"), "");
	assert_string_equal(find("yarn", "node_modules/a", "1.0.0"), "");
	assert_int_equal(lists, 1); /* once for all of them */
	tree_add(top, "yarn.lock",
		 "{\"a@1.0.0\":\"" YARN "\",\"b@1.0.0\":\"" HEX HEX HEX HEX "\",\"c@1.0.0\":\"" YARN
		 "0\",\"d@1.0.0\":\"a b/" HEX HEX HEX HEX "\"}");
	assert_string_equal(find("yarn", ".yarn/unplugged/a-npm-1/node_modules/a", "1.0.0"), YARN);
	assert_string_equal(find("yarn", "node_modules/b", "1.0.0"), HEX HEX HEX HEX);
	assert_string_equal(find("yarn", "node_modules/c", "1.0.0"), "");
	assert_string_equal(find("yarn", "node_modules/d", "1.0.0"), "");
	assert_int_equal(lists, 2);
	/* read beforehand, whichever it is: npm's first */
	lockfile_prepare(top, list);
	assert_int_equal(lists, 3);
	assert_string_equal(find("pnpm", "node_modules/a", "1.0.0"), A);
	assert_int_equal(lists, 3);
	tree_add(top, "package-lock.json", "{}");
	lockfile_prepare(top, list);
	assert_int_equal(lists, 3);
	assert_false(lockfile_checksum((char[LOCKFILE_CHECKSUM]){ 0 }, "pnpm", top,
				       tree_path(top, "node_modules/a"), "1.0.0", NULL));
}

/* Neither a FIFO nor a directory nor a large file is waited for or read. */
static void odd_files(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command), "mkfifo %s/f; mkdir %s/d; truncate -s 1M %s/l", top, top,
		 top);
	assert_int_equal(system(command), 0);
	assert_null(lockfile_read(tree_path(top, "f"), 1000, false));
	assert_null(lockfile_read(tree_path(top, "d"), 1000, false));
	assert_null(lockfile_read(tree_path(top, "l"), 1000, false));
	assert_null(lockfile_read(tree_path(top, "none"), 1000, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(npm),
		cmocka_unit_test_setup_teardown(bun, begin, end),
		cmocka_unit_test_setup_teardown(the_projects, begin, end),
		cmocka_unit_test_setup_teardown(odd_files, begin, end),
		cmocka_unit_test_setup_teardown(listed, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
