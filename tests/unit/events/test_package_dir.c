// SPDX-License-Identifier: GPL-2.0-only
/* test_package_dir.c - what a package's directory and its files call it. */
#include "events/package_dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

#define HASH "0123456789abcdef0123456789abcdef"

static void directories(void **state)
{
	static const struct {
		const char *path, *name;
	} table[] = {
		{ "/tmp/pip-install-ab_12/markupsafe_" HASH, "markupsafe" },
		{ "/tmp/pip-wheel-ab/ruamel.yaml_clib_" HASH "/sub/dir", "ruamel.yaml_clib" },
		{ "/tmp/pip-req-build-ab12", NULL },
		{ "/tmp/pip-install-ab/x_" HASH "0", NULL },
		{ "/tmp/pip-install-ab/_" HASH, NULL },
		{ "/tmp/pip-install-ab/x;y_" HASH, NULL },
		{ "/tmp/pip-install-ab/x_0123456789ABCDEF0123456789abcdef", NULL },
		{ "/tmp/x_" HASH, NULL },
		{ "/tmp/pip-install-ab", NULL },
		{ "/", NULL },
		{ "", NULL },
	};
	char name[PACKAGE_DIR_NAME], version[PACKAGE_DIR_NAME];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		bool got = package_dir_name(name, version, table[i].path, NULL);

		if (got != !!table[i].name || strcmp(name, table[i].name ?: "") != 0)
			fail_msg("%s: %d %s", table[i].path, got, name);
		assert_string_equal(version, "");
	}
}

static void held(void **state)
{
	static const struct {
		const char *path, *name, *version;
	} table[] = {
		{ "/v/gems/json-2.9.1/ext/json/ext", "json", "2.9.1" },
		{ "/v/gems/nokogiri-1.18.1-x86_64-linux/ext", "nokogiri", "1.18.1" },
		{ "/v/gems/foo-3d-1.0.rc1/ext", "foo-3d", "1.0.rc1" },
		{ "/gems/x/gems/a_b-0.1", "a_b", "0.1" },
		{ "/v/bundler/gems/foo-0a1b2c3d4e5f/ext", "foo-0a1b2c3d4e5f", "" },
		{ "/v/gems/-1/ext", NULL, "" },
		{ "/v/gems/a b-1/ext", NULL, "" },
		{ "/v/gemsx/a-1/ext", NULL, "" },
		{ "/v/gems", NULL, "" },
		{ "/v/gems/", NULL, "" },
		{ "", NULL, "" },
	};
	char name[PACKAGE_DIR_NAME], version[PACKAGE_DIR_NAME];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		bool got = package_dir_name(name, version, table[i].path, "gems");

		if (got != !!table[i].name || strcmp(name, table[i].name ?: "") != 0 ||
		    strcmp(version, table[i].version) != 0)
			fail_msg("%s: %d %s %s", table[i].path, got, name, version);
	}
}

static void same(void **state)
{
	(void)state;
	assert_true(package_dir_same("Ruamel.YAML_clib", "ruamel-yaml-clib"));
	assert_false(package_dir_same("a", "ab"));
	assert_false(package_dir_same("ab", "a"));
	assert_false(package_dir_same("", "a"));
}

static void files(void **state)
{
	static const struct {
		const char *file, *text, *name, *version;
	} table[] = {
		{ "PKG-INFO", "Metadata-Version: 2.1\nName: MarkupSafe\nVersion: 3.0.4\n",
		  "MarkupSafe", "3.0.4" },
		{ "PKG-INFO", "Name: a\r\nVersion: 1\r\n\r\nName: b\n", "a", "1" },
		{ "PKG-INFO", "Summary: x\n\nName: b\nVersion: 2\n", "", "" },
		{ "PKG-INFO", "Name = a\n", "", "" },
		{ "pyproject.toml", "name = \"z\"\n[project]\nname = \"a-b\"\nversion = '1.0'\n",
		  "a-b", "1.0" },
		{ "pyproject.toml", "[project.urls]\nname = \"z\"\n[tool.poetry] \nname=\"p\"\n",
		  "p", "" },
		{ "pyproject.toml", "[project]\nname = \"a\ndynamic = [\"version\"]\n", "", "" },
		{ "pyproject.toml", "[project]\nversion = \"1\"", "", "1" },
		{ "setup.cfg", "[options]\nname = z\n[metadata]\nname = a\nversion = attr: a.b\n",
		  "a", "" },
		{ "setup.py", "setup(name='evilpkg', version=\"1.2.3\", py_modules=[])\n",
		  "evilpkg", "1.2.3" },
		{ "setup.py", "setup(package_name='x',\n  name=NAME, version=v())\n", "", "" },
		{ "setup.py", "# name='x'\n    name = 'y',\n", "y", "" },
		{ "setup.py", "name='\033[31m', version='../x'\n", "", "" },
		{ "other", "Name: a\n", "", "" },
		{ "PKG-INFO", "", "", "" },
		{ "PKG-INFO", "name", "", "" },
		{ "PKG-INFO", "name:", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		char name[PACKAGE_DIR_NAME] = "", version[PACKAGE_DIR_NAME] = "";
		size_t len = strlen(table[i].text);
		/* no byte behind it may be looked at */
		_free_ char *text = malloc(len ? len : 1);

		memcpy(text, table[i].text, len);
		package_dir_file(name, version, table[i].file, text, len);
		if (strcmp(name, table[i].name) != 0 || strcmp(version, table[i].version) != 0)
			fail_msg("%s: `%s` `%s`", table[i].text, name, version);
	}
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* The first file that says it counts; what is no regular file does not stop the search. */
static void on_disk(void **state)
{
	char dir[] = "/tmp/test_package_dir.XXXXXX", path[128];
	char name[PACKAGE_DIR_NAME], version[PACKAGE_DIR_NAME];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/PKG-INFO", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	write_file(dir, "pyproject.toml", "[project]\nname = \"a\"\n");
	write_file(dir, "setup.py", "setup(name='b', version='2')\n");
	package_dir_files(name, version, dir);
	assert_string_equal(name, "a");
	assert_string_equal(version, "2");
	package_dir_files(name, version, "/nonexistent");
	assert_string_equal(name, "");
	unlink(path);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, i ? "setup.py" : "pyproject.toml");
		unlink(path);
	}
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directories), cmocka_unit_test(held),	  cmocka_unit_test(same),
		cmocka_unit_test(files),       cmocka_unit_test(on_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
