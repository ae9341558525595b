// SPDX-License-Identifier: GPL-2.0-only
/* text_view.c - a text with one encoding undone. */
#include "sanitize/text_view.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

/* One escape: how many bytes it has, and the at most three bytes that it stands for. */
struct unit {
	size_t len, count;
	char bytes[4];
};

static unsigned hex_value(unsigned char c)
{
	return ascii_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* The number that `count` hex digits at s write; false if they are not there. */
static bool read_hex(const char *s, size_t len, size_t count, unsigned *ret)
{
	unsigned value = 0;

	if (len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!ascii_hex(s[i]))
			return false;
		value = value << 4 | hex_value(s[i]);
	}
	*ret = value;
	return true;
}

static void set_utf8(struct unit *u, unsigned point)
{
	if (point < 0x80) {
		u->bytes[0] = point;
		u->count = 1;
	} else if (point < 0x800) {
		u->bytes[0] = 0xc0 | point >> 6;
		u->bytes[1] = 0x80 | (point & 0x3f);
		u->count = 2;
	} else if (point < 0x10000) {
		u->bytes[0] = 0xe0 | point >> 12;
		u->bytes[1] = 0x80 | (point >> 6 & 0x3f);
		u->bytes[2] = 0x80 | (point & 0x3f);
		u->count = 3;
	} else {
		u->bytes[0] = 0xf0 | point >> 18;
		u->bytes[1] = 0x80 | (point >> 12 & 0x3f);
		u->bytes[2] = 0x80 | (point >> 6 & 0x3f);
		u->bytes[3] = 0x80 | (point & 0x3f);
		u->count = 4;
	}
}

static bool percent_at(const char *s, size_t len, struct unit *ret)
{
	unsigned value;

	if (s[0] != '%' || !read_hex(s + 1, len - 1, 2, &value))
		return false;
	*ret = (struct unit){ .len = 3, .count = 1, .bytes = { value } };
	return true;
}

/* As escape() writes it; any other backslash is itself. */
static bool escape_at(const char *s, size_t len, struct unit *ret)
{
	unsigned value;

	if (s[0] != '\\' || len < 4 || s[1] != 'x' || !read_hex(s + 2, len - 2, 2, &value))
		return false;
	*ret = (struct unit){ .len = 4, .count = 1, .bytes = { value } };
	return true;
}

static bool octal_at(const char *s, size_t len, struct unit *ret)
{
	if (len < 4 || s[1] < '0' || s[1] > '3')
		return false;
	for (size_t i = 2; i < 4; i++)
		if (s[i] < '0' || s[i] > '7')
			return false;
	*ret = (struct unit){ .len = 4,
			      .count = 1,
			      .bytes = { (s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0') } };
	return true;
}

static bool backslash_at(const char *s, size_t len, struct unit *ret)
{
	static const char letters[] = "nrtbfav", values[] = "\n\r\t\b\f\a\v";
	const char *letter;
	unsigned value, low;

	if (s[0] != '\\' || len < 2)
		return false;
	if (escape_at(s, len, ret))
		return true;
	if (s[1] == 'u' && read_hex(s + 2, len - 2, 4, &value)) {
		*ret = (struct unit){ .len = 6 };
		/* a character above U+FFFF is two of them */
		if (value >> 10 == 0xd800 >> 10 && len >= 12 && s[6] == '\\' && s[7] == 'u' &&
		    read_hex(s + 8, len - 8, 4, &low) && low >> 10 == 0xdc00 >> 10) {
			value = 0x10000 + ((value & 0x3ff) << 10 | (low & 0x3ff));
			ret->len = 12;
		}
		set_utf8(ret, value);
		return true;
	}
	if (octal_at(s, len, ret))
		return true;
	letter = s[1] ? strchr(letters, s[1]) : NULL;
	*ret = (struct unit){ .len = 2,
			      .count = 1,
			      .bytes = { letter ? values[letter - letters] : s[1] } };
	return true;
}

/* Whether the text ends within an escape: it was truncated there. */
static bool is_truncated(const char *s, size_t len)
{
	size_t digits = s[0] == '%' ? 1 : 2, whole = s[0] == '%' ? 3 : 4;

	if (len == 1)
		return true;
	if (s[0] == '\\' && s[1] == 'u')
		whole = 6;
	else if (s[0] == '\\' && s[1] != 'x' && !ascii_digit(s[1]))
		return false;
	for (size_t i = digits; i < len; i++)
		if (!ascii_hex(s[i]))
			return false;
	return len < whole;
}

static bool is_break(unsigned char c)
{
	return !c || c == ' ' || (c >= '\t' && c <= '\r');
}

/* A blank, or a backslash before a newline (shells), which stands for nothing. */
static bool break_at(const char *s, size_t len, struct unit *ret)
{
	bool continued = s[0] == '\\' && len > 1 && s[1] == '\n';

	if (!continued && !is_break(s[0]))
		return false;
	*ret = (struct unit){ .len = 1 };
	return true;
}

typedef bool (*unit_fn)(const char *s, size_t len, struct unit *ret);

/* No escape stands for more bytes than it has. mark: the byte that each begins with; 0: any. */
static bool undo(struct text_view *ret, const struct text_view *v, unit_fn find, char mark,
		 bool *ret_failed)
{
	uint32_t *from, *to;
	size_t n = 0;
	char *bytes;

	if (v->len >= TEXT_VIEW_MAX || (mark && !memchr(v->bytes, mark, v->len)))
		return false;
	from = malloc(v->len * (2 * sizeof(*from) + 1));
	if (!from) {
		*ret_failed = true;
		return false;
	}
	to = from + v->len;
	bytes = (char *)(to + v->len);
	for (size_t i = 0; i < v->len;) {
		struct unit u = { .len = 1, .count = 1, .bytes = { v->bytes[i] } };

		if (mark && v->bytes[i] == mark && n && is_truncated(v->bytes + i, v->len - i)) {
			to[n - 1] = view_to(v, v->len - 1);
			break;
		}
		find(v->bytes + i, v->len - i, &u);
		for (size_t b = 0; b < u.count; b++) {
			bytes[n] = u.bytes[b];
			from[n] = view_from(v, i);
			to[n++] = view_to(v, i + u.len - 1);
		}
		i += u.len;
	}
	*ret = (struct text_view){
		.bytes = bytes, .len = n, .from = from, .to = to, .owned = from
	};
	if (n == v->len) { /* nothing was undone */
		view_free(ret);
		return false;
	}
	return true;
}

bool view_undo_percent(struct text_view *ret, const struct text_view *v, bool *ret_failed)
{
	return undo(ret, v, percent_at, '%', ret_failed);
}

bool view_undo_escape(struct text_view *ret, const struct text_view *v, bool *ret_failed)
{
	return undo(ret, v, escape_at, '\\', ret_failed);
}

bool view_undo_backslash(struct text_view *ret, const struct text_view *v, bool *ret_failed)
{
	return undo(ret, v, backslash_at, '\\', ret_failed);
}

bool view_undo_breaks(struct text_view *ret, const struct text_view *v, bool *ret_failed)
{
	return undo(ret, v, break_at, 0, ret_failed);
}

void view_free(struct text_view *v)
{
	free(v->owned);
	*v = (struct text_view){ 0 };
}
