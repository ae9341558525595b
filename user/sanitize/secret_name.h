/* SPDX-License-Identifier: GPL-2.0-only */
/* secret_name.h - whether the name of an option, a variable, a header or a JSON member says that
 * its value is secret. */
#ifndef WORMSIGN_SECRET_NAME_H
#define WORMSIGN_SECRET_NAME_H

#include <stddef.h>

enum secret_name {
	SECRET_NAME_NONE = 0,
	SECRET_NAME_MAYBE,  /* "key", "session": a secret if the value looks random */
	SECRET_NAME_KEY,    /* "api-key", "private_key": a secret unless the value is a path */
	SECRET_NAME_SURE,   /* "token", "password": any value is a secret */
	SECRET_NAME_HEADER, /* "Authorization", "Cookie": the rest of the line is a secret */
};

/* Only this many of a name's last bytes are looked at. */
#define SECRET_NAME_MAX 128

enum secret_name secret_name(const char *name, size_t len);

#endif
