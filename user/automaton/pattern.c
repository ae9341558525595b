// SPDX-License-Identifier: GPL-2.0-only
/* pattern.c - see pattern.h. */
#include "pattern.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COMPONENT_MAX 255 /* NAME_MAX: no file's name is longer */

void pattern_done(struct pattern *p)
{
	free(p->atoms);
	*p = (struct pattern){ 0 };
}

static int push(struct pattern *p, unsigned atom)
{
	if (p->count == p->size) {
		size_t size = p->size ? p->size * 2 : 32;
		uint16_t *atoms = realloc(p->atoms, size * sizeof(*atoms));

		if (!atoms)
			return -ENOMEM;
		p->atoms = atoms;
		p->size = size;
	}
	p->atoms[p->count++] = (uint16_t)atom;
	return 0;
}

/* Append the glob in text[0..len): `*` and `?` stand for symbols of set, a backslash takes the next
 * byte as it is. */
static int push_glob(struct pattern *p, const char *text, size_t len, enum pattern_set set,
		     struct error *e)
{
	size_t bytes = 0;
	int r;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		unsigned atom = c;

		if (c == '*') {
			if (p->count && p->atoms[p->count - 1] == ATOM_STAR(set) && i &&
			    text[i - 1] == '*')
				return error_set(e, -EINVAL, "`**` must stand alone");
			atom = ATOM_STAR(set);
		} else if (c == '?') {
			atom = ATOM_ONE(set);
			bytes++;
		} else if (c == '\\') {
			if (++i == len)
				return error_set(e, -EINVAL,
						 "ends in a backslash that escapes nothing");
			atom = (unsigned char)text[i];
			if (atom == '/' && set == SET_NOT_SLASH)
				return error_set(e, -EINVAL, "never matches: no name holds a '/'");
			bytes++;
		} else {
			bytes++;
		}
		r = push(p, atom);
		if (r < 0)
			return r;
	}
	if (bytes > COMPONENT_MAX && set != SET_NOT_NUL)
		return error_set(e, -EINVAL, "never matches: a name longer than %d bytes",
				 COMPONENT_MAX);
	return 0;
}

/* Length of what stands before the next unescaped separator or the end. */
static size_t span(const char *text, char separator)
{
	size_t n = 0;

	while (text[n] && text[n] != separator)
		n += text[n] == '\\' && text[n + 1] ? 2 : 1;
	return n;
}

static bool is(const char *text, size_t len, const char *what)
{
	return len == strlen(what) && memcmp(text, what, len) == 0;
}

/* Components are fed last to first, so they are found first and pushed in reverse. */
static int parse_path(struct pattern *p, const char *text, struct error *e)
{
	bool home = text[0] == '~', anywhere = false, below = false;
	const char *at = home ? text + 1 : text;
	struct component {
		const char *text;
		size_t len;
	} *parts = NULL;
	size_t count = 0, size = 0;
	int r = 0;

	if (home && *at && *at != '/')
		return error_set(e, -EINVAL,
				 "`~` is every home directory: it must be followed by '/'");
	if (!home && *at != '/')
		return error_set(e, -EINVAL, "must begin with '/' or `~`");
	if (!home && strcmp(text, "/") == 0)
		return push(p, WS_SYM_ROOT);

	while (*at == '/') {
		size_t len = span(++at, '/');

		r = -EINVAL;
		if (len == 0) {
			error_set(e, r, *at ? "never matches: an empty component" : "ends in '/'");
			goto out;
		}
		if (is(at, len, ".") || is(at, len, "..")) {
			error_set(e, r, "never matches: paths are resolved, they hold no `%.*s`",
				  (int)len, at);
			goto out;
		}
		if (below) {
			error_set(e, r, "`**` may only be the first or the last component");
			goto out;
		}
		if (is(at, len, "**")) {
			if (!at[len])
				below = true;
			else if (count == 0 && !home && !anywhere)
				anywhere = true;
			else
				below = true; /* the next component, which exists, makes it an error
					       */
			at += len;
			continue;
		}
		if (count == size) {
			struct component *more =
				realloc(parts, (size ? size * 2 : 8) * sizeof(*parts));

			if (!more) {
				r = -ENOMEM;
				goto out;
			}
			parts = more;
			size = size ? size * 2 : 8;
		}
		parts[count++] = (struct component){ at, len };
		at += len;
	}

	r = -EINVAL;
	if (count == 0 && !home) {
		error_set(e, r, "matches everything: leave the key out instead");
		goto out;
	}
	if (below && ((r = push(p, ATOM_STAR(SET_ALL))) < 0 || (r = push(p, '/')) < 0))
		goto out;
	while (count--) {
		r = push_glob(p, parts[count].text, parts[count].len, SET_NOT_SLASH, e);
		if (r < 0 || (r = push(p, '/')) < 0)
			goto out;
	}
	r = anywhere ? 0 : push(p, home ? WS_SYM_HOME : WS_SYM_ROOT);
out:
	free(parts);
	return r;
}

static int parse_argv(struct pattern *p, const char *text, struct error *e)
{
	bool script = strncmp(text, "#!", 2) == 0, any = false;
	int r = script ? push(p, ATOM_SCRIPT) : 0;

	if (r < 0)
		return r;
	for (const char *at = text + (script ? 2 : 0);; at++) {
		size_t len = span(at, ' ');

		if (len == 0)
			return error_set(e, -EINVAL, "words must be separated by single spaces");
		if (script && !any && (is(at, len, "**") || is(at, len, "-**")))
			return error_set(e, -EINVAL,
					 "`#!` must be followed by the name of a program");
		if (is(at, len, "**")) {
			r = push(p, ATOM_WORDS);
		} else if (is(at, len, "-**")) {
			r = push(p, ATOM_DASHES);
			any = true;
		} else {
			r = push(p, ATOM_WORD);
			if (r == 0)
				r = push_glob(p, at, len, SET_NOT_NUL, e);
			any = true;
		}
		if (r < 0)
			return r;
		at += len;
		if (!*at)
			break;
	}
	if (!any)
		return error_set(e, -EINVAL, "matches everything: leave the key out instead");
	return 0;
}

static int parse_name(struct pattern *p, const char *text, struct error *e)
{
	int r = push_glob(p, text, strlen(text), SET_NOT_NUL, e);

	if (r < 0)
		return r;
	if (p->count >= WS_NAME_MAX)
		return error_set(e, -EINVAL, "never matches: a name longer than %d bytes",
				 WS_NAME_MAX - 1);
	return push(p, 0);
}

int pattern_parse(struct pattern *ret, enum ws_automaton kind, const char *text, struct error *e)
{
	struct pattern p = { 0 };
	int r;

	if (!text[0])
		r = error_set(e, -EINVAL, "an empty pattern");
	else if (kind == WS_DFA_PATH)
		r = parse_path(&p, text, e);
	else if (kind == WS_DFA_ARGV)
		r = parse_argv(&p, text, e);
	else
		r = parse_name(&p, text, e);
	if (r < 0) {
		pattern_done(&p);
		return r;
	}
	*ret = p;
	return 0;
}

int pattern_is_rooted(const char *text)
{
	return strncmp(text, "/**/", 4) != 0;
}
