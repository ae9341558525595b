/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_secrets.h - find secrets in text of any kind, by their shape and by where they stand:
 * tokens, private key blocks, passwords in URLs, the value after a name that says "secret"
 * (--token X, PASSWORD=X, "apiKey": "X", _authToken=X), and credentials in Authorization and Cookie
 * headers. References such as $NPM_TOKEN and process.env.X are no secrets.
 */
#ifndef WORMSIGN_TEXT_SECRETS_H
#define WORMSIGN_TEXT_SECRETS_H

#include <stdbool.h>

#include "sanitize/text_view.h"

/*
 * Add the secrets of v to *ret. cut: the text was truncated, maybe in the middle of a secret.
 * whole: in NAME=VALUE the value reaches to the end of the text.
 */
void text_secrets(struct spans *ret, const struct text_view *v, bool cut, bool whole);

#endif
