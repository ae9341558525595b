// SPDX-License-Identifier: GPL-2.0-only
/* text_secrets.c - find secrets in text: those with a known shape, and those in a known
 * position. */
#define _GNU_SOURCE /* memrchr */
#include "sanitize/text_secrets.h"

#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "sanitize/secret_name.h"
#include "sanitize/secret_shape.h"
#include "sanitize/secret_value.h"

/* So much of a URL is looked at for its user and password: a text of nothing but "://" is then read
 * in linear time, too. */
#define URL_MAX 4096

static bool is_blank(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The text being scanned. */
struct scan {
	const struct text_view *v;
	const char *s;		      /* v->bytes */
	size_t len;		      /* v->len */
	size_t done;		      /* end of the last secret */
	size_t value_from, value_end; /* a value that begins in this range ends at its end */
	bool cut, whole;	      /* as in text_secrets() */
	struct spans *found;
};

static void redact(struct scan *t, size_t from, size_t to)
{
	view_add_span(t->found, t->v, from, to);
	t->done = to;
}

static bool starts(const struct scan *t, size_t at, const char *word)
{
	size_t n = strlen(word);

	return t->len - at >= n && memcmp(t->s + at, word, n) == 0;
}

static bool starts_case(const struct scan *t, size_t at, const char *word)
{
	size_t n = strlen(word);

	return t->len - at >= n && strncasecmp(t->s + at, word, n) == 0;
}

/* Each try_ function returns where scanning continues, or `at` if its kind is not found there. */

static bool ends_url(unsigned char c)
{
	return is_blank(c) || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' ||
	       c == '\0';
}

/* at: "://". Redacts USER:PASSWORD@ and TOKEN@ before the host. */
static size_t try_url(struct scan *t, size_t at)
{
	size_t start = at + 3, end = start, slash, from;
	const char *sign, *p;
	bool cut;

	if (!starts(t, at, "://"))
		return at;
	while (end < t->len && end - start < URL_MAX && !ends_url(t->s[end]))
		end++;
	cut = (t->cut && end == t->len) || end - start == URL_MAX;
	for (slash = start; slash < end; slash++)
		if (strchr("/?#", t->s[slash]))
			break;
	p = memchr(t->s + start, ':', slash - start);
	sign = memrchr(t->s + start, '@', slash - start);
	if (!sign && p) {
		/* A password may hold a slash; what follows the colon is then not a port. */
		size_t port = p + 1 - t->s;

		if (!secret_all_digits(t->s + port, slash - port))
			sign = memrchr(t->s + start, '@', end - start);
	}
	if (!sign) {
		/* If the text was cut before the '@', what follows the colon may be a password. */
		if (cut && slash == end && p && !secret_all_digits(p + 1, t->s + end - p - 1)) {
			redact(t, p + 1 - t->s, end);
			return end;
		}
		return start;
	}
	end = sign - t->s;
	if (p && p < sign)
		from = start + secret_of_user(t->s + start, end - start, ':');
	else
		from = end - start >= SECRET_TOKEN_MIN ? start : end; /* "git@" is only a name */
	if (from == end)
		return start;
	redact(t, from, end);
	return end;
}

/* ---- values of names ---- */

static bool ends_value(unsigned char c)
{
	return is_blank(c) || c == '\0' || strchr("\"'`;&|<>(),{}", c);
}

/* The end of the unquoted value that begins at `at`. It is searched once for all that begin before
 * it: "key=!key=!" would be searched to its end again and again. */
static size_t plain_value_end(struct scan *t, size_t at)
{
	if (at >= t->value_from && at < t->value_end)
		return t->value_end;
	t->value_from = t->value_end = at;
	while (t->value_end < t->len && !ends_value(t->s[t->value_end]))
		t->value_end++;
	return t->value_end;
}

/* The end of the value that starts at *at. Moves *at past an opening quote. whole: an unquoted
 * value reaches to the end of the text. */
static size_t value_end(struct scan *t, size_t *at, bool whole)
{
	size_t i = *at;
	bool escaped = i + 1 < t->len && t->s[i] == '\\' && strchr("\"'", t->s[i + 1]);
	char quote;

	if (escaped)
		i++; /* a quoted string within a quoted string: its closing quote is escaped, too */
	if (i < t->len && t->s[i] && strchr("\"'`", t->s[i])) {
		quote = t->s[i++];
		*at = i;
		while (i < t->len && t->s[i] != quote)
			i += !escaped && t->s[i] == '\\' ? 2 : 1;
		if (i >= t->len)
			return t->len;
		return escaped && i > *at && t->s[i - 1] == '\\' ? i - 1 : i;
	}
	if (whole)
		return t->len;
	if (i < t->len && t->s[i] == '$')
		return i; /* a reference: nothing to redact */
	return plain_value_end(t, i);
}

/* Redact a header's value, which reaches to the end of the line or to a quote. Its scheme
 * ("Bearer") stays. */
static size_t header_value(struct scan *t, size_t at)
{
	static const char *const schemes[] = { "Bearer ", "Basic ",	"token ",
					       "Digest ", "Negotiate ", "AWS4-HMAC-SHA256 ",
					       "ApiKey " };
	size_t end;

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (starts_case(t, at, schemes[i])) {
			at += strlen(schemes[i]);
			break;
		}
	if (secret_is_reference(t->s + at, t->len - at))
		return at; /* scanned as text from here */
	for (end = at; end < t->len && t->s[end] && !strchr("\"'\n\r`", t->s[end]); end++)
		;
	redact(t, at, end);
	return end;
}

static bool in_name(unsigned char c)
{
	return ascii_alnum(c) || c == '_' || c == '-' || c == '.' || c == '[' || c == ']';
}

/* The name before `end`, without the blanks and the quotes around it: returns its start and sets
 * *ret_end to its end. */
static size_t name_before(const struct scan *t, size_t end, size_t *ret_end, bool *ret_quoted)
{
	size_t start;

	*ret_quoted = false;
	while (end > t->done && (t->s[end - 1] == ' ' || t->s[end - 1] == '\t'))
		end--;
	if (end > t->done && (t->s[end - 1] == '"' || t->s[end - 1] == '\'')) {
		*ret_quoted = true;
		end--;
		if (end > t->done && t->s[end - 1] == '\\')
			end--;
	}
	start = end;
	while (start > t->done && end - start < SECRET_NAME_MAX && in_name(t->s[start - 1]))
		start--;
	*ret_end = end;
	return start;
}

/* Whether the ':' at `at`, behind an unquoted name, comes before a value: "token: x", "token:'x'",
 * "Cookie:x", "pass:x" (openssl) and "token:0123456789abcdef" hold values; "test:token:unit" is the
 * name of a script. */
static bool has_value(struct scan *t, size_t name, size_t at, enum secret_name kind)
{
	size_t value = at + 1;

	if (value >= t->len)
		return false;
	if (is_blank(t->s[value]) || (t->s[value] && strchr("\"'", t->s[value])))
		return true;
	if (kind == SECRET_NAME_HEADER || (t->whole && name == 0))
		return true;
	if (starts(t, name, "pass:") && (name == 0 || is_blank(t->s[name - 1])))
		return true;
	return secret_is_random(t->s + value, plain_value_end(t, value) - value);
}

/* at: '=' or ':'. Redacts the value of a name that says "secret". */
static size_t try_assignment(struct scan *t, size_t at)
{
	size_t name_end, name, value = at + 1, end;
	bool quoted, literal; /* NAME=VALUE, and no more than that */
	enum secret_name kind;

	if (t->s[at] != '=' && t->s[at] != ':')
		return at;
	name = name_before(t, at, &name_end, &quoted);
	kind = secret_name(t->s + name, name_end - name);
	if (kind == SECRET_NAME_NONE)
		return at;
	literal = t->whole && name == 0 && name_end == at && t->s[at] == '=';
	/* "==", "=>" and "::" are no assignments */
	if (!literal && value < t->len &&
	    (t->s[value] == '=' || t->s[value] == '>' || t->s[value] == ':'))
		return at;
	if (t->s[at] == ':' && !quoted && !has_value(t, name, at, kind))
		return at;
	while (value < t->len && (t->s[value] == ' ' || t->s[value] == '\t'))
		value++;
	if (kind == SECRET_NAME_HEADER && (t->s[at] == ':' || quoted)) {
		if (value < t->len && (t->s[value] == '"' || t->s[value] == '\''))
			value++;
		return header_value(t, value);
	}
	end = value_end(t, &value, t->whole && (literal || value == at + 1));
	if (!(literal ? secret_literal : secret_value)(kind, t->s + value, end - value))
		return at;
	redact(t, value, end);
	return end;
}

/* at: a '-' that starts a word. Redacts the value in "--token X" and "-u USER:PASSWORD". */
static size_t try_option(struct scan *t, size_t at)
{
	size_t name = at, end, value, from;
	enum secret_name kind;

	if (t->s[at] != '-' || (at && !is_blank(t->s[at - 1]) && !strchr("\"'`(", t->s[at - 1])))
		return at;
	while (name < t->len && t->s[name] == '-')
		name++;
	for (end = name; end < t->len && in_name(t->s[end]); end++)
		;
	value = end;
	while (value < t->len && (t->s[value] == ' ' || t->s[value] == '\t'))
		value++;
	if (value == end || value >= t->len || t->s[value] == '-')
		return at;
	if ((end - name == 1 && t->s[name] == 'u') ||
	    (end - name == 4 && starts(t, name, "user"))) {
		end = value_end(t, &value, false);
		from = value + secret_of_user(t->s + value, end - value, ':');
		if (from == end)
			return at;
		redact(t, from, end);
		return end;
	}
	kind = secret_name(t->s + name, end - name);
	if (kind == SECRET_NAME_NONE)
		return at;
	end = value_end(t, &value, false);
	if (!secret_value(kind, t->s + value, end - value))
		return at;
	redact(t, value, end);
	return end;
}

static bool in_token(unsigned char c)
{
	return ascii_alnum(c) || (c && strchr("_-.=~+/", c));
}

/* at: maybe "Bearer TOKEN" outside a header. */
static size_t try_bearer(struct scan *t, size_t at)
{
	size_t value = at + 7, n = 0;

	if (!starts_case(t, at, "bearer ") || !word_starts(t->s, at))
		return at;
	while (value + n < t->len && in_token(t->s[value + n]))
		n++;
	if (n < 8 || !(secret_is_random(t->s + value, n) || n >= 20))
		return at;
	redact(t, value, value + n);
	return value + n;
}

/* at: maybe SQL's PASSWORD '...', IDENTIFIED BY '...' or IDENTIFIED WITH plugin BY '...'. */
static size_t try_sql(struct scan *t, size_t at)
{
	static const struct {
		const char *words;
		size_t between; /* bytes that may stand between the words and the value */
	} forms[] = { { "password ", 0 }, { "identified by ", 9 }, { "identified with ", 40 } };
	size_t i = 0, value, most, end;

	while (i < ARRAY_SIZE(forms) && !starts_case(t, at, forms[i].words))
		i++;
	if (i == ARRAY_SIZE(forms) || !word_starts(t->s, at))
		return at;
	value = at + strlen(forms[i].words);
	most = value + forms[i].between;
	while (value < t->len && value < most && t->s[value] != '\'')
		value++;
	if (value >= t->len || t->s[value] != '\'')
		return at;
	end = value_end(t, &value, false);
	if (!secret_value(SECRET_NAME_SURE, t->s + value, end - value))
		return at;
	redact(t, value, end);
	return end;
}

/* Look for a secret that is recognised by the byte at `at`. Returns where scanning continues behind
 * it; `at`: there is none. */
static size_t try_all(struct scan *t, size_t at)
{
	struct span shape;
	size_t next;

	if (secret_shape(t->s, t->len, t->done, at, t->cut, &shape)) {
		redact(t, shape.from, shape.to);
		return shape.to;
	}
	switch (t->s[at]) {
	case '=':
		return try_assignment(t, at);
	case ':':
		next = try_url(t, at);
		return next > at ? next : try_assignment(t, at);
	case '-':
		return try_option(t, at);
	case 'b':
	case 'B':
		return try_bearer(t, at);
	case 'i':
	case 'I':
	case 'p':
	case 'P':
		return try_sql(t, at);
	}
	return at;
}

void text_secrets(struct spans *ret, const struct text_view *v, bool cut, bool whole)
{
	struct scan t = {
		.v = v, .s = v->bytes, .len = v->len, .cut = cut, .whole = whole, .found = ret
	};
	size_t at = 0;

	while (at < t.len) {
		size_t next = try_all(&t, at);

		at = next > at ? next : at + 1;
	}
}
