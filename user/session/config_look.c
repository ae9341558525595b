// SPDX-License-Identifier: GPL-2.0-only
/* config_look.c - search the text for what redaction would remove, and for PEM blocks. */
#define _GNU_SOURCE /* memmem */
#include "session/config_look.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "sanitize/spans.h"
#include "sanitize/text_secrets.h"
#include "sanitize/text_view.h"
#include "session/manager_config.h"

static bool has(const char *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what)) != NULL;
}

/* https://USER:PASSWORD@host, or a token as the user. Who logs in by SSH has no secret there. */
#define TOKEN_LEAST 20
static bool has_url_user(const char *line, size_t len)
{
	const char *end = line + len, *at = memmem(line, len, "://", 3), *sign;
	size_t scheme = 0;

	if (!at)
		return false;
	while (at - scheme > line && ascii_letter(at[-1 - (ssize_t)scheme]))
		scheme++;
	if (strncasecmp(at - scheme, "http", 4) != 0)
		return false;
	at += 3;
	sign = memchr(at, '@', end - at);
	return sign && !memchr(at, '/', sign - at) &&
	       (memchr(at, ':', sign - at) || sign - at >= TOKEN_LEAST);
}

static bool line_has_secret(const char *line, size_t len)
{
	struct text_view v = { .bytes = line, .len = len };
	CLEANUP(spans_free) struct spans found = { 0 };

	text_secrets(&found, &v, false, true);
	return found.count > 0;
}

static bool git_has_secret(const char *text, size_t len)
{
	const char *end = text + len;

	for (const char *line = text; line < end;) {
		const char *stop = memchr(line, '\n', end - line) ?: end;
		size_t n = stop - line;
		_free_ char *lower = strndup(line, n);

		for (char *c = lower; c && *c; c++)
			*c |= *c >= 'A' && *c <= 'Z' ? 0x20 : 0;
		/* a header that is set here is there to log in */
		if (!lower || strstr(lower, "extraheader") || strstr(lower, "authorization") ||
		    has_url_user(line, n) || line_has_secret(line, n))
			return true;
		line = stop + 1;
	}
	return false;
}

static bool netrc_has_secret(const char *text, size_t len)
{
	return has(text, len, "password") || has(text, len, "passwd") || has(text, len, "account");
}

unsigned config_look_text(enum config_kind kind, const char *text, size_t len)
{
	bool secret = false;

	if (kind == CONFIG_CERTIFICATES)
		return CONFIG_READ |
		       (has(text, len, "-----BEGIN ") && has(text, len, "CERTIFICATE-----") &&
					!has(text, len, "PRIVATE KEY")
				? CONFIG_CERTIFICATE
				: 0);
	secret = kind == CONFIG_GIT	  ? git_has_secret(text, len)
		 : kind == CONFIG_MANAGER ? manager_config_has_secret(text, len)
					  : netrc_has_secret(text, len);
	return CONFIG_READ | (secret ? CONFIG_CREDENTIAL : 0);
}

unsigned config_look_opened(enum config_kind kind, int fd, uint64_t *ret_size)
{
	struct stat st, now;
	_free_ char *text = NULL;
	ssize_t n;
	size_t len = 0;
	unsigned found;

	*ret_size = 0;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > CONFIG_LOOK_MAX)
		return CONFIG_CREDENTIAL;
	text = malloc(st.st_size + 1);
	if (!text)
		return CONFIG_CREDENTIAL;
	while (len < (size_t)st.st_size &&
	       (n = pread(fd, text + len, (size_t)st.st_size - len, (off_t)len)) > 0)
		len += n;
	/* written to meanwhile: not known */
	if (len != (size_t)st.st_size || fstat(fd, &now) < 0 || now.st_size != st.st_size) {
		explicit_bzero(text, len);
		return CONFIG_CREDENTIAL;
	}
	*ret_size = len;
	found = config_look_text(kind, text, len);
	explicit_bzero(text, len);
	return found;
}

unsigned config_look(enum config_kind kind, int fd, uint64_t *ret_size)
{
	char link[64];
	struct stat st;
	_close_ int in = -1;

	*ret_size = 0;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return CONFIG_CREDENTIAL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	in = open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return in < 0 ? CONFIG_CREDENTIAL : config_look_opened(kind, in, ret_size);
}
