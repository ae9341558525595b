// SPDX-License-Identifier: GPL-2.0-only
/* secret_value.c - whether a value that stands where a secret may stand is one. */
#include "sanitize/secret_value.h"

#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "sanitize/spans.h"

bool secret_all_digits(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!ascii_digit(s[i]))
			return false;
	return true;
}

size_t secret_of_user(const char *text, size_t len, char separator)
{
	const char *sign = memchr(text, separator, len);
	size_t password = sign ? (size_t)(sign + 1 - text) : len;

	if (password == len || text[password] == '$')
		return len;
	if (separator != ':')
		return password;
	if (len - password >= 2 && text[password] == '/' && text[password + 1] == '/')
		return len;
	if (secret_all_digits(text, password - 1) &&
	    secret_all_digits(text + password, len - password))
		return len;
	return password > SECRET_TOKEN_MIN ? 0 : password;
}

bool secret_is_reference(const char *s, size_t len)
{
	static const char *const words[] = { "$",	 "process.env", "os.environ", "os.getenv",
					     "require(", "await ",	"env.",	      "secrets.",
					     "System.",	 REDACTED,	"***",	      "true",
					     "false",	 "null",	"none",	      "undefined" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i]);

		if (len < n || strncasecmp(s, words[i], n) != 0)
			continue;
		/* "none" must not match "nonetheless" */
		if (!ascii_alnum(words[i][n - 1]) || len == n || !ascii_alnum(s[n]))
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
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t n = strlen(ends[i]);

		if (len > n && memcmp(s + len - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

bool secret_is_random(const char *s, size_t len)
{
	size_t digits = 0, letters = 0;

	if (len < 16)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (ascii_digit(s[i]))
			digits++;
		else if (ascii_letter(s[i]))
			letters++;
		else if (!strchr("+/=_-.%", s[i]) || !s[i])
			return false;
	}
	return (digits && letters) || digits >= 16 || len >= 40;
}

/* "$TOKEN" and "${TOKEN}", and nothing else. */
static bool is_variable(const char *s, size_t len)
{
	bool braced = len > 3 && s[1] == '{' && s[len - 1] == '}';
	size_t end = len - braced;

	if (len < 2 || s[0] != '$')
		return false;
	for (size_t i = 1 + braced; i < end; i++)
		if (!ascii_digit(s[i]) && !(s[i] >= 'A' && s[i] <= 'Z') && s[i] != '_')
			return false;
	return true;
}

static bool of_name(enum secret_name name, const char *s, size_t len)
{
	switch (name) {
	case SECRET_NAME_NONE:
		return false;
	case SECRET_NAME_MAYBE:
		return secret_is_random(s, len) && !looks_like_path(s, len);
	case SECRET_NAME_KEY:
		return !looks_like_path(s, len);
	case SECRET_NAME_SURE:
	case SECRET_NAME_HEADER:
		return true;
	}
	return true;
}

bool secret_value(enum secret_name name, const char *s, size_t len)
{
	return len && !secret_is_reference(s, len) && of_name(name, s, len);
}

bool secret_literal(enum secret_name name, const char *s, size_t len)
{
	if (!len || (secret_is_reference(s, len) && (s[0] != '$' || is_variable(s, len))))
		return false;
	return of_name(name, s, len);
}
