// SPDX-License-Identifier: GPL-2.0-only
/* secret_shape.c - secrets that are known by their shape. */
#define _GNU_SOURCE /* memmem */
#include "sanitize/secret_shape.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"

/* Generated from rules/data/token-shapes.json by scripts/secret-tables.c. */
#include <token_shapes.inc>

/* How far a run without a limit is followed before it is known to belong to a token. Bounds the
 * work on a text that consists of beginnings of tokens. */
#define RUN_LOOK 1024

bool word_starts(const char *text, size_t at)
{
	unsigned char before = at ? text[at - 1] : ' ';

	if (!ascii_alnum(before) && before != '_')
		return true;
	return at >= 3 && text[at - 3] == '%' && ascii_hex(text[at - 2]) && ascii_hex(text[at - 1]);
}

static size_t run(const struct charset *set, const char *s, size_t len, size_t most)
{
	size_t n = 0;

	while (n < len && n < most && charset_has(set, s[n]))
		n++;
	return n;
}

static size_t run_before(const struct charset *set, const char *text, size_t from, size_t at,
			 size_t most)
{
	size_t n = 0;

	while (n < most && at - n > from && charset_has(set, text[at - n - 1]))
		n++;
	return n;
}

static bool is_mixed(const char *s, size_t len)
{
	bool letter = false, digit = false;

	for (size_t i = 0; i < len && !(letter && digit); i++) {
		letter |= ascii_letter(s[i]);
		digit |= ascii_digit(s[i]);
	}
	return letter && digit;
}

/*
 * Match the parts after the first one against text[at] and what follows. Returns false if they do
 * not match. *ret_end: where the match ends; *ret_open: the last run goes on beyond that, as only
 * RUN_LOOK bytes of it were followed.
 */
static bool match_parts(const struct shape_table *t, const struct shape *k, const char *text,
			size_t len, size_t at, bool cut, size_t *ret_end, bool *ret_open)
{
	const size_t begin = at;

	*ret_open = false;
	for (unsigned i = 1; i < k->count; i++) {
		const struct shape_part *p = &k->parts[i];
		size_t most = p->most ? p->most + 1u : RUN_LOOK, n;

		if (p->literal) {
			n = p->literal_len < len - at ? p->literal_len : len - at;
			if (memcmp(text + at, p->literal, n) != 0)
				return false;
			if (n < p->literal_len) {
				*ret_end = len;
				return cut && at > begin;
			}
			at += n;
			continue;
		}
		if (p->least > most)
			most = p->least;
		/* A run of fixed length ends there, whatever follows, unless it is the last part.
		 */
		if (p->least == p->most && i + 1u < k->count)
			most = p->most;
		n = run(&t->sets[p->set], text + at, len - at, most);
		if (p->most && n > p->most)
			return false;
		if (n < p->least) {
			*ret_end = len;
			return cut && at + n == len && at + n > begin;
		}
		at += n;
		*ret_open = !p->most && n == most && i + 1u == k->count;
	}
	*ret_end = at;
	return true;
}

static bool match_one(const struct shape_table *t, const struct shape *k, const char *text,
		      size_t len, size_t from, size_t at, bool cut, struct span *ret)
{
	const struct shape_part *first = &k->parts[0];
	size_t begin = at, after = at + first->literal_len, end;
	bool open;

	if (len - at < first->literal_len || memcmp(text + at, first->literal, first->literal_len))
		return false;
	if (k->has_lead) {
		size_t n = run_before(&t->sets[k->lead.set], text, from, at, k->lead.most);

		if (n < k->lead.least)
			return false;
		begin = at - n;
	} else if (k->word && !word_starts(text, at)) {
		return false;
	}
	if (!match_parts(t, k, text, len, after, cut, &end, &open))
		return false;
	if (k->mixed && !(cut && end == len) && !is_mixed(text + begin, at - begin) &&
	    !is_mixed(text + after, end - after))
		return false;
	if (open)
		end += run(&t->sets[k->parts[k->count - 1].set], text + end, len - end, len);
	if (k->keep)
		begin = after;
	*ret = (struct span){ begin, end };
	return true;
}

bool shape_match(const struct shape_table *t, const char *text, size_t len, size_t from, size_t at,
		 bool cut, struct span *ret)
{
	size_t low = 0, high = t->count;

	while (low < high) { /* the first shape that is found by this byte */
		size_t middle = low + (high - low) / 2;

		if ((unsigned char)t->shapes[middle].parts[0].literal[0] < (unsigned char)text[at])
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < t->count && t->shapes[low].parts[0].literal[0] == text[at]; low++)
		if (match_one(t, &t->shapes[low], text, len, from, at, cut, ret))
			return true;
	return false;
}

/* The length of the block that begins at `at`, or 0. */
static size_t private_key(const char *text, size_t len, size_t at, bool cut)
{
	const char *start = text + at, *stop = text + len, *title, *end;

	/* PuTTY's own format ends where the file does. */
	if (len - at > 20 && memcmp(start, "PuTTY-User-Key-File-", 20) == 0)
		return len - at;
	if (len - at < 11 || memcmp(start, "-----BEGIN ", 11) != 0)
		return 0;
	title = start + strlen("-----BEGIN ");
	end = memmem(title, stop - title, "-----", 5);
	if (!end)
		return cut ? len - at : 0;
	if (!memmem(title, end - title, "PRIVATE KEY", 11))
		return 0;
	end = memmem(end + 5, stop - end - 5, "-----END ", 9);
	if (end)
		end = memmem(end + 9, stop - end - 9, "-----", 5);
	return end ? (size_t)(end + 5 - start) : len - at;
}

/* Whether a shape or a block begins with these two bytes: a quick test that most positions of a
 * text fail. */
static bool may_begin(unsigned char c, unsigned char next)
{
	static const char *const blocks[] = { "--", "Pu" };
	static bool known;
	static uint8_t pairs[65536 / 8];
	unsigned pair;

	if (!known) {
		for (size_t i = 0; i < token_shapes.count; i++) {
			const struct shape_part *p = &token_shapes.shapes[i].parts[0];

			for (unsigned second = 0; second < 256; second++) {
				pair = (unsigned char)p->literal[0] << 8 | second;
				if (p->literal_len < 2 || (unsigned char)p->literal[1] == second)
					pairs[pair >> 3] |= 1u << (pair & 7);
			}
		}
		for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
			pair = blocks[i][0] << 8 | blocks[i][1];
			pairs[pair >> 3] |= 1u << (pair & 7);
		}
		known = true;
	}
	pair = c << 8 | next;
	return pairs[pair >> 3] >> (pair & 7) & 1;
}

bool secret_shape(const char *text, size_t len, size_t from, size_t at, bool cut, struct span *ret)
{
	size_t n;

	if (at + 1 >= len || !may_begin(text[at], text[at + 1]))
		return false;
	n = text[at] == '-' || text[at] == 'P' ? private_key(text, len, at, cut) : 0;
	if (n) {
		*ret = (struct span){ at, at + n };
		return true;
	}
	return shape_match(&token_shapes, text, len, from, at, cut, ret);
}
