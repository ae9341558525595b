/* SPDX-License-Identifier: GPL-2.0-only */
/* secret_name.h - whether the name of an option, a variable, a header or a JSON member says that
 * its value is secret. */
#ifndef WORMSIGN_SECRET_NAME_H
#define WORMSIGN_SECRET_NAME_H

#include <stddef.h>

enum secret_name {
	SECRET_NAME_NONE = 0,
	SECRET_NAME_MAYBE,  /* "key", "session": secret when it looks like it */
	SECRET_NAME_KEY,    /* "api-key", "private_key": secret unless it is a file's name */
	SECRET_NAME_SURE,   /* "token", "password" */
	SECRET_NAME_HEADER, /* "Authorization", "Cookie": the rest of the line */
};

#define SECRET_NAME_LONGEST 128 /* no more than so many of a name's last bytes are looked at */

enum secret_name secret_name(const char *name, size_t len);

#endif
