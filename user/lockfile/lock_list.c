// SPDX-License-Identifier: GPL-2.0-only
/*
 * lock_list.c - see lock_list.h. YAML is read by libyaml, event by event: nothing is kept but the
 * few values that are wanted. Aliases, which can make much of little, are an error; no manager
 * writes them.
 */
#include "lockfile/lock_list.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define MOST_DEPTH 32

static void add(json_t *list, const char *name, size_t name_len, const char *version,
		size_t version_len, const char *sum)
{
	_buf_ struct buf key = BUF_INIT;
	const char *there;

	buf_add(&key, name, name_len);
	buf_addc(&key, '@');
	buf_add(&key, version, version_len);
	if (key.failed || !name_len || !version_len || strlen(key.at) != key.len)
		return;
	there = json_string_value(json_object_get(list, key.at));
	if (!json_object_get(list, key.at))
		json_object_set_new(list, key.at, json_string(sum));
	else if (!there || strcmp(there, sum) != 0)
		json_object_set_new(list, key.at, json_null());
}

/* "left-pad" of "left-pad@^1.3.0", "@scope/x" of "@scope/x@npm:1.0.0"; 0: it has no version. */
static size_t name_of(const char *descriptor, size_t len)
{
	const char *at = len > 1 ? memchr(descriptor + 1, '@', len - 1) : NULL;

	return at ? (size_t)(at - descriptor) : 0;
}

/* "a@1.0.0", "/a@1.0.0(peer@2.0.0)" before version 9, "/a/1.0.0_peer@2.0.0" before 6. */
static void add_pnpm(json_t *list, const char *key, const char *sum)
{
	bool slash = *key == '/';
	const char *name = key + slash, *version = NULL;
	size_t len = strcspn(name, "("), n = name_of(name, len);

	if (slash) {
		const char *end = name + strcspn(name, "/");

		if (*name == '@' && *end)
			end += 1 + strcspn(end + 1, "/");
		if (*end && (!n || end < name + n))
			version = end + 1;
	}
	if (version) {
		add(list, name, (size_t)(version - 1 - name), version, strcspn(version, "_("), sum);
	} else if (n) {
		add(list, name, n, name + n + 1, len - n - 1, sum);
	}
}

/* For each of `"a@^1", "b@^2"` or `a@^1, b@^2`. */
static void add_descriptors(json_t *list, const char *keys, const char *version, const char *sum)
{
	while (*keys) {
		bool quoted = *keys == '"';
		size_t len = strcspn(keys += quoted, quoted ? "\"" : ",");

		add(list, keys, name_of(keys, len), version, strlen(version), sum);
		keys += len;
		keys += strspn(keys, "\", ");
	}
}

/* ---- YAML ---- */

struct level {
	bool map;
	char *key; /* of a mapping, that of the value which comes; NULL: a key comes */
};

struct walk {
	json_t *list;
	enum lock_format format;
	struct level at[MOST_DEPTH];
	int depth;
	/* of the entry of yarn.lock that is being read */
	char *version, *resolution, *checksum;
};

static void set(char **at, const char *text)
{
	free(*at);
	*at = text ? strdup(text) : NULL;
}

static void forget(struct walk *w)
{
	set(&w->version, NULL);
	set(&w->resolution, NULL);
	set(&w->checksum, NULL);
}

static bool is_key(const struct level *l, const char *key)
{
	return l->key && strcmp(l->key, key) == 0;
}

static void on_value(struct walk *w, const char *value)
{
	const struct level *at = w->at;

	if (w->format == LOCK_PNPM) {
		if (w->depth == 4 && is_key(&at[0], "packages") && at[1].key &&
		    is_key(&at[2], "resolution") && is_key(&at[3], "integrity"))
			add_pnpm(w->list, at[1].key, value);
	} else if (w->depth == 2 && at[0].key) {
		if (is_key(&at[1], "version"))
			set(&w->version, value);
		else if (is_key(&at[1], "resolution"))
			set(&w->resolution, value);
		else if (is_key(&at[1], "checksum"))
			set(&w->checksum, value);
	}
}

/* An entry of yarn.lock has ended. Of the registry's packages only: others have versions of their
 * own making. */
static void on_entry(struct walk *w, const char *keys)
{
	size_t n = w->resolution ? name_of(w->resolution, strlen(w->resolution)) : 0;

	if (n && w->version && w->checksum && strncmp(w->resolution + n, "@npm:", 5) == 0) {
		add(w->list, w->resolution, n, w->version, strlen(w->version), w->checksum);
		add_descriptors(w->list, keys, w->version, w->checksum); /* names given to it */
	}
	forget(w);
}

static void took_value(struct walk *w)
{
	if (w->depth && w->at[w->depth - 1].map)
		set(&w->at[w->depth - 1].key, NULL);
}

static const char *step(struct walk *w, const yaml_event_t *event)
{
	struct level *top = w->depth ? &w->at[w->depth - 1] : NULL;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		if (top && top->map && !top->key) {
			top->key = strdup((const char *)event->data.scalar.value);
			return top->key ? NULL : "out of memory";
		}
		on_value(w, (const char *)event->data.scalar.value);
		took_value(w);
		return NULL;
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		if (top && top->map && !top->key)
			return "a key is no text";
		if (w->depth == MOST_DEPTH)
			return "it is nested too deeply";
		w->at[w->depth++] = (struct level){ event->type == YAML_MAPPING_START_EVENT, NULL };
		return NULL;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		set(&top->key, NULL);
		if (--w->depth == 1 && w->format == LOCK_YARN && w->at[0].key)
			on_entry(w, w->at[0].key);
		took_value(w);
		return NULL;
	case YAML_ALIAS_EVENT:
		return "it has aliases";
	default:
		return NULL;
	}
}

static int read_yaml(struct walk *w, const char *text, size_t len, struct error *e)
{
	yaml_parser_t parser;
	bool done = false;
	int err = 0;

	if (!yaml_parser_initialize(&parser))
		return error_set(e, -ENOMEM, "out of memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (!done && err == 0) {
		yaml_event_t event;
		const char *wrong;

		if (!yaml_parser_parse(&parser, &event)) {
			err = error_set(e, -EINVAL, "line %zu: %s", parser.problem_mark.line + 1,
					parser.problem ?: "is no YAML");
			break;
		}
		wrong = step(w, &event);
		if (wrong)
			err = error_set(e, -EINVAL, "line %zu: %s", event.start_mark.line + 1,
					wrong);
		done = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	while (w->depth)
		set(&w->at[--w->depth].key, NULL);
	forget(w);
	return err;
}

/* ---- Yarn 1 ---- */

static const char yarn_1[] = "# yarn lockfile v1";

/* Its own format: `"a@^1", "a@^2":`, and below it, two columns in, `version "1.0.1"` and so on. */
struct entry {
	char *keys, *version, *integrity;
};

static void end_entry(struct entry *entry, json_t *list)
{
	if (entry->keys && entry->version && entry->integrity)
		add_descriptors(list, entry->keys, entry->version, entry->integrity);
	set(&entry->keys, NULL);
	set(&entry->version, NULL);
	set(&entry->integrity, NULL);
}

/* The value of `  name "value"` or `  name value`, or NULL. */
static char *member(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(line, "  ", 2) != 0 || strncmp(line + 2, name, len) != 0 ||
	    line[2 + len] != ' ')
		return NULL;
	line += 3 + len;
	line += *line == '"';
	return strndup(line, strcspn(line, "\""));
}

static bool take_line(struct entry *entry, json_t *list, const char *line)
{
	size_t len = strlen(line);
	char *value;

	if (!len || *line == '#')
		return true;
	if (*line != ' ') {
		end_entry(entry, list);
		if (line[len - 1] != ':')
			return false;
		entry->keys = strndup(line, len - 1);
		return entry->keys;
	}
	if (!entry->keys)
		return false;
	value = member(line, "version");
	if (value) {
		free(entry->version);
		entry->version = value;
	}
	value = member(line, "integrity");
	if (value) {
		free(entry->integrity);
		entry->integrity = value;
	}
	return true;
}

static int read_yarn_1(json_t *list, const char *text, size_t len, struct error *e)
{
	struct entry entry = { 0 };
	size_t number = 0;
	int err = 0;

	for (size_t at = 0; at < len && err == 0;) {
		const char *feed = memchr(text + at, '\n', len - at);
		size_t n = feed ? (size_t)(feed - text) - at : len - at;
		_free_ char *line = strndup(text + at, n);

		number++;
		at += n + 1;
		if (!line)
			err = error_set(e, -ENOMEM, "out of memory");
		else if (strlen(line) != n)
			err = error_set(e, -EINVAL, "line %zu: a NUL", number);
		if (err == 0 && n && line[n - 1] == '\r')
			line[n - 1] = '\0';
		if (err == 0 && !take_line(&entry, list, line))
			err = error_set(e, -EINVAL, "line %zu: is no key", number);
	}
	end_entry(&entry, list);
	return err;
}

int lock_list(json_t **ret, enum lock_format format, const char *text, size_t len, struct error *e)
{
	struct walk w = { .list = json_object(), .format = format };
	int err;

	if (!w.list)
		return error_set(e, -ENOMEM, "out of memory");
	if (format == LOCK_YARN && memmem(text, len < 512 ? len : 512, yarn_1, strlen(yarn_1)))
		err = read_yarn_1(w.list, text, len, e);
	else
		err = read_yaml(&w, text, len, e);
	if (err < 0) {
		json_decref(w.list);
		return err;
	}
	*ret = w.list;
	return 0;
}
