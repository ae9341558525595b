/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session_secrets.h - which values of the session's environment and of the user's configuration are
 * secrets, so that no output repeats them (known_secrets.h).
 *
 * Of the environment: what redaction would remove from "NAME=VALUE": the values of variables whose
 * name says "secret", passwords in URLs, tokens of a known shape. Of the configuration (npmrc,
 * netrc, git-credentials and the like): the same, line by line.
 */
#ifndef WORMSIGN_SESSION_SECRETS_H
#define WORMSIGN_SESSION_SECRETS_H

#include <sys/types.h>

#include "base/error.h"

struct session_secrets_sources {
	char *const *environment; /* NULL-ended list of NAME=VALUE */
	const char *home, *cwd;	  /* NULL: none */
	uid_t user;		  /* whose files are read; root's, too */
};

/* -errno with e when they cannot be held. Call known_secrets_close() at the end. */
int session_secrets_collect(const struct session_secrets_sources *s, struct error *e);

/* Add those of another environment of the session. */
void session_secrets_of_environment(char *const *environment);
/* Add the secrets in the text of a configuration file, and those of a netrc. */
void session_secrets_of_text(const char *text, size_t len);
void session_secrets_of_netrc(const char *text, size_t len);

#endif
