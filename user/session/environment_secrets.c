// SPDX-License-Identifier: GPL-2.0-only
/* environment_secrets.c - see environment_secrets.h. */
#include "session/environment_secrets.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sanitize/text_secrets.h"

static bool has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* A download through a proxy needs the proxy's password, and the proxy sees who uses it. */
static bool is_proxy(const char *name, size_t len)
{
	return len >= 5 && strncasecmp(name + len - 5, "proxy", 5) == 0;
}

static bool is_kept(const char *name, size_t len, const char *const *keep)
{
	for (; keep && *keep; keep++)
		if (strlen(*keep) == len && memcmp(*keep, name, len) == 0)
			return true;
	return false;
}

/* A variable such as GOOGLE_APPLICATION_CREDENTIALS names a file; the rules protect the file. */
static bool is_file(const char *value)
{
	return value[0] == '/' && strlen(value) < PATH_MAX && access(value, F_OK) == 0;
}

/* Values that are never secrets, but that variables with such a word in the middle of their name
 * often have: a path, a plain number, a word such as "true". */
static bool is_plain(const char *value)
{
	size_t digits = strspn(value, "0123456789"), letters = 0;

	for (const char *c = value; isalpha((unsigned char)*c); c++)
		letters++;
	return strchr("/.~", value[0]) || !value[digits] || (!value[letters] && letters < 12);
}

/*
 * TOKEN_PROD, NPM_TOKEN2, SECRET_FOR_X: a word that means a secret, anywhere in the name. Where it
 * is the last word text_secrets() knows it, too, and it knows more words, which in the middle mean
 * something else (SSH_AUTH_SOCK).
 */
static bool has_word(const char *name, size_t len)
{
	static const char *const words[] = {
		"token",  "tokens", "secret",	  "secrets",   "password",   "passwords",
		"passwd", "apikey", "passphrase", "authtoken", "credential", "credentials"
	};

	for (size_t at = 0; at < len;) {
		size_t n = 0, letters = 0;

		while (at + n < len && isalnum((unsigned char)name[at + n]))
			n++;
		while (letters < n && isalpha((unsigned char)name[at + letters]))
			letters++;
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (strlen(words[i]) == letters &&
			    strncasecmp(name + at, words[i], letters) == 0)
				return true;
		at += n + 1;
	}
	return false;
}

/* Connection strings. They usually hold a credential, in a form that only the service's client can
 * parse. */
static bool connects(const char *name, size_t len)
{
	static const char *const ends[] = { "DATABASE_URL", "CONNECTION_STRING", "CONNECTIONSTRING",
					    "_DSN",	    "WEBHOOK_URL",	 "WEBHOOK" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t n = strlen(ends[i]);

		if (len >= n && strncasecmp(name + len - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

static bool holds_secret(const char *variable, size_t value)
{
	struct text_view v = { .bytes = variable, .len = strlen(variable) };
	CLEANUP(spans_free) struct spans found = { 0 };
	bool any;

	text_secrets(&found, &v, false, true);
	any = found.failed; /* out of memory: treated as a secret */
	for (size_t i = 0; i < found.count && !any; i++)
		any = found.at[i].to > value;
	return any;
}

bool environment_secret(const char *variable, const char *const *keep, size_t *ret_value)
{
	const char *sign = strchr(variable, '=');
	size_t name;

	if (!sign || sign == variable || !sign[1])
		return false;
	name = sign - variable;
	if (has_prefix(variable, "npm_package_") || has_prefix(variable, "npm_lifecycle_") ||
	    is_proxy(variable, name) || is_kept(variable, name, keep) || is_file(sign + 1))
		return false;
	if (!(has_word(variable, name) && !is_plain(sign + 1)) && !connects(variable, name) &&
	    !holds_secret(variable, name + 1))
		return false;
	*ret_value = name + 1;
	return true;
}
