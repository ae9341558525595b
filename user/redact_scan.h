/* SPDX-License-Identifier: GPL-2.0-only */
/* redact_scan.h - what redact_text.c finds in text, for redact.c. */
#ifndef WORMSIGN_REDACT_SCAN_H
#define WORMSIGN_REDACT_SCAN_H

#include "redact.h"
#include "secret_shape.h"

static inline bool all_digits(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

/* As redact_text(). whole: the value of NAME=VALUE goes to the end of the text, blanks and all. */
void redact_scan(struct buf *out, const char *text, size_t len, bool cut, bool whole);
/* Whether this, as the value of a name of that kind, is a secret: not if it is a reference or a
 * file's name. */
bool redact_is_secret(enum secret_name name, const char *value, size_t len);

/*
 * USER:PASSWORD: where the secret begins. After the colon; at 0 when the user's name is so long
 * that it is a token itself; at len when there is none (no colon, a reference, UID:GID, a URL).
 */
size_t redact_user_secret(const char *text, size_t len);

#endif
