// SPDX-License-Identifier: GPL-2.0-only
/* shell_words.c - the words of a command line as text. */
#include "sanitize/shell_words.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	const struct text_view *v;
	size_t at;
	/* the current word; its bytes and where each came from */
	char *bytes;
	uint32_t *from, *to;
	size_t len;
	bool in_word;
	shell_words_fn fn;
	void *arg;
};

static char peek(const struct reader *r, size_t ahead)
{
	return r->at + ahead < r->v->len ? r->v->bytes[r->at + ahead] : '\0';
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

static void end_word(struct reader *r)
{
	struct text_view word = { .bytes = r->bytes, .len = r->len, .from = r->from, .to = r->to };

	if (r->in_word)
		r->fn(r->arg, SHELL_WORD, &word);
	r->in_word = false;
	r->len = 0;
}

static void end_command(struct reader *r, enum shell_sign sign)
{
	end_word(r);
	r->fn(r->arg, sign, NULL);
}

/* Take the byte that is `ahead` of the current position, which moves behind it. */
static void take(struct reader *r, size_t ahead)
{
	size_t i = r->at + ahead;

	r->bytes[r->len] = r->v->bytes[i];
	r->from[r->len] = view_from(r->v, r->at);
	r->to[r->len++] = view_to(r->v, i);
	r->in_word = true;
	r->at = i + 1;
}

/* At a quote: take what it encloses. In '...' a backslash is itself. */
static void take_quoted(struct reader *r, bool escapes)
{
	char quote = r->v->bytes[r->at++];

	r->in_word = true;
	while (r->at < r->v->len && r->v->bytes[r->at] != quote) {
		char next = peek(r, 1);

		if (escapes && peek(r, 0) == '\\' && next && strchr("\"'\\$`\n", next))
			take(r, 1);
		else
			take(r, 0);
	}
	r->at++;
	/* the end of a member of a list */
	if (peek(r, 0) == ',' || peek(r, 0) == ']') {
		end_word(r);
		r->at++;
	}
}

/* At a character that is no part of a plain word; false: it is one here. */
static bool take_sign(struct reader *r)
{
	char c = peek(r, 0);

	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '\0':
	case '>':
		end_word(r);
		r->at++;
		return true;
	case '<':
		end_word(r);
		if (peek(r, 1) == '<' && peek(r, 2) == '<') {
			r->fn(r->arg, SHELL_HERE_STRING, NULL);
			r->at += 2;
		}
		r->at++;
		return true;
	case '|':
		end_command(r, peek(r, 1) == '|' ? SHELL_END : SHELL_PIPE);
		r->at += peek(r, 1) == '|' || peek(r, 1) == '&' ? 2 : 1;
		return true;
	case '\n':
	case ';':
	case '&':
	case '(':
	case ')':
	case '`':
		end_command(r, SHELL_END);
		r->at++;
		return true;
	case '[':
	case ',': /* a list of strings */
		if (!is_quote(peek(r, 1)))
			return false;
		end_word(r);
		r->at++;
		return true;
	}
	return false;
}

static void read_all(struct reader *r)
{
	while (r->at < r->v->len) {
		char c = peek(r, 0);

		if (take_sign(r))
			continue;
		if (c == '\\' && r->at + 1 < r->v->len) {
			if (peek(r, 1) == '\n') /* the line goes on */
				r->at += 2;
			else
				take(r, 1);
		} else if (c == '$' && peek(r, 1) == '\'') {
			r->at++;
			take_quoted(r, true);
		} else if (is_quote(c)) {
			take_quoted(r, c == '"');
		} else {
			take(r, 0);
		}
	}
	end_command(r, SHELL_END);
}

bool shell_words(const struct text_view *v, shell_words_fn fn, void *arg)
{
	struct reader r = { .v = v, .fn = fn, .arg = arg };
	void *room;

	if (v->len >= TEXT_VIEW_MAX)
		return false;
	room = malloc(v->len * (2 * sizeof(*r.from) + 1) + 1);
	if (!room)
		return false;
	r.from = room;
	r.to = r.from + v->len;
	r.bytes = (char *)(r.to + v->len);
	read_all(&r);
	free(room);
	return true;
}
