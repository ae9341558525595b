// SPDX-License-Identifier: GPL-2.0-only
/* escape.c - make bytes that a watched process chose harmless. */
#include "sanitize/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Length of the UTF-8 sequence at s (1 to 4 bytes) and its code point; 0 if it is not valid. */
static size_t sequence(const unsigned char *s, size_t len, uint32_t *ret_point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t point;
	size_t n;

	if (s[0] < 0x80) {
		*ret_point = s[0];
		return 1;
	}
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;
	point = s[0] & (0xff >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if (!is_tail(s[i]))
			return 0;
		point = point << 6 | (s[i] & 0x3f);
	}
	if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return n;
}

/* Characters that a terminal interprets, that are invisible, or that are blanks other than ' '. */
static bool is_invisible(uint32_t p)
{
	static const struct {
		uint32_t from, to;
	} ranges[] = {
		{ 0x00, 0x1f },	      { 0x7f, 0xa0 },	    { 0xad, 0xad },
		{ 0x34f, 0x34f },     { 0x61c, 0x61c },	    { 0x115f, 0x1160 },
		{ 0x1680, 0x1680 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
		{ 0x2000, 0x200f },   { 0x2028, 0x202f },   { 0x205f, 0x206f },
		{ 0x2800, 0x2800 },   { 0x3000, 0x3000 },   { 0x3164, 0x3164 },
		{ 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb },   { 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 },
		{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (p >= ranges[i].from && p <= ranges[i].to)
			return true;
	return false;
}

static void add_hex(struct buf *out, const unsigned char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(out, "\\x%02x", s[i]);
}

/*
 * Whether s[i] must be escaped because it completes a marker that CI services act on anywhere in a
 * line: the second '#' of "##[" and "##word[" (GitHub, Azure, TeamCity), the ':' of the markers of
 * GitLab and Travis.
 */
static bool is_command(const unsigned char *s, size_t len, size_t i)
{
	static const char *const markers[] = { "section_start", "section_end", "travis_fold",
					       "travis_time" };
	size_t j = i + 1;

	if (s[i] == ':') {
		for (size_t m = 0; m < ARRAY_SIZE(markers); m++) {
			size_t n = strlen(markers[m]);

			if (i >= n && memcmp(s + i - n, markers[m], n) == 0)
				return true;
		}
		return false;
	}
	if (s[i] != '#' || i == 0 || s[i - 1] != '#')
		return false;
	while (j < len && ascii_letter(s[j]))
		j++;
	return j < len && s[j] == '[';
}

/* What GitHub's runner removes from the start of a line (.NET's TrimStart): all blanks that Unicode
 * has. */
static bool is_blank(uint32_t point)
{
	return point == ' ' || (point >= 0x09 && point <= 0x0d) || point == 0x85 || point == 0xa0 ||
	       point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x2028 ||
	       point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x3000 ||
	       point == 0xfeff;
}

/*
 * If the text begins with a marker that CI services act on at the start of a line, the position of
 * the character to escape: the second ':' of "::" (GitHub), the third character of "---", "+++",
 * "~~~" and "^^^" (Buildkite). Else len.
 */
static size_t leading_command(const unsigned char *s, size_t len)
{
	size_t i = 0, n;
	uint32_t point;

	while (i < len && (n = sequence(s + i, len - i, &point)) && is_blank(point))
		i += n;
	if (i + 1 < len && s[i] == ':' && s[i + 1] == ':')
		return i + 1;
	if (i + 2 < len && strchr("-+~^", s[i]) && s[i] && s[i] == s[i + 1] && s[i] == s[i + 2])
		return i + 2;
	return len;
}

void escape(struct buf *out, const char *bytes, size_t len, unsigned how)
{
	const unsigned char *s = (const unsigned char *)bytes;
	size_t leading = leading_command(s, len), plain = 0, i = 0;

	while (i < len) {
		uint32_t point = 0;
		size_t n = sequence(s + i, len - i, &point);
		bool hide = !n || point == 0 || point == 0x7f || i == leading ||
			    is_command(s, len, i) ||
			    (point == '\\' && i + 1 < len && s[i + 1] == 'x') ||
			    ((how & ESCAPE_TERMINAL) && is_invisible(point)) ||
			    ((how & ESCAPE_ASCII) && point > 0x7e);

		if (!n)
			n = 1;
		if (hide) {
			buf_add(out, s + plain, i - plain);
			add_hex(out, s + i, n);
			plain = i + n;
		}
		i += n;
	}
	buf_add(out, s + plain, len - plain);
}

static int hex_digit(char c)
{
	if (ascii_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

void escape_undo(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 3 < len && text[i + 1] == 'x' &&
		    hex_digit(text[i + 2]) >= 0 && hex_digit(text[i + 3]) >= 0) {
			buf_addc(out, (char)(hex_digit(text[i + 2]) << 4 | hex_digit(text[i + 3])));
			i += 3;
		} else {
			buf_addc(out, text[i]);
		}
	}
}
