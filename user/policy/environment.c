// SPDX-License-Identifier: GPL-2.0-only
/* environment.c - read such a table, key by key. */
#include "policy/environment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "policy/rule_read.h"

const char *environment_class_name(unsigned n)
{
	static const char *const names[] = {
		[ENVIRONMENT_CREDENTIALS] = "credentials",
		[ENVIRONMENT_NETRC] = "netrc",
		[ENVIRONMENT_GIT_CONFIG] = "git-config",
		[ENVIRONMENT_NPMRC] = "npmrc",
		[ENVIRONMENT_CERTIFICATES] = "certificates",
		[ENVIRONMENT_SOCKETS] = "sockets",
		[ENVIRONMENT_STEP_FILES] = "step-files",
		[ENVIRONMENT_EVENT_FILES] = "event-files",
		[ENVIRONMENT_CACHES] = "caches",
	};

	return n < ARRAY_SIZE(names) ? names[n] : NULL;
}

static int check_variable(struct reader *rd, const char *text, unsigned kind)
{
	(void)kind;
	for (const char *c = text; *c; c++)
		if (!(ascii_letter(*c) || *c == '_' || (c > text && ascii_digit(*c))))
			return reader_wrong(rd, "`%s` is not the name of a variable", text);
	return text[0] ? 0 : reader_wrong(rd, "must be the name of a variable");
}

static int check_below(struct reader *rd, const char *text, unsigned kind)
{
	(void)kind;
	return text[0] && text[0] != '/' && !strstr(text, "..")
		       ? 0
		       : reader_wrong(rd, "must be a path below the directory");
}

static int check_path(struct reader *rd, const char *text, unsigned kind)
{
	size_t skip = text[0] == '/' ? 1 : text[0] == '~' && text[1] == '/' ? 2 : 0;

	(void)kind;
	if (text[0] == '$') {
		for (skip = 1; ascii_alnum(text[skip]) || text[skip] == '_'; skip++)
			;
		if (skip == 1 || (text[skip] && text[skip] != '/'))
			return reader_wrong(rd, "`%s` must begin with $NAME/", text);
		return strstr(text, "..") ? reader_wrong(rd, "`..` is not possible here") : 0;
	}
	if (!text[skip] || strstr(text, "..") || (!skip && (text[0] == '~' || strchr(text, '/'))))
		return reader_wrong(rd, "must be /x, ~/x, $NAME/x, or a name without `/`");
	return 0;
}

static int read_paths(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_strings(rd, v, FIELD(struct strings, base, k), check_path, 0);
}

static int read_variables(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_strings(rd, v, FIELD(struct strings, base, k), check_variable, 0);
}

static int read_below(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_strings(rd, v, FIELD(struct strings, base, k), check_below, 0);
}

static int read_list(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	if (!json_is_boolean(v))
		return reader_wrong(rd, "must be true or false");
	*FIELD(bool, base, k) = json_is_true(v);
	return 0;
}

static int read_source(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	const char *text = json_string_value(v);

	if (!text || strncmp(text, "https://", 8) != 0)
		return reader_wrong(rd, "must be an https:// address");
	return read_text(rd, k, v, base);
}

#define AT(field) offsetof(struct environment_entry, field)

static const struct key entry_keys[] = {
	{ "class", read_enum, AT(class), .names = environment_class_name, .required = true },
	{ "variables", read_variables, AT(variables), .kind = 0 },
	{ "paths", read_paths, AT(paths), .kind = 0 },
	{ "list", read_list, AT(list), .kind = 0 },
	{ "below", read_below, AT(below), .kind = 0 },
	{ "source", read_source, AT(source), .required = true },
};

static void entry_free(struct environment_entry *entry)
{
	strings_done(&entry->variables);
	strings_done(&entry->below);
	strings_done(&entry->paths);
	free(entry->source);
}

static int read_entry(struct reader *rd, json_t *v, void *arg)
{
	struct environment_table *t = arg;
	struct environment_entry *at = reallocarray(t->at, t->count + 1, sizeof(*at));
	int err;

	if (!at)
		return -ENOMEM;
	t->at = at;
	at += t->count++;
	*at = (struct environment_entry){ 0 };
	err = read_object(rd, entry_keys, ARRAY_SIZE(entry_keys), v, at);
	if (err == 0 && !at->variables.count && !at->paths.count)
		return reader_wrong(rd, "`variables` or `paths` is missing");
	return err;
}

static int read_entries(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	(void)k;
	return read_items(rd, v, "entry", read_entry, base);
}

static int read_nothing(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	(void)k;
	(void)base;
	return json_is_string(v) ? 0 : reader_wrong(rd, "must be a string");
}

static const struct key table_keys[] = {
	{ "table", read_nothing, 0, .required = true },
	{ "note", read_nothing, 0, .kind = 0 },
	{ "entries", read_entries, 0, .required = true },
};

int environment_read(struct environment_table *t, json_t *root, const char *file, struct error *e)
{
	struct reader rd = { .file = file, .e = e };

	return read_object(&rd, table_keys, ARRAY_SIZE(table_keys), root, t);
}

void environment_free(struct environment_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		entry_free(&t->at[i]);
	free(t->at);
	*t = (struct environment_table){ 0 };
}
