// SPDX-License-Identifier: GPL-2.0-only
/* script_files.c - take words for paths, and look whether they are there. */
#include "session/script_files.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "session/small_file.h"

/* ---- one command line ---- */

static bool known_already(const struct strings *s, const char *path)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->at[i], path) == 0)
			return true;
	return false;
}

/* Add the file at path if it is one: both the link, if the last part is one, and where it leads. */
static int add_file(struct strings *ret, const char *path)
{
	struct stat st;

	if (ret->count >= SCRIPT_FILES_MAX || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return known_already(ret, path) ? 0 : strings_add(ret, path);
}

static int add_word(struct strings *ret, const char *dir, const char *word)
{
	/* https://nodejs.org/api/modules.html#all-together, and what bundlers and tsx add */
	static const char *const endings[] = { "",     ".js",	    ".cjs",	 ".mjs",
					       ".ts",  ".json",	    "/index.js", "/index.cjs",
					       ".mts", "/index.mjs" };
	char path[PATH_MAX];
	int r = 0;

	while (strncmp(word, "./", 2) == 0)
		word += 2;
	/* no file of the project: an option, an absolute path, a variable */
	if (!word[0] || strchr("-/~$", word[0]) || strstr(word, "node_modules"))
		return 0;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(endings); i++)
		if (snprintf(path, sizeof(path), "%s/%s%s", dir, word, endings[i]) <
		    (int)sizeof(path))
			r = add_file(ret, path);
	return r;
}

int script_files_of_command(struct strings *ret, const char *dir, const char *command)
{
	static const char ends[] = " \t\r\n\"'`;&|()<>=,{}";
	_free_ char *copy = strdup(command);
	char *rest = copy, *word;
	int r = 0;

	if (!copy)
		return -ENOMEM;
	while (r == 0 && (word = strsep(&rest, ends))) {
		char *attached = word[0] == '-' ? strstr(word, "./") : NULL; /* -r./setup.js */

		r = add_word(ret, dir, attached ?: word);
	}
	return r;
}

/* ---- manifests ---- */

static json_t *manifest_in(const char *dir)
{
	_free_ char *text = NULL;
	char file[PATH_MAX];

	if (snprintf(file, sizeof(file), "%s/package.json", dir) >= (int)sizeof(file))
		return NULL;
	text = small_file_read(file, (uid_t)-1, NULL);
	return text ? json_loads(text, 0, NULL) : NULL;
}

static int add_scripts(struct strings *ret, const char *dir, const json_t *manifest)
{
	json_t *value;
	const char *name;
	int r = 0;

	/* json_object_foreach() of Debian 12 wants a variable object */
	json_object_foreach((json_t *)json_object_get(manifest, "scripts"), name, value) {
		(void)name;
		if (r == 0 && json_is_string(value))
			r = script_files_of_command(ret, dir, json_string_value(value));
	}
	return r;
}

/* ---- workspaces ---- */

static int add_members(struct strings *ret, const char *dir, const char *pattern)
{
	char below[PATH_MAX], *any;
	glob_t found;
	int r = 0;

	if (pattern[0] == '!' || pattern[0] == '/' || strstr(pattern, ".."))
		return 0;
	if (snprintf(below, sizeof(below), "%s/%s", dir, pattern) >= (int)sizeof(below))
		return 0;
	any = strstr(below, "**"); /* for glob() that is one level, like "*" */
	if (any && any[2])
		any[2] = 0;
	if (glob(below, GLOB_ONLYDIR | GLOB_NOSORT, NULL, &found) == 0) {
		for (size_t i = 0; r == 0 && i < found.gl_pathc && i < SCRIPT_DIRS_MAX; i++) {
			json_t *manifest = strstr(found.gl_pathv[i], "node_modules")
						   ? NULL
						   : manifest_in(found.gl_pathv[i]);

			r = add_scripts(ret, found.gl_pathv[i], manifest);
			json_decref(manifest);
		}
		globfree(&found);
	}
	return r;
}

static int add_npm_workspaces(struct strings *ret, const char *dir, const json_t *manifest)
{
	json_t *list = json_object_get(manifest, "workspaces"), *pattern;
	size_t i;
	int r = 0;

	if (json_is_object(list))
		list = json_object_get(list, "packages");
	json_array_foreach(list, i, pattern) {
		if (r == 0 && json_is_string(pattern))
			r = add_members(ret, dir, json_string_value(pattern));
	}
	return r;
}

/* Of pnpm-workspace.yaml the lists are read, whatever they are called: a line "- pattern". */
static int add_pnpm_workspaces(struct strings *ret, const char *dir)
{
	_free_ char *text = NULL;
	char file[PATH_MAX], *rest, *line;
	int r = 0;

	if (snprintf(file, sizeof(file), "%s/pnpm-workspace.yaml", dir) >= (int)sizeof(file))
		return 0;
	text = small_file_read(file, (uid_t)-1, NULL);
	rest = text;
	while (r == 0 && (line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (line[0] != '-')
			continue;
		line += 1 + strspn(line + 1, " \t'\"");
		line[strcspn(line, "'\"#\r")] = 0;
		for (size_t n = strlen(line); n && isspace((unsigned char)line[n - 1]);)
			line[--n] = 0;
		if (line[0])
			r = add_members(ret, dir, line);
	}
	return r;
}

int script_files_of_project(struct strings *ret, const char *dir)
{
	json_t *manifest = manifest_in(dir);
	int r = add_scripts(ret, dir, manifest);

	r = r ?: add_npm_workspaces(ret, dir, manifest);
	r = r ?: add_pnpm_workspaces(ret, dir);
	json_decref(manifest);
	return r;
}
