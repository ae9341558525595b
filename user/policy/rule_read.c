// SPDX-License-Identifier: GPL-2.0-only
/* rule_read.c - see rule_read.h. */
#include "policy/rule_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "policy/names.h"

int reader_wrong(struct reader *rd, const char *format, ...)
{
	char text[ERROR_TEXT];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return error_set(rd->e, -EINVAL, "%s%s%s: %s", rd->file ?: "", rd->file ? ": " : "",
			 rd->pointer[0] ? rd->pointer : "/", text);
}

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

/* ---- texts and words ---- */

static int keep_copy(char **to, const char *text)
{
	*to = strdup(text);
	return *to ? 0 : -ENOMEM;
}

int read_text(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	const char *text = json_string_value(v);

	if (!text)
		return reader_wrong(rd, "must be a string");
	if (!text[0])
		return reader_wrong(rd, "must not be empty");
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 && !(k->kind == TEXT_LINES && *p == '\n'))
			return reader_wrong(rd, "must not contain control characters");
	return keep_copy(FIELD(char *, base, k), text);
}

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
	return keep_copy(FIELD(char *, base, k), text);
}

/* ---- names of enumerations ---- */

static int need_name(struct reader *rd, const struct key *k, json_t *v, unsigned *ret)
{
	const char *text = json_string_value(v);
	int n = text ? name_number(k->names, text) : -ENOENT;
	_buf_ struct buf all = BUF_INIT;

	if (n >= 0) {
		*ret = (unsigned)n;
		return 0;
	}
	for (unsigned i = 0; i < 32; i++)
		if (k->names(i))
			buf_addf(&all, "%s%s", all.len ? ", " : "", k->names(i));
	return text ? reader_wrong(rd, "unknown name `%s`, must be one of: %s", text, all.at)
		    : reader_wrong(rd, "must be a string, one of: %s", all.at);
}

int read_enum(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return need_name(rd, k, v, FIELD(unsigned, base, k));
}

struct bits {
	const struct key *k;
	uint32_t *bits;
};

static int read_bit(struct reader *rd, json_t *v, void *arg)
{
	struct bits *b = arg;
	unsigned n;
	int r = need_name(rd, b->k, v, &n);

	if (r < 0)
		return r;
	if (*b->bits & 1u << n)
		return reader_wrong(rd, "`%s` is listed twice", json_string_value(v));
	*b->bits |= 1u << n;
	return 0;
}

int read_bits(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_items(rd, v, "name", read_bit, &(struct bits){ k, FIELD(uint32_t, base, k) });
}

/* ---- lists ---- */

int read_items(struct reader *rd, json_t *v, const char *what,
	       int (*item)(struct reader *rd, json_t *v, void *arg), void *arg)
{
	json_t *each;
	size_t i;

	if (!json_is_array(v) || json_array_size(v) == 0)
		return reader_wrong(rd, "must be a list of at least one %s", what);
	json_array_foreach(v, i, each) {
		size_t len = reader_enter(rd, "/%zu", i);
		int r = item(rd, each, arg);

		if (r < 0)
			return r;
		reader_leave(rd, len);
	}
	return 0;
}

struct list {
	struct strings *into;
	int (*check)(struct reader *rd, const char *text, unsigned kind);
	unsigned kind;
	uint64_t seen[1024]; /* a bit for each of 65,536 hashes: lists have up to some thousands */
};

/* Whether text is in the list already, which it is about to be added to. */
static bool is_repeated(struct list *l, const char *text)
{
	uint32_t hash = 0x811c9dc5; /* FNV-1a, folded */
	uint64_t *word, bit;

	for (const char *p = text; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 0x01000193;
	hash = (hash ^ hash >> 16) & 0xffff;
	word = &l->seen[hash / 64];
	bit = 1ULL << hash % 64;
	if (!(*word & bit)) {
		*word |= bit;
		return false;
	}
	for (size_t i = 0; i < l->into->count; i++)
		if (strcmp(l->into->at[i], text) == 0)
			return true;
	return false;
}

static int read_string(struct reader *rd, json_t *v, void *arg)
{
	struct list *l = arg;
	const char *text = json_string_value(v);
	int r;

	if (!text)
		return reader_wrong(rd, "must be a string");
	r = l->check(rd, text, l->kind);
	if (r < 0)
		return r;
	if (is_repeated(l, text))
		return reader_wrong(rd, "`%s` is listed twice", text);
	return strings_add(l->into, text);
}

int read_strings(struct reader *rd, json_t *v, struct strings *into,
		 int (*check)(struct reader *rd, const char *text, unsigned kind), unsigned kind)
{
	struct list list = { .into = into, .check = check, .kind = kind };

	return read_items(rd, v, "string", read_string, &list);
}

/* ---- objects ---- */

static int unknown_key(struct reader *rd, const struct key *keys, size_t count)
{
	_buf_ struct buf all = BUF_INIT;

	for (size_t i = 0; i < count; i++)
		buf_addf(&all, "%s%s", i ? ", " : "", keys[i].name);
	return reader_wrong(rd, "unknown key, must be one of: %s", all.at);
}

int read_object(struct reader *rd, const struct key *keys, size_t count, json_t *v, void *base)
{
	const char *name;
	json_t *member;

	if (!json_is_object(v))
		return reader_wrong(rd, "must be an object");
	json_object_foreach(v, name, member) {
		const struct key *k = NULL;
		size_t len = reader_enter(rd, "/%.60s", name);
		int r;

		for (size_t i = 0; i < count && !k; i++)
			if (strcmp(keys[i].name, name) == 0)
				k = &keys[i];
		r = k ? k->read(rd, k, member, base) : unknown_key(rd, keys, count);
		if (r < 0)
			return r;
		reader_leave(rd, len);
	}
	for (size_t i = 0; i < count; i++)
		if (keys[i].required && !json_object_get(v, keys[i].name))
			return reader_wrong(rd, "`%s` is missing", keys[i].name);
	return 0;
}
