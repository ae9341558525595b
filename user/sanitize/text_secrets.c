// SPDX-License-Identifier: GPL-2.0-only
/* redact_text.c - secrets out of text: what shows itself, and what stands where secrets stand. */
#define _GNU_SOURCE /* memrchr */
#include "redact.h"

#include <strings.h>

#include "redact_scan.h"
#include "secret_shape.h"

/* A user name of so many letters is a token: no honest one is that long. */
#define TOKEN_LEAST 20

static bool is_blank(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A text and how far it has been written. */
struct scan {
	const char *s;
	size_t len, done;
	bool cut;
	struct buf *out;
};

/* Write what was not yet up to `from`, then REDACTED in the place of [from, to). */
static void take_out(struct scan *t, size_t from, size_t to)
{
	buf_add(t->out, t->s + t->done, from - t->done);
	buf_adds(t->out, REDACTED);
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

/* Each of the try_ functions returns where to go on, or `at` when there is nothing of its kind. */

static bool ends_url(unsigned char c)
{
	return is_blank(c) || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' ||
	       c == '\0';
}

size_t redact_user_secret(const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	size_t password = colon ? (size_t)(colon + 1 - text) : len;

	if (password == len || text[password] == '$')
		return len;
	if (len - password >= 2 && text[password] == '/' && text[password + 1] == '/')
		return len;
	if (all_digits(text, password - 1) && all_digits(text + password, len - password))
		return len;
	return password > TOKEN_LEAST ? 0 : password;
}

/* at: "://". USER:PASSWORD@ and TOKEN@ in front of the host. */
static size_t try_url(struct scan *t, size_t at)
{
	size_t start = at + 3, end = start, slash, from;
	const char *sign, *p;

	if (!starts(t, at, "://"))
		return at;
	while (end < t->len && !ends_url(t->s[end]))
		end++;
	for (slash = start; slash < end; slash++)
		if (strchr("/?#", t->s[slash]))
			break;
	p = memchr(t->s + start, ':', slash - start);
	sign = memrchr(t->s + start, '@', slash - start);
	if (!sign && p) {
		/* A password that holds a slash: then what follows the colon is no port. */
		size_t port = p + 1 - t->s;

		if (!all_digits(t->s + port, slash - port))
			sign = memrchr(t->s + start, '@', end - start);
	}
	if (!sign) {
		/* The end of a cut text may have been a password. */
		if (t->cut && end == t->len && slash == end && p &&
		    !all_digits(p + 1, t->s + end - p - 1)) {
			take_out(t, p + 1 - t->s, end);
			return end;
		}
		return start;
	}
	end = sign - t->s;
	if (p && p < sign)
		from = start + redact_user_secret(t->s + start, end - start);
	else
		from = end - start >= TOKEN_LEAST ? start : end; /* "git" is none */
	if (from == end)
		return start;
	take_out(t, from, end);
	return end;
}

/* ---- values of names ---- */

static bool is_reference(const char *s, size_t len)
{
	static const char *const words[] = { "$",	 "process.env", "os.environ", "os.getenv",
					     "require(", "await ",	"env.",	      "secrets.",
					     "System.",	 REDACTED,	"***",	      "true",
					     "false",	 "null",	"none",	      "undefined" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);

		if (len < n || strncasecmp(s, words[i], n) != 0)
			continue;
		/* a whole word, unless it is punctuation that ends it */
		if (!is_alnum(words[i][n - 1]) || len == n || !is_alnum(s[n]))
			return true;
	}
	return false;
}

static bool looks_like_path(const char *s, size_t len)
{
	static const char *const ends[] = { ".pem", ".key", ".json", ".crt",
					    ".txt", ".p12", ".pub",  ".yml" };

	if (len && (s[0] == '~' || s[0] == '.'))
		return true;
	if (len > 1 && s[0] == '/' && (memchr(s + 1, '/', len - 1) || memchr(s, '.', len)))
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (len > n && memcmp(s + len - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

/* Long, of the letters that keys are made of, and not a word. */
static bool looks_random(const char *s, size_t len)
{
	size_t digits = 0, letters = 0;

	if (len < 16)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			digits++;
		else if (is_alnum(s[i]))
			letters++;
		else if (!strchr("+/=_-.%", s[i]) || !s[i])
			return false;
	}
	return (digits && letters) || digits >= 16 || len >= 40;
}

bool redact_is_secret(enum secret_name name, const char *s, size_t len)
{
	if (!len || is_reference(s, len))
		return false;
	switch (name) {
	case SECRET_NAME_NONE:
		return false;
	case SECRET_NAME_MAYBE:
		return looks_random(s, len) && !looks_like_path(s, len);
	case SECRET_NAME_KEY:
		return !looks_like_path(s, len);
	case SECRET_NAME_SURE:
	case SECRET_NAME_HEADER:
		return true;
	}
	return true;
}

static bool ends_value(unsigned char c)
{
	return is_blank(c) || c == '\0' || strchr("\"'`;&|<>(),{}", c);
}

/* End of a value that starts at *at, past its opening quote, if it has one. whole: to the end of
 * the text. */
static size_t value_end(const struct scan *t, size_t *at, bool whole)
{
	size_t i = *at;
	bool escaped = i + 1 < t->len && t->s[i] == '\\' && strchr("\"'", t->s[i + 1]);
	char quote;

	if (escaped)
		i++; /* text within text: the closing quote is escaped as well */
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
		return i; /* a reference: nothing to take out */
	while (i < t->len && !ends_value(t->s[i]))
		i++;
	return i;
}

/* A header's value goes to the end of the line or the quote; its scheme ("Bearer") stays readable.
 */
static size_t take_header(struct scan *t, size_t at)
{
	static const char *const schemes[] = { "Bearer ", "Basic ",	"token ",
					       "Digest ", "Negotiate ", "AWS4-HMAC-SHA256 ",
					       "ApiKey " };
	size_t end = at;

	while (end < t->len && t->s[end] != '"' && t->s[end] != '\'' && t->s[end] != '\n' &&
	       t->s[end] != '\r' && t->s[end] != '`' && t->s[end] != '\0')
		end++;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (starts_case(t, at, schemes[i])) {
			at += strlen(schemes[i]);
			break;
		}
	if (at == end || is_reference(t->s + at, end - at))
		return at; /* what is in it is looked at as text */
	take_out(t, at, end);
	return end;
}

static bool in_name(unsigned char c)
{
	return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '[' || c == ']';
}

/* The name that ends at `end` (exclusive), its quotes and blanks skipped; returns its start, sets
 * *ret_end. */
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
	while (start > t->done && end - start < SECRET_NAME_LONGEST && in_name(t->s[start - 1]))
		start--;
	*ret_end = end;
	return start;
}

/* at: '=' or ':'. The value of a name that says "secret". */
static size_t try_assignment(struct scan *t, size_t at, bool whole)
{
	size_t name_end, name, value = at + 1, end;
	enum secret_name kind;
	bool quoted;

	if (t->s[at] != '=' && t->s[at] != ':')
		return at;
	name = name_before(t, at, &name_end, &quoted);
	kind = secret_name(t->s + name, name_end - name);
	if (kind == SECRET_NAME_NONE)
		return at;
	/* "==" compares, "=>" and "::" are no assignments either */
	if (value < t->len && (t->s[value] == '=' || t->s[value] == '>' || t->s[value] == ':'))
		return at;
	if (t->s[at] == ':') {
		bool openssl = starts(t, name, "pass:") && (name == 0 || is_blank(t->s[name - 1]));

		/* "test:token:unit" names a script; "token: x", "token":"x" and pass:x give a value
		 */
		if (!quoted && !openssl &&
		    !(value < t->len && (is_blank(t->s[value]) || strchr("\"'", t->s[value]))))
			return at;
	}
	while (value < t->len && (t->s[value] == ' ' || t->s[value] == '\t'))
		value++;
	if (kind == SECRET_NAME_HEADER && (t->s[at] == ':' || quoted)) {
		if (value < t->len && (t->s[value] == '"' || t->s[value] == '\''))
			value++;
		return take_header(t, value);
	}
	end = value_end(t, &value, whole && value == at + 1);
	if (!redact_is_secret(kind, t->s + value, end - value))
		return at;
	take_out(t, value, end);
	return end;
}

/* at: '-' that starts a word in program text. "--token X" and "-u USER:PASSWORD". */
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
		from = value + redact_user_secret(t->s + value, end - value);
		if (from == end)
			return at;
		take_out(t, from, end);
		return end;
	}
	kind = secret_name(t->s + name, end - name);
	if (kind == SECRET_NAME_NONE)
		return at;
	end = value_end(t, &value, false);
	if (!redact_is_secret(kind, t->s + value, end - value))
		return at;
	take_out(t, value, end);
	return end;
}

static size_t try_bearer(struct scan *t, size_t at)
{
	size_t value = at + 7, n;

	if (!starts_case(t, at, "bearer ") || !word_starts(t->s, at))
		return at;
	n = charset_run(DOTTED, t->s + value, t->len - value);
	if (n < 8 || !(looks_random(t->s + value, n) || n >= 20))
		return at;
	take_out(t, value, value + n);
	return value + n;
}

void redact_scan(struct buf *out, const char *text, size_t len, bool cut, bool whole)
{
	struct scan t = { .s = text, .len = len, .cut = cut, .out = out };
	size_t at = 0;

	while (at < len) {
		size_t next = at, shape = secret_shape(text, len, at, cut);

		if (shape) {
			take_out(&t, at, at + shape);
			at += shape;
			continue;
		}
		switch (text[at]) {
		case '=':
			next = try_assignment(&t, at, whole);
			break;
		case ':':
			next = try_url(&t, at);
			if (next == at)
				next = try_assignment(&t, at, whole);
			break;
		case '-':
			next = try_option(&t, at);
			break;
		case 'b':
		case 'B':
			next = try_bearer(&t, at);
			break;
		}
		at = next > at ? next : at + 1;
	}
	buf_add(out, text + t.done, len - t.done);
}

void redact_text(struct buf *out, const char *text, size_t len, bool cut)
{
	redact_scan(out, text, len, cut, false);
}
