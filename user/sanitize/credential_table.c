// SPDX-License-Identifier: GPL-2.0-only
/* credential_table.c - read the table of credential options. */
#include "sanitize/credential_table.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "sanitize/table_root.h"

#define COMMANDS_MAX 500
#define NAMES_MAX    5000
#define OPTIONS_MAX  5000

/* The table, and what its pointers lead to. Strings belong to the document. */
struct owned {
	struct credential_table table;
	struct credential_command commands[COMMANDS_MAX];
	const char *names[NAMES_MAX];
	struct credential_option options[OPTIONS_MAX];
	size_t name_count, option_count;
	json_t *root;
};

/* Where in the document something is, for messages. */
struct place {
	struct owned *t;
	const char *name;
	size_t entry;
	struct error *e;
};

static int bad(const struct place *p, const char *key, const char *what)
{
	return error_set(p->e, -EINVAL, "%s: /commands/%zu%s%s: %s", p->name, p->entry,
			 key ? "/" : "", key ? key : "", what);
}

static bool is_word(const char *s)
{
	for (const char *c = s; c && *c; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return s && *s;
}

static int read_programs(const struct place *p, json_t *list, struct credential_command *ret)
{
	struct owned *t = p->t;
	json_t *one;
	size_t i;

	if (!json_array_size(list))
		return bad(p, "programs", "must be an array with at least one member");
	if (t->name_count + json_array_size(list) + 1 > NAMES_MAX)
		return bad(p, "programs", "are too many");
	ret->programs = &t->names[t->name_count];
	json_array_foreach(list, i, one) {
		const char *name = json_string_value(one);

		if (!is_word(name) || strchr(name, '/'))
			return bad(p, "programs", "must be base names of programs");
		t->names[t->name_count++] = name;
	}
	t->name_count++; /* the NULL */
	return 0;
}

static int read_option(const struct place *p, const char *key, const char *what,
		       struct credential_option *ret)
{
	static const char *const whole[] = { [CREDENTIAL_SECRET] = "secret",
					     [CREDENTIAL_TEXT] = "text",
					     [CREDENTIAL_URL] = "url",
					     [CREDENTIAL_INPUT] = "input" };

	if (key[0] != '-' || !is_word(key + 1) || strchr(key, '='))
		return bad(p, key, "an option begins with '-'");
	ret->name = key;
	for (size_t i = 0; what && i < ARRAY_SIZE(whole); i++)
		if (whole[i] && strcmp(whole[i], what) == 0) {
			ret->credential = i;
			return 0;
		}
	if (!what || strncmp(what, "user", 4) != 0 || strlen(what) != 5 ||
	    !strchr(":,%/=", what[4]))
		return bad(p, key, "must be \"secret\", \"text\", \"url\", \"input\" or \"user:\"");
	ret->credential = CREDENTIAL_USER;
	ret->separator = what[4];
	return 0;
}

static int read_options(const struct place *p, json_t *options, struct credential_command *ret)
{
	struct owned *t = p->t;
	const char *key;
	json_t *value;

	if (options && !json_is_object(options))
		return bad(p, "options", "must be an object");
	if (t->option_count + json_object_size(options) + 1 > OPTIONS_MAX)
		return bad(p, "options", "are too many");
	ret->options = &t->options[t->option_count];
	json_object_foreach(options, key, value) {
		int err = read_option(p, key, json_string_value(value),
				      &t->options[t->option_count++]);

		if (err < 0)
			return err;
	}
	t->option_count++; /* the one without a name */
	return 0;
}

static int read_letters(const struct place *p, const char *key, json_t *value, const char **ret)
{
	const char *s = value ? json_string_value(value) : "";

	for (const char *c = s; c && *c; c++)
		if (!ascii_alnum(*c))
			s = NULL;
	if (!s)
		return bad(p, key, "must be a string of letters and digits");
	*ret = s;
	return 0;
}

static int read_arguments(const struct place *p, json_t *list, struct credential_command *ret)
{
	json_t *one;
	size_t i;

	if (list && !json_array_size(list))
		return bad(p, "arguments", "must be an array with at least one member");
	json_array_foreach(list, i, one) {
		json_int_t n = json_is_integer(one) ? json_integer_value(one) : 0;

		if (n < 1 || n > 31)
			return bad(p, "arguments", "must be numbers from 1 to 31");
		ret->arguments |= 1u << n;
	}
	return 0;
}

static int read_flag(const struct place *p, const char *key, json_t *value, bool *ret)
{
	if (value && !json_is_true(value))
		return bad(p, key, "must be true, or left out");
	*ret = value != NULL;
	return 0;
}

static int read_rest(const struct place *p, json_t *entry, struct credential_command *ret)
{
	json_t *command = json_object_get(entry, "command");
	const char *separator = "";
	int err;

	if (command && !is_word(json_string_value(command)))
		return bad(p, "command", "must be a word");
	ret->command = json_string_value(command);
	if (json_object_get(entry, "argument_separator")) {
		separator = json_string_value(json_object_get(entry, "argument_separator"));
		if (!separator || strlen(separator) != 1 || !strchr(":,%/", separator[0]))
			return bad(p, "argument_separator", "must be one of ':' ',' '%' '/'");
	}
	ret->argument_separator = separator[0];
	err = read_flag(p, "runs", json_object_get(entry, "runs"), &ret->runs);
	err = err ?: read_flag(p, "reads", json_object_get(entry, "reads"), &ret->reads);
	err = err
		      ?: read_letters(p, "attached", json_object_get(entry, "attached"),
				      &ret->attached);
	return err ?: read_letters(p, "valued", json_object_get(entry, "valued"), &ret->valued);
}

static int add_command(const struct place *p, json_t *entry)
{
	static const char *const keys[] = {
		"programs",	      "command", "options", "attached", "valued", "arguments",
		"argument_separator", "runs",	 "reads",   "source"
	};
	struct credential_command *c;
	const char *key;
	json_t *value;
	int err;

	if (!json_is_object(entry))
		return bad(p, NULL, "must be an object");
	json_object_foreach(entry, key, value) {
		size_t i = 0;

		while (i < ARRAY_SIZE(keys) && strcmp(keys[i], key) != 0)
			i++;
		if (i == ARRAY_SIZE(keys))
			return bad(p, key, "unknown key");
	}
	if (!json_string_length(json_object_get(entry, "source")))
		return bad(p, "source", "must say where the facts are from");
	if (p->t->table.count == COMMANDS_MAX)
		return bad(p, NULL, "is one command too many");
	c = &p->t->commands[p->t->table.count];
	err = read_programs(p, json_object_get(entry, "programs"), c);
	err = err ?: read_options(p, json_object_get(entry, "options"), c);
	err = err ?: read_arguments(p, json_object_get(entry, "arguments"), c);
	err = err ?: read_rest(p, entry, c);
	if (err < 0)
		return err;
	if (!c->options->name && !c->arguments && !c->reads)
		return bad(p, NULL, "names neither options nor arguments");
	p->t->table.count++;
	return 0;
}

static int read_entries(struct owned *t, const char *name, struct error *e)
{
	struct place p = { .t = t, .name = name, .e = e };
	json_t *list = json_object_get(t->root, "commands"), *entry;
	int err;

	json_array_foreach(list, p.entry, entry) {
		err = add_command(&p, entry);
		if (err < 0)
			return err;
	}
	return 0;
}

int credential_table_read(struct credential_table **ret, const char *name, const char *text,
			  size_t len, struct error *e)
{
	CLEANUP(credential_table_freep) struct credential_table *table = NULL;
	struct owned *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return error_set(e, -ENOMEM, "out of memory");
	table = &t->table;
	t->table.commands = t->commands;
	err = table_root_read(&t->root, name, text, len, "credential-options", "commands", e);
	err = err ?: read_entries(t, name, e);
	if (err < 0)
		return err;
	*ret = TAKE_PTR(table);
	return 0;
}

void credential_table_free(struct credential_table *t)
{
	struct owned *o = (struct owned *)t; /* its first member */

	if (!o)
		return;
	json_decref(o->root);
	free(o);
}
