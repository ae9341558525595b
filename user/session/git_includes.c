// SPDX-License-Identifier: GPL-2.0-only
/* git_includes.c - see git_includes.h. What git takes for an error and dies of is passed over. */
#include "session/git_includes.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"

struct reader {
	const char *at, *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && is_blank(*r->at))
		r->at++;
}

static void skip_line(struct reader *r)
{
	while (r->at < r->end && *r->at != '\n')
		r->at++;
}

/* [name "anything"], behind the bracket. Returns whether the section includes files. */
static bool read_section(struct reader *r)
{
	static const char name[] = "include", name_if[] = "includeif";
	const char *begin = r->at;
	bool quoted = false;
	size_t len;

	while (r->at < r->end && (ascii_alnum(*r->at) || *r->at == '-'))
		r->at++;
	len = (size_t)(r->at - begin);
	for (; r->at < r->end && *r->at != '\n'; r->at++) {
		if (*r->at == '"')
			quoted = !quoted;
		else if (quoted && *r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		else if (!quoted && *r->at == ']') {
			r->at++;
			break;
		}
	}
	return (len == strlen(name) && strncasecmp(begin, name, len) == 0) ||
	       (len == strlen(name_if) && strncasecmp(begin, name_if, len) == 0);
}

static char escaped(char c)
{
	return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'b' ? '\b' : c;
}

/* What follows the equals sign. Returns false if it is too long, or holds a NUL. */
static bool read_value(struct reader *r, char ret[GIT_INCLUDE_PATH])
{
	size_t n = 0, kept = 0; /* kept: without blanks at the end */
	bool quoted = false, fits = true;

	skip_blanks(r);
	for (; r->at < r->end && *r->at != '\n'; r->at++) {
		char c = *r->at;

		if (c == '"') {
			quoted = !quoted;
			kept = n;
			continue;
		}
		if (!quoted && (c == '#' || c == ';'))
			break;
		if (c == '\\' && r->at + 1 < r->end) {
			c = *++r->at;
			if (c == '\r' && r->at + 1 < r->end && r->at[1] == '\n')
				c = *++r->at;
			if (c == '\n') /* goes on in the next line */
				continue;
			c = escaped(c);
		}
		if (n + 1 >= GIT_INCLUDE_PATH || !c) {
			fits = false;
			continue;
		}
		ret[n++] = c;
		if (quoted || !is_blank(c))
			kept = n;
	}
	skip_line(r);
	ret[kept] = '\0';
	return fits && kept;
}

int git_includes_each(const char *text, size_t len, int (*fn)(void *arg, const char *path),
		      void *arg)
{
	struct reader r = { text, text + len };
	char value[GIT_INCLUDE_PATH];
	bool includes = false;
	int err = 0;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		r.at += 3;
	while (r.at < r.end && err == 0) {
		const char *key;
		size_t n;

		if (is_blank(*r.at) || *r.at == '\n') {
			r.at++;
			continue;
		}
		if (*r.at == '[') {
			r.at++;
			includes = read_section(&r);
			continue;
		}
		key = r.at;
		while (r.at < r.end && (ascii_alnum(*r.at) || *r.at == '-'))
			r.at++;
		n = (size_t)(r.at - key);
		skip_blanks(&r);
		if (!n || r.at == r.end || *r.at != '=') { /* a comment, or a key alone */
			skip_line(&r);
			continue;
		}
		r.at++;
		if (read_value(&r, value) && includes && n == 4 && strncasecmp(key, "path", n) == 0)
			err = fn(arg, value);
	}
	return err;
}
