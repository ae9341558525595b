/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slow_match.h - what a pattern means, by plain recursion over the text, front to back: the
 * opposite of how the automata do it, and sharing nothing with them. For test_dfa.c and fuzz_dfa.c.
 */
#ifndef SLOW_MATCH_H
#define SLOW_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Glob p[0..pn) over s[0..sn); wildcards refuse the byte `except` (-1: none). */
static inline bool slow_glob(const char *p, size_t pn, const char *s, size_t sn, int except)
{
	if (pn == 0)
		return sn == 0;
	if (*p == '*') {
		if (slow_glob(p + 1, pn - 1, s, sn, except))
			return true;
		return sn && (unsigned char)*s != except && slow_glob(p, pn, s + 1, sn - 1, except);
	}
	if (*p == '\\' && pn > 1) {
		p++;
		pn--;
		return sn && *s == *p && slow_glob(p + 1, pn - 1, s + 1, sn - 1, except);
	}
	if (*p == '?')
		return sn && (unsigned char)*s != except &&
		       slow_glob(p + 1, pn - 1, s + 1, sn - 1, except);
	return sn && *s == *p && slow_glob(p + 1, pn - 1, s + 1, sn - 1, except);
}

/* Bytes up to the next unescaped end (pattern) or plain end (subject). */
static inline size_t slow_span(const char *p, char end, bool escapes)
{
	size_t n = 0;

	while (p[n] && p[n] != end)
		n += escapes && p[n] == '\\' && p[n + 1] ? 2 : 1;
	return n;
}

/* p: pattern from a '/' on (or empty); s: path from a '/' on (or empty). */
static inline bool slow_components(const char *p, const char *s)
{
	size_t pn, sn;

	if (!*p)
		return !*s;
	if (!*s)
		return false;
	pn = slow_span(p + 1, '/', true);
	sn = slow_span(s + 1, '/', false);
	if (pn == 2 && p[1] == '*' && p[2] == '*' && !p[3])
		return true; /* a trailing one: at least one component is there, and any number may
				follow */
	return slow_glob(p + 1, pn, s + 1, sn, -1) && slow_components(p + 1 + pn, s + 1 + sn);
}

/* path: "/" or "/a/b"; homes: lengths of the prefixes of path that are homes ("/home/ci" of
 * "/home/ci/x": 8; "/": 0). */
static inline bool slow_path(const char *p, const char *path, const size_t *homes, size_t count)
{
	if (strcmp(path, "/") == 0)
		path = "";
	if (*p == '~') {
		for (size_t i = 0; i < count; i++)
			if (slow_components(p + 1, path + homes[i]))
				return true;
		return false;
	}
	if (strcmp(p, "/") == 0)
		return !*path;
	if (strncmp(p, "/**/", 4) == 0) {
		for (const char *s = path; *s; s++)
			if (*s == '/' && slow_components(p + 3, s))
				return true;
		return false;
	}
	return slow_components(p, path);
}

/* A word that names a file: with or without its directories. */
static inline bool slow_file(const char *p, size_t pn, const char *w)
{
	const char *base = strrchr(w, '/');

	if (slow_glob(p, pn, w, strlen(w), '/'))
		return true;
	if (!base || w[0] == '-')
		return false;
	for (size_t i = 0; i < pn; i++)
		if (p[i] == '/')
			return false;
	return slow_glob(p, pn, base + 1, strlen(base + 1), '/');
}

/* words[0..n): the argv; first: p stands at its beginning. */
static inline bool slow_words(const char *p, bool first, char *const *words, size_t n)
{
	size_t pn = slow_span(p, ' ', true);
	const char *rest = p[pn] ? p + pn + 1 : NULL;
	bool any = pn == 2 && strncmp(p, "**", 2) == 0,
	     dashes = pn == 3 && strncmp(p, "-**", 3) == 0;

	if (any || dashes) {
		for (size_t i = 0; i <= n; i++) {
			if (rest ? slow_words(rest, false, words + i, n - i) : i == n)
				return true;
			if (i < n && dashes && words[i][0] != '-')
				return false;
		}
		return false;
	}
	if (n == 0)
		return false;
	if (!(first ? slow_file(p, pn, words[0])
		    : slow_glob(p, pn, words[0], strlen(words[0]), -1)))
		return false;
	return rest ? slow_words(rest, false, words + 1, n - 1) : n == 1;
}

static inline bool slow_argv(const char *p, char *const *words, size_t n)
{
	static const char *const hosts[] = { "sh",   "bash",  "dash",	 "zsh",	  "ksh",  "ash",
					     "fish", "node*", "python*", "perl*", "ruby*" };

	if (strncmp(p, "#!", 2) != 0)
		return slow_words(p, true, words, n);
	if (slow_words(p + 2, true, words, n))
		return true;
	for (size_t h = 0; h < sizeof(hosts) / sizeof(hosts[0]); h++) {
		if (!slow_file(hosts[h], strlen(hosts[h]), words[0]))
			continue;
		for (size_t i = 1; i < n; i++) {
			if (slow_words(p + 2, true, words + i, n - i))
				return true;
			if (words[i][0] != '-')
				break;
		}
	}
	/* env, the interpreter, and what may follow that */
	for (size_t i = 2; i < n && slow_file("env", 3, words[0]); i++) {
		if (slow_words(p + 2, true, words + i, n - i))
			return true;
		if (words[i][0] != '-')
			break;
	}
	return false;
}

#endif
