// SPDX-License-Identifier: GPL-2.0-only
/* other_managers.c - see other_managers.h. */
#define _GNU_SOURCE /* strchrnul */
#include "policy/other_managers.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"

#include "other_managers.inc"

/* Words of an interpreter that may precede the program. */
#define BEFORE 4
/* Words of the program among which the command is. */
#define AFTER 8

static const char *const interpreters[] = { "python", "pypy", "node", "ruby", "perl", "php",
					    "env",    "sh",   "bash", "dash", "java", NULL };

/* The length of a program's name without a version or an extension. */
static size_t plain_length(const char *name)
{
	static const char *const extensions[] = { ".py", ".js", ".cjs", ".mjs", ".phar",
						  ".rb", ".pl", ".sh",	NULL };
	size_t len = strlen(name);

	for (const char *const *e = extensions; *e; e++)
		if (len > strlen(*e) && strcmp(name + len - strlen(*e), *e) == 0)
			return len - strlen(*e);
	return len;
}

/* Whether a word of argv is this program. */
static bool is_program(const char *word, const char *program)
{
	const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;
	size_t len = plain_length(name), n = strlen(program);

	if (len < n || memcmp(name, program, n) != 0)
		return false;
	for (size_t i = n; i < len; i++)
		if (!ascii_digit(name[i]) && name[i] != '.')
			return false;
	return true;
}

static const char *listed(const char *const *list, const char *word)
{
	for (; *list; list++)
		if (is_program(word, *list))
			return *list;
	return NULL;
}

static const char *command_in(const char *const *commands, const char *const *words, size_t count)
{
	if (!*commands)
		return "";
	for (size_t i = 0; i < count; i++)
		for (const char *const *c = commands; *c; c++)
			if (strcmp(words[i], *c) == 0)
				return *c;
	return NULL;
}

const char *other_manager_of(const char *argv, size_t len, const char **ret_command)
{
	const char *words[BEFORE + AFTER];
	size_t count = 0, before;

	for (size_t at = 0; at < len && count < ARRAY_SIZE(words);) {
		const char *end = memchr(argv + at, '\0', len - at);

		if (!end) /* cut */
			break;
		words[count++] = argv + at;
		at = (size_t)(end - argv) + 1;
	}
	before = count && listed(interpreters, words[0]) ? BEFORE : 1;
	for (size_t i = 0; i < count && i < before; i++)
		for (size_t m = 0; m < other_manager_count; m++) {
			const char *program = listed(other_managers[m].programs, words[i]);
			size_t after = count - i - 1;
			const char *command;

			if (!program)
				continue;
			command = command_in(other_managers[m].commands, words + i + 1,
					     after < AFTER ? after : AFTER);
			if (!command)
				return NULL;
			*ret_command = command;
			return program;
		}
	return NULL;
}
