// SPDX-License-Identifier: GPL-2.0-only
/* session_secrets.c - which values of the environment and of configuration files are secrets. */
#include "session/session_secrets.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "sanitize/known_secrets.h"
#include "sanitize/secret_value.h"
#include "sanitize/text_secrets.h"
#include "session/small_file.h"

/* "~" stands for the home, "." for the directory that the command starts in, "$NAME" for a
 * variable. What these files hold is in NAME=VALUE, "name": "value" or name: value. */
static const char *const files[] = {
	"~/.npmrc",
	"./.npmrc",
	"$NPM_CONFIG_USERCONFIG",
	"$npm_config_userconfig",
	"~/.yarnrc",
	"~/.yarnrc.yml",
	"./.yarnrc.yml",
	"~/.git-credentials",
	"~/.config/git/credentials",
	"./.git/config",
	"~/.docker/config.json",
	"~/.aws/credentials",
	"~/.config/gh/hosts.yml",
	"~/.pypirc",
	"~/.cargo/credentials.toml",
};
static const char *const netrcs[] = { "~/.netrc", "$NETRC" };

/* ---- values ---- */

/* The password of USER:PASSWORD is a secret of its own. */
static void add_user(const char *value, size_t len)
{
	size_t password = secret_of_user(value, len, ':');

	known_secrets_add(value, len);
	if (password && password < len)
		known_secrets_add(value + password, len - password);
}

/* The text that a value is the base64 of, as in npm's _auth and docker's config.json; 0: it is
 * none.
 */
static size_t decode_base64(const char *value, size_t len, char *ret, size_t room)
{
	unsigned bits = 0, count = 0;
	size_t n = 0;

	while (len && value[len - 1] == '=')
		len--;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = value[i];
		unsigned six = ascii_digit(c)	      ? c - '0' + 52u
			       : c >= 'A' && c <= 'Z' ? c - 'A' + 0u
			       : c >= 'a' && c <= 'z' ? c - 'a' + 26u
			       : c == '+' || c == '-' ? 62u
			       : c == '/' || c == '_' ? 63u
						      : 64u;

		if (six == 64)
			return 0;
		bits = bits << 6 | six;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		c = bits >> count;
		if (n == room || c < ' ' || c > '~')
			return 0;
		ret[n++] = c;
	}
	return n;
}

static void add_value(const char *value, size_t len)
{
	char plain[1024];
	size_t n = decode_base64(value, len, plain, sizeof(plain));

	add_user(value, len);
	if (n)
		add_user(plain, n);
	explicit_bzero(plain, sizeof(plain));
}

static void add_found(const char *text, size_t len, bool whole)
{
	struct text_view v = { .bytes = text, .len = len };
	CLEANUP(spans_free) struct spans found = { 0 };

	text_secrets(&found, &v, false, whole);
	spans_sort(&found);
	for (size_t i = 0; i < found.count; i++)
		add_value(text + found.at[i].from, found.at[i].to - found.at[i].from);
}

/* Whether the variable names a file that is there, as GOOGLE_APPLICATION_CREDENTIALS does: that is
 * no secret, and people must be able to read which file it is. */
static bool is_file(const char *value)
{
	return (value[0] == '/' || value[0] == '.') && strlen(value) < PATH_MAX &&
	       access(value, F_OK) == 0;
}

static void add_variable(const char *variable)
{
	const char *sign = strchr(variable, '=');

	if (sign && !is_file(sign + 1))
		add_found(variable, strlen(variable), true);
}

/* ---- configuration ---- */

void session_secrets_of_text(const char *text, size_t len)
{
	const char *end = text + len;

	for (const char *line = text; line < end;) {
		const char *stop = memchr(line, '\n', end - line);

		if (!stop)
			stop = end;
		/* A setting's value reaches to the end of the line. */
		add_found(line, stop - line, true);
		line = stop + 1;
	}
}

static size_t word_at(const char *text, size_t len, size_t *at)
{
	size_t from;

	while (*at < len && strchr(" \t\r\n", text[*at]))
		(*at)++;
	from = *at;
	while (*at < len && text[*at] && !strchr(" \t\r\n", text[*at]))
		(*at)++;
	return *at - from;
}

void session_secrets_of_netrc(const char *text, size_t len)
{
	static const char *const keys[] = { "machine", "login", "account", "password" };
	const char *key = NULL; /* the one whose value the next word is */
	size_t at = 0, n;

	while ((n = word_at(text, len, &at))) {
		const char *word = text + at - n, *before = key;

		key = NULL;
		if (before && strcmp(before, "password") == 0)
			known_secrets_add(word, n);
		for (size_t i = 0; !before && i < ARRAY_SIZE(keys); i++)
			if (strlen(keys[i]) == n && memcmp(word, keys[i], n) == 0)
				key = keys[i];
	}
}

/* The path that `name` stands for; false: it stands for none. */
static bool path_of(char *ret, size_t room, const char *name,
		    const struct session_secrets_sources *s)
{
	const char *dir = name[0] == '~' ? s->home : s->cwd;
	size_t n = strlen(name + 1);

	if (name[0] != '$')
		return dir && snprintf(ret, room, "%s%s", dir, name + 1) < (int)room;
	for (char *const *v = s->environment; *v; v++)
		if (strncmp(*v, name + 1, n) == 0 && (*v)[n] == '=')
			return snprintf(ret, room, "%s", *v + n + 1) < (int)room;
	return false;
}

static void add_files(const struct session_secrets_sources *s, const char *const *names,
		      size_t count, void (*add)(const char *text, size_t len))
{
	for (size_t i = 0; i < count; i++) {
		char path[PATH_MAX];
		size_t len = 0;
		char *text = NULL;

		if (path_of(path, sizeof(path), names[i], s))
			text = small_file_read(path, s->user, &len);
		if (!text)
			continue;
		add(text, len);
		explicit_bzero(text, len);
		free(text);
	}
}

void session_secrets_of_environment(char *const *environment)
{
	for (char *const *v = environment; *v; v++)
		add_variable(*v);
}

int session_secrets_collect(const struct session_secrets_sources *s, struct error *e)
{
	int err = known_secrets_open(e);

	if (err < 0)
		return err;
	session_secrets_of_environment(s->environment);
	add_files(s, files, ARRAY_SIZE(files), session_secrets_of_text);
	add_files(s, netrcs, ARRAY_SIZE(netrcs), session_secrets_of_netrc);
	return 0;
}
