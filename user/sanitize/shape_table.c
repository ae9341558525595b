// SPDX-License-Identifier: GPL-2.0-only
/* shape_table.c - read the table of token shapes. */
#include "sanitize/shape_table.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "sanitize/table_root.h"

#define SHAPES_MAX 2000
#define SETS_MAX   200
#define RUN_MAX	   4096

/* The table, and what its pointers lead to. */
struct owned {
	struct shape_table table;
	struct shape shapes[SHAPES_MAX];
	struct charset sets[SETS_MAX];
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
	return error_set(p->e, -EINVAL, "%s: /shapes/%zu%s%s: %s", p->name, p->entry,
			 key ? "/" : "", key ? key : "", what);
}

static void set_add(struct charset *s, unsigned char c)
{
	s->bits[c >> 3] |= 1u << (c & 7);
}

/* Index of this set in the table; -1: the table is full. */
static int set_index(struct owned *t, const struct charset *s)
{
	size_t i;

	for (i = 0; i < t->table.set_count; i++)
		if (memcmp(&t->sets[i], s, sizeof(*s)) == 0)
			return i;
	if (i == SETS_MAX)
		return -1;
	t->sets[i] = *s;
	t->table.set_count++;
	return i;
}

/* *at: behind "["; moved behind "]". The members are characters and ranges; a '-' at the end is
 * itself. */
static bool read_set(const char **at, struct charset *ret)
{
	const char *s = *at;

	for (; *s && *s != ']'; s++) {
		unsigned char from = *s, to = from;

		if (from < '!' || from > '~' || from == '[')
			return false;
		if (s[1] == '-' && s[2] && s[2] != ']') {
			to = s[2];
			s += 2;
		}
		if (to < from || to > '~')
			return false;
		for (unsigned c = from; c <= to; c++)
			set_add(ret, c);
	}
	if (*s != ']' || s == *at)
		return false;
	*at = s + 1;
	return true;
}

/* *at: behind "{"; moved behind "}". */
static bool read_count(const char **at, uint16_t *ret_least, uint16_t *ret_most)
{
	char *end;
	unsigned long least, most;

	if (!ascii_digit(**at))
		return false;
	least = most = strtoul(*at, &end, 10);
	if (*end == ',') {
		most = 0;
		if (ascii_digit(end[1])) {
			most = strtoul(end + 1, &end, 10);
			if (most < least || !most)
				return false;
		} else {
			end++;
		}
	}
	if (*end != '}' || least > RUN_MAX || most > RUN_MAX)
		return false;
	*ret_least = least;
	*ret_most = most;
	*at = end + 1;
	return true;
}

static int read_run(const struct place *p, const char *key, const char **at, struct shape_part *ret)
{
	struct charset set = { 0 };
	int index;

	(*at)++;
	if (!read_set(at, &set))
		return bad(p, key, "a set is printable characters and ranges: [A-Za-z0-9_-]");
	if (**at != '{')
		return bad(p, key, "a set must be followed by a count: {20}, {20,} or {20,40}");
	(*at)++;
	if (!read_count(at, &ret->least, &ret->most))
		return bad(p, key, "a count must be {20}, {20,} or {20,40}, at most 4096");
	index = set_index(p->t, &set);
	if (index < 0)
		return bad(p, key, "too many different sets");
	ret->set = index;
	return 0;
}

/* A run takes all it can get, so what follows it must begin with something else, unless the run's
 * length is fixed. */
static bool is_ambiguous(const struct owned *t, const struct shape_part *run,
			 const struct shape_part *next)
{
	const struct charset *set = &t->sets[run->set];

	if (run->literal || run->least == run->most)
		return false;
	if (next->literal)
		return charset_has(set, next->literal[0]);
	for (size_t i = 0; i < sizeof(set->bits); i++)
		if (set->bits[i] & t->sets[next->set].bits[i])
			return true;
	return false;
}

static int read_shape(const struct place *p, const char *key, const char *text, struct shape *ret)
{
	const char *at = text;

	while (*at) {
		struct shape_part part = { 0 };
		int err;

		if (ret->count == SHAPE_PARTS)
			return bad(p, key, "has more than 12 parts");
		if (*at == '[') {
			err = read_run(p, key, &at, &part);
			if (err < 0)
				return err;
		} else {
			part.literal = at;
			while (*at > ' ' && *at <= '~' && !strchr("[]{}", *at))
				at++;
			part.literal_len = at - part.literal;
			if (!part.literal_len)
				return bad(p, key,
					   "holds a character that is neither literal nor a set");
		}
		if (!ret->count && !part.literal) {
			if (ret->has_lead)
				return bad(p, key, "begins with two sets");
			ret->lead = part;
			ret->has_lead = true;
			continue;
		}
		if (ret->count && is_ambiguous(p->t, &ret->parts[ret->count - 1], &part))
			return bad(p, key,
				   "what follows a set begins with a character of that set");
		ret->parts[ret->count++] = part;
	}
	if (!ret->count)
		return bad(p, key, "has no literal by which it could be found");
	if (ret->has_lead && (ret->lead.most < 1 || ret->lead.most > 64))
		return bad(p, key, "the set before the first literal has at most 64 characters");
	return 0;
}

static int read_options(const struct place *p, json_t *options, struct shape *ret)
{
	json_t *one;
	size_t i;

	if (options && !json_is_array(options))
		return bad(p, "options", "must be an array");
	json_array_foreach(options, i, one) {
		const char *word = json_string_value(one) ?: "";

		if (strcmp(word, "inside") == 0)
			ret->word = false;
		else if (strcmp(word, "mixed") == 0)
			ret->mixed = true;
		else if (strcmp(word, "keep") == 0)
			ret->keep = true;
		else
			return bad(p, "options",
				   "must be a list of \"inside\", \"mixed\" and \"keep\"");
	}
	if (ret->keep && ret->has_lead)
		return bad(p, "options", "\"keep\" and a set before the first literal");
	return 0;
}

static int add_shape(const struct place *p, const char *key, json_t *entry, json_t *text)
{
	struct owned *t = p->t;
	struct shape *shape = &t->shapes[t->table.count];
	int err;

	if (!json_is_string(text))
		return bad(p, key, "must be a string");
	if (t->table.count == SHAPES_MAX)
		return bad(p, key, "is one shape too many");
	*shape = (struct shape){ .id = json_string_value(json_object_get(entry, "id")),
				 .word = true };
	err = read_shape(p, key, json_string_value(text), shape);
	err = err ?: read_options(p, json_object_get(entry, "options"), shape);
	if (err < 0)
		return err;
	t->table.count++;
	return 0;
}

static bool is_id(const char *s)
{
	return s && *s && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(s);
}

static int check_entry(const struct place *p, json_t *entry)
{
	static const char *const keys[] = { "id", "shape", "shapes", "options", "source" };
	const char *key;
	json_t *value;

	if (!json_is_object(entry))
		return bad(p, NULL, "must be an object");
	json_object_foreach(entry, key, value) {
		size_t i = 0;

		while (i < ARRAY_SIZE(keys) && strcmp(keys[i], key) != 0)
			i++;
		if (i == ARRAY_SIZE(keys))
			return bad(p, key, "unknown key");
	}
	if (!is_id(json_string_value(json_object_get(entry, "id"))))
		return bad(p, "id", "must be lower-case letters, digits and hyphens");
	if (!json_string_length(json_object_get(entry, "source")))
		return bad(p, "source", "must say where the facts are from");
	return 0;
}

static int add_entry(const struct place *p, json_t *entry)
{
	json_t *shapes, *shape, *one;
	size_t i;
	int err = check_entry(p, entry);

	if (err < 0)
		return err;
	shape = json_object_get(entry, "shape");
	shapes = json_object_get(entry, "shapes");
	if (!shape == !shapes)
		return bad(p, NULL, "must have either \"shape\" or \"shapes\"");
	if (shape)
		return add_shape(p, "shape", entry, shape);
	if (!json_array_size(shapes))
		return bad(p, "shapes", "must be an array with at least one member");
	json_array_foreach(shapes, i, one) {
		err = add_shape(p, "shapes", entry, one);
		if (err < 0)
			return err;
	}
	return 0;
}

static int by_first_byte(const void *a, const void *b)
{
	const struct shape *x = a, *y = b;
	const struct shape_part *p = &x->parts[0], *q = &y->parts[0];

	if (p->literal[0] != q->literal[0])
		return (unsigned char)p->literal[0] - (unsigned char)q->literal[0];
	/* Longer literals first, because they are more specific. */
	if (p->literal_len != q->literal_len)
		return p->literal_len < q->literal_len ? 1 : -1;
	return strcmp(x->id, y->id);
}

static int read_entries(struct owned *t, const char *name, struct error *e)
{
	struct place p = { .t = t, .name = name, .e = e };
	json_t *list = json_object_get(t->root, "shapes"), *entry;
	int err;

	json_array_foreach(list, p.entry, entry) {
		err = add_entry(&p, entry);
		if (err < 0)
			return err;
	}
	qsort(t->shapes, t->table.count, sizeof(t->shapes[0]), by_first_byte);
	return 0;
}

int shape_table_read(struct shape_table **ret, const char *name, const char *text, size_t len,
		     struct error *e)
{
	CLEANUP(shape_table_freep) struct shape_table *table = NULL;
	struct owned *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return error_set(e, -ENOMEM, "out of memory");
	table = &t->table;
	t->table.shapes = t->shapes;
	t->table.sets = t->sets;
	err = table_root_read(&t->root, name, text, len, "token-shapes", "shapes", e);
	err = err ?: read_entries(t, name, e);
	if (err < 0)
		return err;
	*ret = TAKE_PTR(table);
	return 0;
}

void shape_table_free(struct shape_table *t)
{
	struct owned *o = (struct owned *)t; /* its first member */

	if (!o)
		return;
	json_decref(o->root);
	free(o);
}
