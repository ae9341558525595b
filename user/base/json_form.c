// SPDX-License-Identifier: GPL-2.0-only
/* json_form.c - see json_form.h. */
#include "base/json_form.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"

#define FIELD(type, base, k) ((type *)((char *)(base) + (k)->offset))

void json_form_wrong(struct json_form_errors *e, const char *pointer, const char *format, ...)
{
	size_t begin;
	va_list ap;

	buf_addf(&e->text, "%s%s: ", e->text.len ? "\n" : "", e->file);
	begin = e->text.len;
	buf_addf(&e->text, "%s: ", *pointer ? pointer : "/");
	va_start(ap, format);
	buf_addv(&e->text, format, ap);
	va_end(ap);
	for (size_t i = begin; i < e->text.len; i++)
		if ((unsigned char)e->text.at[i] < 0x20 || e->text.at[i] == 0x7f)
			e->text.at[i] = '?';
	e->count++;
}

/* ---- misspelt keys ---- */

/* How many letters are changed, added, left out or swapped between two short words. */
static size_t distance(const char *a, const char *b)
{
	enum { MOST = 40 };
	size_t d[MOST + 1][MOST + 1], n = strlen(a), m = strlen(b);

	if (n > MOST || m > MOST)
		return MOST;
	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			size_t least;

			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			least = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			least = d[i - 1][j] + 1 < least ? d[i - 1][j] + 1 : least;
			least = d[i][j - 1] + 1 < least ? d[i][j - 1] + 1 : least;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < least)
				least = d[i - 2][j - 2] + 1;
			d[i][j] = least;
		}
	}
	return d[n][m];
}

void json_form_unknown(struct json_form_errors *e, const char *pointer, const char *what,
		       const char *name, const char *const *names)
{
	_buf_ struct buf all = BUF_INIT;
	const char *nearest = NULL;
	size_t least = 3;

	for (const char *const *n = names; *n; n++) {
		size_t d = distance(name, *n);

		if (d < least) {
			least = d;
			nearest = *n;
		}
		buf_addf(&all, "%s%s", n == names ? "" : ", ", *n);
	}
	if (nearest)
		json_form_wrong(e, pointer, "unknown %s; did you mean \"%s\"?", what, nearest);
	else
		json_form_wrong(e, pointer, "unknown %s; there are: %s", what, all.at);
}

static void unknown_key(struct json_form_errors *e, const char *pointer, const char *name,
			const struct json_form_key *keys, size_t count)
{
	_free_ const char **names = calloc(count + 1, sizeof(*names));

	for (size_t i = 0; names && i < count; i++)
		names[i] = keys[i].name;
	json_form_unknown(e, pointer, "key", name, names ?: (const char *[]){ NULL });
}

/* ---- values ---- */

/* A number before one of the units. */
static bool with_unit(const char *text, const char *const *units, const uint64_t *sizes,
		      uint64_t *ret)
{
	unsigned long long n;
	char *end;

	if (!ascii_digit(text[0]))
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	while (*end == ' ')
		end++;
	for (size_t i = 0; units[i]; i++)
		if (strcmp(end, units[i]) == 0)
			return !errno && !__builtin_mul_overflow(n, sizes[i], ret);
	return false;
}

bool json_form_ms(const char *text, uint64_t *ret)
{
	static const char *const units[] = { "ms", "s", "m", "h", "d", NULL };
	static const uint64_t sizes[] = { 1, 1000, 60000, 3600000, 86400000 };

	return with_unit(text, units, sizes, ret);
}

static bool read_bytes(json_t *v, uint64_t *ret)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", NULL };
	static const uint64_t sizes[] = { 1 << 10, 1 << 20, 1 << 30 };

	if (json_is_integer(v) && json_integer_value(v) >= 0) {
		*ret = (uint64_t)json_integer_value(v);
		return true;
	}
	return json_is_string(v) && with_unit(json_string_value(v), units, sizes, ret);
}

static void read_number(struct json_form_errors *e, const char *pointer, json_t *v,
			const struct json_form_key *k, void *base)
{
	uint64_t n = 0;

	if (k->kind == JSON_FORM_MS) {
		if (!json_is_string(v) || !json_form_ms(json_string_value(v), &n)) {
			json_form_wrong(e, pointer,
					"must be a time with a unit: \"500ms\", \"30s\", \"5m\", "
					"\"12h\" or \"7d\"");
			return;
		}
	} else if (k->kind == JSON_FORM_BYTES) {
		if (!read_bytes(v, &n)) {
			json_form_wrong(e, pointer, "must be a size: 1048576 or \"64 MiB\"");
			return;
		}
	} else if (!json_is_integer(v) || json_integer_value(v) < 0) {
		json_form_wrong(e, pointer, "must be a whole number");
		return;
	} else {
		n = (uint64_t)json_integer_value(v);
	}
	if (n < k->least || (k->most && n > k->most)) {
		const char *unit = k->kind == JSON_FORM_MS	? " ms"
				   : k->kind == JSON_FORM_BYTES ? " bytes"
								: "";

		json_form_wrong(e, pointer, "must be %" PRIu64 " to %" PRIu64 "%s", k->least,
				k->most ? k->most : UINT64_MAX, unit);
		return;
	}
	*FIELD(uint64_t, base, k) = n;
}

/* The text, or NULL: it is none, which was said. */
static const char *text_of(struct json_form_errors *e, const char *pointer, json_t *v)
{
	const char *s = json_string_value(v);

	if (!s || !*s || strlen(s) != json_string_length(v)) {
		json_form_wrong(e, pointer, "must be text");
		return NULL;
	}
	for (const char *p = s; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			json_form_wrong(e, pointer, "holds a control character");
			return NULL;
		}
	}
	return s;
}

static void read_text(struct json_form_errors *e, const char *pointer, json_t *v,
		      const struct json_form_key *k, void *base)
{
	const char *s = text_of(e, pointer, v);
	char **field = FIELD(char *, base, k);

	if (!s)
		return;
	if (k->kind == JSON_FORM_PATH && *s != '/') {
		json_form_wrong(e, pointer, "must be an absolute path, and is \"%s\"", s);
		return;
	}
	free(*field);
	*field = strdup(s);
	if (!*field)
		json_form_wrong(e, pointer, "out of memory");
}

static void read_choice(struct json_form_errors *e, const char *pointer, json_t *v,
			const struct json_form_key *k, void *base)
{
	_buf_ struct buf all = BUF_INIT;

	for (int i = 0; k->choices[i]; i++) {
		if (json_is_string(v) && strcmp(json_string_value(v), k->choices[i]) == 0) {
			*FIELD(int, base, k) = i;
			return;
		}
		buf_addf(&all, "%s\"%s\"", i ? ", " : "", k->choices[i]);
	}
	json_form_wrong(e, pointer, "must be one of %s", all.at);
}

/* One of a list of choices, or of texts. */
static void read_item(struct json_form_errors *e, const char *pointer, json_t *v,
		      const struct json_form_key *k, void *base)
{
	const char *s = text_of(e, pointer, v);
	uint64_t *bits = FIELD(uint64_t, base, k);
	size_t i = 0;

	if (!s)
		return;
	while (k->choices[i] && strcmp(k->choices[i], s) != 0)
		i++;
	if (!k->choices[i])
		json_form_unknown(e, pointer, "name", s, k->choices);
	else if (*bits & UINT64_C(1) << i)
		json_form_wrong(e, pointer, "is listed twice");
	else
		*bits |= UINT64_C(1) << i;
}

static void read_one_text(struct json_form_errors *e, const char *pointer, json_t *v,
			  const struct json_form_key *k, void *base)
{
	struct json_form_list *list = FIELD(struct json_form_list, base, k);
	const char *s = text_of(e, pointer, v);
	char **texts = list->at;

	for (size_t i = 0; s && i < list->count; i++)
		if (strcmp(texts[i], s) == 0) {
			json_form_wrong(e, pointer, "is listed twice");
			return;
		}
	if (s && !(texts[list->count] = strdup(s)))
		json_form_wrong(e, pointer, "out of memory");
	else if (s)
		list->count++;
}

static void read_texts(struct json_form_errors *e, const char *pointer, json_t *v,
		       const struct json_form_key *k, void *base)
{
	size_t count = json_array_size(v);

	if (!json_is_array(v) || !count) {
		json_form_wrong(e, pointer, "must be a list of at least one text");
		return;
	}
	if (k->kind == JSON_FORM_TEXTS) {
		struct json_form_list *list = FIELD(struct json_form_list, base, k);

		list->at = calloc(count, sizeof(char *));
		if (!list->at) {
			json_form_wrong(e, pointer, "out of memory");
			return;
		}
	}
	for (size_t i = 0; i < count; i++) {
		_buf_ struct buf item = BUF_INIT;

		buf_addf(&item, "%s/%zu", pointer, i);
		if (k->kind == JSON_FORM_TEXTS)
			read_one_text(e, item.at, json_array_get(v, i), k, base);
		else
			read_item(e, item.at, json_array_get(v, i), k, base);
	}
}

static void read_list(struct json_form_errors *e, const char *pointer, json_t *v,
		      const struct json_form_key *k, void *base)
{
	struct json_form_list *list = FIELD(struct json_form_list, base, k);
	size_t count = json_array_size(v);

	if (!json_is_array(v) || !count) {
		json_form_wrong(e, pointer, "must be a list of at least one object");
		return;
	}
	list->at = calloc(count, k->of_size);
	if (!list->at) {
		json_form_wrong(e, pointer, "out of memory");
		return;
	}
	list->count = count;
	for (size_t i = 0; i < count; i++) {
		_buf_ struct buf item = BUF_INIT;

		buf_addf(&item, "%s/%zu", pointer, i);
		json_form_read(e, item.at, json_array_get(v, i), k->of, k->of_count,
			       (char *)list->at + i * k->of_size);
	}
}

static void read_value(struct json_form_errors *e, const char *pointer, json_t *v,
		       const struct json_form_key *k, void *base)
{
	switch (k->kind) {
	case JSON_FORM_TEXT:
	case JSON_FORM_PATH:
		read_text(e, pointer, v, k, base);
		break;
	case JSON_FORM_BOOL:
		if (json_is_boolean(v))
			*FIELD(bool, base, k) = json_is_true(v);
		else
			json_form_wrong(e, pointer, "must be true or false");
		break;
	case JSON_FORM_COUNT:
	case JSON_FORM_BYTES:
	case JSON_FORM_MS:
		read_number(e, pointer, v, k, base);
		break;
	case JSON_FORM_CHOICE:
		read_choice(e, pointer, v, k, base);
		break;
	case JSON_FORM_CHOICES:
	case JSON_FORM_TEXTS:
		read_texts(e, pointer, v, k, base);
		break;
	case JSON_FORM_OBJECT:
		json_form_read(e, pointer, v, k->of, k->of_count, FIELD(void, base, k));
		break;
	case JSON_FORM_LIST:
		read_list(e, pointer, v, k, base);
		break;
	}
}

/* `~` and `/` in a key, as RFC 6901 writes them. */
static void add_token(struct buf *out, const char *name)
{
	for (; *name; name++) {
		if (*name == '~' || *name == '/')
			buf_adds(out, *name == '~' ? "~0" : "~1");
		else
			buf_addc(out, *name);
	}
}

void json_form_read(struct json_form_errors *e, const char *pointer, json_t *v,
		    const struct json_form_key *keys, size_t count, void *base)
{
	const char *name;
	json_t *member;

	if (!json_is_object(v)) {
		json_form_wrong(e, pointer, "must be an object");
		return;
	}
	json_object_foreach(v, name, member) {
		const struct json_form_key *k = keys;
		_buf_ struct buf below = BUF_INIT;

		buf_addf(&below, "%s/", pointer);
		add_token(&below, name);
		while (k < keys + count && strcmp(k->name, name) != 0)
			k++;
		if (k == keys + count)
			unknown_key(e, below.at, name, keys, count);
		else
			read_value(e, below.at, member, k, base);
	}
	for (size_t i = 0; i < count; i++)
		if (keys[i].required && !json_object_get(v, keys[i].name))
			json_form_wrong(e, pointer, "\"%s\" is missing", keys[i].name);
}

void json_form_free(const struct json_form_key *keys, size_t count, void *base)
{
	for (const struct json_form_key *k = keys; k < keys + count; k++) {
		struct json_form_list *list = FIELD(struct json_form_list, base, k);

		switch (k->kind) {
		case JSON_FORM_TEXT:
		case JSON_FORM_PATH:
			free(*FIELD(char *, base, k));
			*FIELD(char *, base, k) = NULL;
			break;
		case JSON_FORM_OBJECT:
			json_form_free(k->of, k->of_count, FIELD(void, base, k));
			break;
		case JSON_FORM_TEXTS:
			for (size_t i = 0; i < list->count; i++)
				free(((char **)list->at)[i]);
			free(list->at);
			*list = (struct json_form_list){ 0 };
			break;
		case JSON_FORM_LIST:
			for (size_t i = 0; i < list->count; i++)
				json_form_free(k->of, k->of_count,
					       (char *)list->at + i * k->of_size);
			free(list->at);
			*list = (struct json_form_list){ 0 };
			break;
		default:
			break;
		}
	}
}
