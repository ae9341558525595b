// SPDX-License-Identifier: GPL-2.0-only
/* secret_shape.c - secrets that show themselves: tokens by their first letters, JWTs, private key
 * blocks. */
#define _GNU_SOURCE /* memmem */
#include "secret_shape.h"

#include <stdint.h>
#include <string.h>

#include "cleanup.h"

/* Tokens that their first letters give away. */
static const struct token {
	const char *prefix;
	enum charset set; /* of what follows */
	uint8_t least;	  /* so many of it make it a token */
	bool apart;	  /* only where a word starts: the prefix is part of ordinary words */
} tokens[] = {
	{ "ghp_", ALNUM, 16, false },	   { "gho_", ALNUM, 16, false },
	{ "ghu_", ALNUM, 16, false },	   { "ghs_", DOTTED, 16, false },
	{ "ghr_", ALNUM, 16, false },	   { "github_pat_", WORD, 16, false },
	{ "npm_", ALNUM, 30, false }, /* not npm_lifecycle_event: ALNUM has no underscore */
	{ "glpat-", DOTTED, 16, false },   { "gldt-", DOTTED, 16, true },
	{ "glrt-", DOTTED, 16, true },	   { "glcbt-", DOTTED, 16, true },
	{ "glptt-", DOTTED, 16, true },	   { "glsoat-", DOTTED, 16, true },
	{ "xoxa-", DASHED, 10, false },	   { "xoxb-", DASHED, 10, false },
	{ "xoxc-", DASHED, 10, false },	   { "xoxd-", DASHED, 10, false },
	{ "xoxe.", DOTTED, 10, false },	   { "xoxe-", DASHED, 10, false },
	{ "xoxo-", DASHED, 10, false },	   { "xoxp-", DASHED, 10, false },
	{ "xoxr-", DASHED, 10, false },	   { "xoxs-", DASHED, 10, false },
	{ "xapp-", DASHED, 10, true },	   { "AKIA", UPPER, 16, true },
	{ "ASIA", UPPER, 16, true },	   { "ABIA", UPPER, 16, true },
	{ "ACCA", UPPER, 16, true },	   { "AIza", DASHED, 30, false },
	{ "ya29.", DASHED, 20, true },	   { "GOCSPX-", DASHED, 20, true },
	{ "sk-", DASHED, 20, true },	   { "sk_live_", ALNUM, 10, true },
	{ "sk_test_", ALNUM, 10, true },   { "rk_live_", ALNUM, 10, true },
	{ "rk_test_", ALNUM, 10, true },   { "whsec_", ALNUM, 16, true },
	{ "pypi-", DASHED, 40, true },	   { "hf_", ALNUM, 30, true },
	{ "gsk_", ALNUM, 30, true },	   { "hvs.", DASHED, 20, true },
	{ "hvb.", DASHED, 20, true },	   { "dop_v1_", HEX, 32, true },
	{ "dckr_pat_", DASHED, 16, true }, { "shpat_", HEX, 16, true },
	{ "SG.", DOTTED, 40, true },	   { "rubygems_", HEX, 32, true },
	{ "cio", ALNUM, 32, true },	   { "sntrys_", DOTTED, 30, true },
	{ "lin_api_", ALNUM, 30, true },   { "AGE-SECRET-KEY-1", UPPER, 30, true },
};

static bool in_set(enum charset set, unsigned char c)
{
	switch (set) {
	case ALNUM:
		return is_alnum(c);
	case WORD:
		return is_alnum(c) || c == '_';
	case DASHED:
		return is_alnum(c) || c == '_' || c == '-';
	case DOTTED:
		return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '=';
	case UPPER:
		return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
	case HEX:
		return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
	}
	return false;
}

size_t charset_run(enum charset set, const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && in_set(set, s[n]))
		n++;
	return n;
}

static bool starts(const char *s, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && memcmp(s, word, n) == 0;
}

bool word_starts(const char *text, size_t at)
{
	if (at == 0 || !(in_set(WORD, text[at - 1])))
		return true;
	return at >= 3 && text[at - 3] == '%' && in_set(HEX, text[at - 2]) &&
	       in_set(HEX, text[at - 1]);
}

/* Each of these returns the length of what begins at `at`, 0: it is nothing of the kind. */

static size_t token(const char *text, size_t len, size_t at, bool cut)
{
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		const struct token *k = &tokens[i];
		size_t skip, n;

		if (k->prefix[0] != text[at] || !starts(text + at, len - at, k->prefix) ||
		    (k->apart && !word_starts(text, at)))
			continue;
		skip = strlen(k->prefix);
		n = charset_run(k->set, text + at + skip, len - at - skip);
		if (n >= k->least || (cut && n > 0 && at + skip + n == len))
			return skip + n;
	}
	return 0;
}

static size_t jwt(const char *text, size_t len, size_t at, bool cut)
{
	size_t n;

	if (!starts(text + at, len - at, "eyJ") || !word_starts(text, at))
		return 0;
	n = charset_run(DASHED, text + at, len - at);
	if (n < 10)
		return 0;
	if (at + n == len)
		return cut ? n : 0;
	return text[at + n] == '.' ? n + charset_run(DOTTED, text + at + n, len - at - n) : 0;
}

static size_t private_key(const char *text, size_t len, size_t at, bool cut)
{
	const char *start = text + at, *stop = text + len, *title, *end;

	if (!starts(start, len - at, "-----BEGIN "))
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

/* Whether anything can begin with this letter: most letters of most texts need no further look. */
static bool may_begin(unsigned char c)
{
	static bool known, begins[256];

	if (!known) {
		for (size_t i = 0; i < ARRAY_SIZE(tokens); i++)
			begins[(unsigned char)tokens[i].prefix[0]] = true;
		begins['e'] = begins['-'] = true;
		known = true;
	}
	return begins[c];
}

size_t secret_shape(const char *text, size_t len, size_t at, bool cut)
{
	size_t n;

	if (!may_begin(text[at]))
		return 0;
	n = token(text, len, at, cut);
	if (!n)
		n = jwt(text, len, at, cut);
	return n ? n : private_key(text, len, at, cut);
}
