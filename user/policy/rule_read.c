// SPDX-License-Identifier: GPL-2.0-only
/* rule_read.c - see rule_read.h. */
#include "rule_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "rule_check.h"

/* ---- lists ---- */

void strings_done(struct strings *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->at[i]);
	free(s->at);
	*s = (struct strings){ 0 };
}

int strings_add(struct strings *s, const char *text)
{
	char **at = realloc(s->at, (s->count + 1) * sizeof(*at));

	if (!at)
		return -ENOMEM;
	s->at = at;
	s->at[s->count] = strdup(text);
	if (!s->at[s->count])
		return -ENOMEM;
	s->count++;
	return 0;
}

/* ---- reading ---- */

int reader_wrong(struct reader *rd, const char *format, ...)
{
	char text[ERROR_TEXT];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return error_set(rd->e, -EINVAL, "%s: %s: %s", rd->file, rd->pointer[0] ? rd->pointer : "/",
			 text);
}

/* Step down into a member or an item; the returned length undoes it. */
size_t reader_enter(struct reader *rd, const char *format, ...)
{
	size_t len = strlen(rd->pointer);
	va_list ap;

	va_start(ap, format);
	vsnprintf(rd->pointer + len, sizeof(rd->pointer) - len, format, ap);
	va_end(ap);
	return len;
}

void reader_leave(struct reader *rd, size_t len)
{
	rd->pointer[len] = '\0';
}

static int need_text(struct reader *rd, json_t *v, bool lines, const char **ret)
{
	const char *text = json_string_value(v);

	if (!text)
		return reader_wrong(rd, "must be a string");
	if (!text[0])
		return reader_wrong(rd, "must not be empty");
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 && !(lines && *p == '\n'))
			return reader_wrong(rd, "must not hold control characters");
	*ret = text;
	return 0;
}

int read_text(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	const char *text = NULL;
	int r = need_text(rd, v, k->kind, &text);

	if (r < 0)
		return r;
	*FIELD(char *, base, k) = strdup(text);
	return *FIELD(char *, base, k) ? 0 : -ENOMEM;
}

/* Ids and labels: what is safe in a file name, a log and a shell. */
bool reader_is_word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n <= 64 && !s[n] && s[0] != '-';
}

int read_word(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	const char *text = json_string_value(v);

	if (!text || !reader_is_word(text))
		return reader_wrong(rd, "must be 1 to 64 lower-case letters, digits and hyphens");
	*FIELD(char *, base, k) = strdup(text);
	return *FIELD(char *, base, k) ? 0 : -ENOMEM;
}

/* "a, b or c" of everything a name table holds */
static void list_names(char *buf, size_t size, const char *(*names)(unsigned n))
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < 64; i++)
		if (names(i) && len < size)
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
						names(i));
}

static int need_name(struct reader *rd, const struct key *k, json_t *v, unsigned *ret)
{
	const char *text = json_string_value(v);
	int n = text ? k->from_name(text) : -ENOENT;
	char all[512];

	if (n < 0) {
		list_names(all, sizeof(all), k->names);
		return text ? reader_wrong(rd, "there is no `%s` here; one of: %s", text, all)
			    : reader_wrong(rd, "must be a string, one of: %s", all);
	}
	*ret = (unsigned)n;
	return 0;
}

/* For enums severity and action: both are as large as an unsigned. */
int read_enum(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return need_name(rd, k, v, FIELD(unsigned, base, k));
}

int read_bits(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	uint32_t *bits = FIELD(uint32_t, base, k);
	json_t *item;
	size_t i;

	if (!json_is_array(v) || json_array_size(v) == 0)
		return reader_wrong(rd, "must be a list of at least one name");
	json_array_foreach(v, i, item) {
		size_t len = reader_enter(rd, "/%zu", i);
		unsigned n;
		int r = need_name(rd, k, item, &n);

		if (r < 0)
			return r;
		if (*bits & 1u << n)
			return reader_wrong(rd, "`%s` is there twice", json_string_value(item));
		*bits |= 1u << n;
		reader_leave(rd, len);
	}
	return 0;
}

/* A list of strings, each seen by check() with the pointer on it. */
int read_list(struct reader *rd, json_t *v, struct strings *into,
	      int (*check)(struct reader *rd, const char *text, unsigned kind), unsigned kind)
{
	json_t *item;
	size_t i;

	if (!json_is_array(v) || json_array_size(v) == 0)
		return reader_wrong(rd, "must be a list of at least one string");
	json_array_foreach(v, i, item) {
		size_t len = reader_enter(rd, "/%zu", i);
		const char *text = json_string_value(item);
		int r;

		if (!text)
			return reader_wrong(rd, "must be a string");
		r = check(rd, text, kind);
		if (r < 0)
			return r;
		reader_leave(rd, len);
		r = strings_add(into, text);
		if (r < 0)
			return r;
	}
	return rule_check_twice(into, rd->file, rd->pointer, rd->e);
}

/* Read object by a table of keys. */
int read_object(struct reader *rd, const struct key *keys, size_t count, json_t *object, void *base)
{
	const char *name;
	json_t *v;

	json_object_foreach(object, name, v) {
		const struct key *k = NULL;
		size_t len = reader_enter(rd, "/%.60s", name);
		int r;

		for (size_t i = 0; i < count && !k; i++)
			if (strcmp(keys[i].name, name) == 0)
				k = &keys[i];
		if (!k)
			return reader_wrong(rd, "unknown key");
		r = k->read(rd, k, v, base);
		if (r < 0)
			return r;
		reader_leave(rd, len);
	}
	for (size_t i = 0; i < count; i++)
		if (keys[i].required && !json_object_get(object, keys[i].name))
			return reader_wrong(rd, "`%s` is missing", keys[i].name);
	return 0;
}
