// SPDX-License-Identifier: GPL-2.0-only
/* pattern.c - see pattern.h. */
#include "automaton/pattern.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "automaton/grow.h"
#include "base/cleanup.h"

#define COMPONENT_MAX 255 /* bytes: NAME_MAX, the longest name of a file */

void pattern_done(struct pattern *p)
{
	free(p->atoms);
	*p = (struct pattern){ 0 };
}

static int push(struct pattern *p, unsigned atom)
{
	int r = grow(&p->atoms, &p->size, p->count, sizeof(*p->atoms));

	if (r == 0)
		p->atoms[p->count++] = (uint16_t)atom;
	return r;
}

/* Append the glob text[0..len): `*` and `?` stand for symbols of set, a backslash makes the next
 * byte literal. */
static int push_glob(struct pattern *p, const char *text, size_t len, enum pattern_set set,
		     struct error *e)
{
	size_t bytes = 0;
	int r;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		unsigned atom = c;

		if (c == '*') {
			if (p->count && p->atoms[p->count - 1] == ATOM_STAR(set))
				return error_set(e, -EINVAL, "`**` must stand alone");
			atom = ATOM_STAR(set);
		} else if (c == '?') {
			atom = ATOM_ONE(set);
			bytes++;
		} else if (c == '\\') {
			if (++i == len)
				return error_set(
					e, -EINVAL,
					"ends in a backslash with nothing behind it to escape");
			atom = (unsigned char)text[i];
			if (atom == '/' && set == SET_NOT_SLASH)
				return error_set(e, -EINVAL,
						 "never matches: no name contains a '/'");
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

/* Length of text up to the next unescaped separator, or to its end. */
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

/* A path pattern taken apart: head, components from the root down, and whether `**` comes first or
 * last. */
struct path {
	bool home;     /* begins with `~` */
	bool anywhere; /* begins with a `**` component */
	bool below;    /* ends in a `**` component */
	struct component {
		const char *text;
		size_t len;
	} * at;
	size_t count, size;
};

static void path_done(struct path *p)
{
	free(p->at);
}

static int split_path(struct path *p, const char *text, struct error *e)
{
	int r;

	p->home = text[0] == '~';
	text += p->home;
	if (p->home && *text && *text != '/')
		return error_set(e, -EINVAL,
				 "`~` is every home directory: it must be followed by '/'");
	if (!p->home && *text != '/')
		return error_set(e, -EINVAL, "must begin with '/' or `~`");
	while (*text == '/') {
		size_t len = span(++text, '/');

		if (len == 0)
			return error_set(e, -EINVAL,
					 *text ? "never matches: an empty component"
					       : "ends in '/'");
		if (is(text, len, ".") || is(text, len, ".."))
			return error_set(e, -EINVAL,
					 "never matches: paths are resolved before, and then "
					 "contain no `%.*s`",
					 (int)len, text);
		if (p->below)
			return error_set(e, -EINVAL,
					 "`**` may only be the first or the last component");
		if (!is(text, len, "**")) {
			r = grow(&p->at, &p->size, p->count, sizeof(*p->at));
			if (r < 0)
				return r;
			p->at[p->count++] = (struct component){ text, len };
		} else if (text[len] && p->count == 0 && !p->home && !p->anywhere) {
			p->anywhere = true;
		} else {
			p->below = true;
		}
		text += len;
	}
	if (p->count == 0 && !p->home)
		return error_set(e, -EINVAL, "matches everything: leave the key out instead");
	return 0;
}

/* The automaton is fed a path from its last component to its first. */
static int parse_path(struct pattern *p, const char *text, struct error *e)
{
	CLEANUP(path_done) struct path path = { 0 };
	int r;

	if (strcmp(text, "/") == 0)
		return push(p, WS_SYM_ROOT);
	r = split_path(&path, text, e);
	if (r < 0)
		return r;
	if (path.below && ((r = push(p, ATOM_STAR(SET_ALL))) < 0 || (r = push(p, '/')) < 0))
		return r;
	while (path.count--) {
		const struct component *c = &path.at[path.count];

		r = push_glob(p, c->text, c->len, SET_NOT_SLASH, e);
		if (r < 0 || (r = push(p, '/')) < 0)
			return r;
	}
	return path.anywhere ? 0 : push(p, path.home ? WS_SYM_HOME : WS_SYM_ROOT);
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

/* Patterns are printed and logged, and an editor shows such bytes badly or not at all. */
static bool has_control_character(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

int pattern_parse(struct pattern *ret, enum ws_automaton kind, const char *text, struct error *e)
{
	struct pattern p = { 0 };
	int r;

	if (!text[0])
		r = error_set(e, -EINVAL, "an empty pattern");
	else if (has_control_character(text))
		r = error_set(e, -EINVAL,
			      "contains a control character; write `?` for such a byte");
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

bool pattern_is_rooted(const char *text)
{
	return strncmp(text, "/**/", 4) != 0;
}
