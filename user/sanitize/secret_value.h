/* SPDX-License-Identifier: GPL-2.0-only */
/* secret_value.h - whether a value that stands where a secret may stand is one. */
#ifndef WORMSIGN_SECRET_VALUE_H
#define WORMSIGN_SECRET_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "sanitize/secret_name.h"

/* A user name that is longer than this is taken for a token. */
#define SECRET_TOKEN_MIN 20

/* Whether the value is a secret, by what its name says (enum secret_name). A reference or a path
 * may not be one. */
bool secret_value(enum secret_name name, const char *value, size_t len);

/*
 * Where the secret of USER:PASSWORD begins: after the separator, or at 0 if the user name is so
 * long that it must be a token. Returns len if there is no secret (no separator, a reference,
 * UID:GID, a URL).
 */
size_t secret_of_user(const char *text, size_t len, char separator);

/* The same of a value in which nothing is expanded, as in an environment: "$ecret" is one, too. */
bool secret_literal(enum secret_name name, const char *value, size_t len);

/* Whether the value is looked up elsewhere ($TOKEN, process.env.TOKEN), is none ("null"), or is
 * redacted already. */
bool secret_is_reference(const char *value, size_t len);

/* Whether it is as long as a key, made of the characters of keys, and not a word. */
bool secret_is_random(const char *value, size_t len);

bool secret_all_digits(const char *value, size_t len);

#endif
