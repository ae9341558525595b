// SPDX-License-Identifier: GPL-2.0-only
/*
 * manager_config.c - see manager_config.h. Line by line, without a parser for each format: a name
 * that means a credential, followed by a value that is not a reference.
 *
 *   //host/:_authToken=x   "//host/:_authToken" "x"   npmAuthToken: "x"   { token = "x", url = ".."
 * }
 */
#define _GNU_SOURCE /* memmem, strcasestr */
#include "session/manager_config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "sanitize/spans.h"
#include "sanitize/text_secrets.h"
#include "sanitize/text_view.h"

/* ${NAME} and ${NAME?} are replaced from the environment. What stands behind the minus of
 * ${NAME-default} is a value like any other, and stays. */
static void drop_references(struct buf *out, const char *line, size_t len)
{
	const char *end = line + len;

	while (line < end) {
		const char *c = line;

		if (c + 2 < end && c[0] == '$' && c[1] == '{') {
			for (c += 2; c < end && (ascii_alnum(*c) || *c == '_'); c++)
				;
			if (c < end && *c == '?')
				c++;
			if (c < end && *c == '}') {
				line = c + 1;
				continue;
			}
		}
		buf_addc(out, *line++);
	}
}

/* Names end with these words. */
static const char *const words[] = { "_auth",	  "authtoken", "authident",  "token",
				     "_password", "password",  "passphrase", "secret" };

static bool is_word(const char *value, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(value, word, len) == 0;
}

/* $NAME, as bun has it. */
static bool is_reference(const char *value, size_t len)
{
	if (len < 2 || value[0] != '$')
		return false;
	for (size_t i = 1; i < len; i++)
		if (!ascii_alnum(value[i]) && value[i] != '_')
			return false;
	return true;
}

/* Whether what follows a name is a value: `= x`, `: x`, ` x`, each in quotes or not. */
static bool has_value(const char *at)
{
	bool list = false; /* name: */
	const char *end;
	size_t len;

	if (*at == '"' || *at == '\'')
		at++;
	if (*at != '=' && *at != ':' && *at != ' ' && *at != '\t')
		return false;
	at += strspn(at, " \t");
	if (*at == '=' || *at == ':') {
		list = *at == ':';
		at++;
		at += strspn(at, " \t");
	}
	if (!*at) /* YAML: it may stand in the next line */
		return list;
	if (*at == '"' || *at == '\'') {
		end = strchr(at + 1, *at) ?: at + strlen(at);
		at++;
	} else {
		end = at + strcspn(at, " \t,}");
	}
	len = end - at;
	return len && !is_word(at, len, "true") && !is_word(at, len, "false") &&
	       !is_word(at, len, "null") && !is_word(at, len, "~") && !is_reference(at, len);
}

static bool names_secret(const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		for (const char *at = line; (at = strcasestr(at, words[i]));) {
			at += strlen(words[i]);
			if (has_value(at))
				return true;
		}
	return false;
}

static bool has_shape(const char *line, size_t len)
{
	struct text_view v = { .bytes = line, .len = len };
	CLEANUP(spans_free) struct spans found = { 0 };

	text_secrets(&found, &v, false, true);
	return found.count > 0 || found.failed;
}

static bool is_about_proxy(const char *line)
{
	const char *end = line + strcspn(line, "=:");
	size_t len;

	while (end > line && strchr(" \t\"'", end[-1]))
		end--;
	len = end - line;
	return len >= 5 && strncasecmp(end - 5, "proxy", 5) == 0;
}

static bool line_has_secret(const char *line, size_t len)
{
	_buf_ struct buf text = BUF_INIT;
	const char *at;

	if (memchr(line, 0, len)) /* no configuration */
		return true;
	drop_references(&text, line, len);
	if (text.failed)
		return true;
	if (!text.len)
		return false;
	at = text.at + strspn(text.at, " \t");
	if (is_about_proxy(at))
		return false;
	/* a comment may speak of tokens, or be a setting that somebody has disabled */
	return (*at != '#' && *at != ';' && names_secret(at)) || has_shape(at, strlen(at));
}

bool manager_config_has_secret(const char *text, size_t len)
{
	const char *end = text + len;

	if (memmem(text, len, "PRIVATE KEY", strlen("PRIVATE KEY")))
		return true;
	for (const char *line = text; line < end;) {
		const char *stop = line;

		while (stop < end && *stop != '\n' && *stop != '\r')
			stop++;
		if (line_has_secret(line, stop - line))
			return true;
		line = stop + 1;
	}
	return false;
}
