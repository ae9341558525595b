// SPDX-License-Identifier: GPL-2.0-only
/*
 * secret_name.c - whether a name says that its value is secret.
 *
 * The last part of the name decides: "npm_config__authToken" ends in "token", "--token-file" does
 * not.
 */
#include "sanitize/secret_name.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

/* Names whose last part is this. */
static const struct {
	const char *part;
	enum secret_name kind;
} parts[] = {
	{ "pass", SECRET_NAME_SURE },
	{ "userpass", SECRET_NAME_SURE },
	{ "dbpass", SECRET_NAME_SURE },
	{ "pwd", SECRET_NAME_SURE },
	{ "pw", SECRET_NAME_SURE },
	{ "psk", SECRET_NAME_SURE },
	{ "auth", SECRET_NAME_SURE },
	{ "jwt", SECRET_NAME_SURE },
	{ "bearer", SECRET_NAME_SURE },
	{ "otp", SECRET_NAME_SURE },
	{ "pat", SECRET_NAME_SURE },
	{ "sig", SECRET_NAME_SURE },
	{ "signature", SECRET_NAME_SURE },
	{ "sas", SECRET_NAME_SURE },
	{ "authorization", SECRET_NAME_HEADER },
	{ "cookie", SECRET_NAME_HEADER },
	{ "key", SECRET_NAME_MAYBE },
	{ "session", SECRET_NAME_MAYBE },
	{ "sid", SECRET_NAME_MAYBE },
	{ "credential", SECRET_NAME_MAYBE },
	{ "credentials", SECRET_NAME_MAYBE },
	{ "creds", SECRET_NAME_MAYBE },
	{ "tokens", SECRET_NAME_MAYBE },
	{ "secrets", SECRET_NAME_MAYBE },
	{ "seed", SECRET_NAME_MAYBE },
	{ "mnemonic", SECRET_NAME_SURE },
};

/* Names whose last part ends with this: PGPASSWORD, accesstoken. */
static const struct {
	const char *end;
	enum secret_name kind;
} ends[] = {
	{ "token", SECRET_NAME_SURE },	  { "password", SECRET_NAME_SURE },
	{ "passwd", SECRET_NAME_SURE },	  { "passphrase", SECRET_NAME_SURE },
	{ "passcode", SECRET_NAME_SURE }, { "secret", SECRET_NAME_SURE },
	{ "apikey", SECRET_NAME_KEY },	  { "accesskey", SECRET_NAME_KEY },
	{ "secretkey", SECRET_NAME_KEY }, { "privatekey", SECRET_NAME_KEY },
	{ "authkey", SECRET_NAME_KEY },	  { "accountkey", SECRET_NAME_KEY },
};

/* Parts that make a "key" after them a secret: aws_access_key is one, cache_key is not. */
static const char *const key_kinds[] = { "api",	    "access",	  "secret",  "private",
					 "auth",    "encryption", "signing", "shared",
					 "account", "master",	  "deploy",  "service" };

struct part {
	char text[32];
	size_t len;
};

/* The last part of name[0..*end): it begins after a separator or at a change from lower to upper
 * case. Moves *end to its start. Returns false if there is none. */
static bool last_part(const char *name, size_t *end, struct part *ret)
{
	size_t stop = *end, start;

	while (stop && !isalnum((unsigned char)name[stop - 1]))
		stop--;
	for (start = stop; start && isalnum((unsigned char)name[start - 1]); start--)
		if (start < stop && isupper((unsigned char)name[start]) &&
		    islower((unsigned char)name[start - 1]))
			break;
	*end = start;
	ret->len = stop - start;
	if (!ret->len)
		return false;
	if (ret->len >= sizeof(ret->text)) { /* only its end is compared */
		start = stop - (sizeof(ret->text) - 1);
		ret->len = sizeof(ret->text) - 1;
	}
	for (size_t i = 0; i < ret->len; i++)
		ret->text[i] = (char)tolower((unsigned char)name[start + i]);
	ret->text[ret->len] = '\0';
	return true;
}

static bool has_end(const struct part *p, const char *end)
{
	size_t n = strlen(end);

	return p->len >= n && memcmp(p->text + p->len - n, end, n) == 0;
}

static enum secret_name kind_of_key(const char *name, size_t end)
{
	struct part before;

	while (last_part(name, &end, &before))
		for (size_t i = 0; i < ARRAY_SIZE(key_kinds); i++)
			if (strcmp(before.text, key_kinds[i]) == 0)
				return SECRET_NAME_KEY;
	return SECRET_NAME_MAYBE;
}

enum secret_name secret_name(const char *name, size_t len)
{
	struct part last;
	size_t end;

	if (len > SECRET_NAME_MAX) {
		name += len - SECRET_NAME_MAX;
		len = SECRET_NAME_MAX;
	}
	end = len;
	if (!last_part(name, &end, &last))
		return SECRET_NAME_NONE;
	/* --no-password has no value; PWD and OLDPWD are directories. */
	if (len > 3 && strncmp(name, "no-", 3) == 0)
		return SECRET_NAME_NONE;
	if ((len == 3 && memcmp(name, "PWD", 3) == 0) ||
	    (len == 6 && memcmp(name, "OLDPWD", 6) == 0))
		return SECRET_NAME_NONE;
	/* descriptors, or a named pipe: in MAKEFLAGS, CARGO_MAKEFLAGS */
	if (len >= strlen("jobserver-auth") &&
	    memcmp(name + len - strlen("jobserver-auth"), "jobserver-auth",
		   strlen("jobserver-auth")) == 0)
		return SECRET_NAME_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strcmp(last.text, parts[i].part) == 0)
			return strcmp(last.text, "key") ? parts[i].kind : kind_of_key(name, end);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (has_end(&last, ends[i].end))
			return ends[i].kind;
	return SECRET_NAME_NONE;
}
