/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session.h - the places of one session: the directories that mean something to rules and are known
 * only now. First as names, from the user database, the environment and npm's configuration; then
 * by identity.
 */
#ifndef WORMSIGN_SESSION_H
#define WORMSIGN_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "policy.h"

struct session_facts {
	const char *passwd_home;	       /* of the user the command runs as; NULL: none */
	const char *cwd;		       /* NULL: it was removed */
	const char *const *tmp, *const *cache; /* more of these, NULL-ended; NULL: none */
};

/* A directory that is to be a place, if it exists. Of two that are the same directory, the first
 * counts. */
struct session_place {
	enum ws_place place;
	bool named; /* a cache that the user named: see caches_make() */
	char *path;
};

struct session_places {
	struct session_place *at;
	size_t count, room;
};

/* Free with session_places_free(). -ENOMEM with e. */
int session_places(struct session_places *ret, const struct session_facts *f, struct error *e);
void session_places_free(struct session_places *p);

/* Identity of an open directory, as loader_identify() gives it. */
typedef int (*session_identify)(void *arg, int fd, struct ws_id *ret);

/*
 * Enter in s those that exist; *ret_left_out says how many found no room. "/" is never a place.
 * Returns 0, or what identify returned, with e.
 */
int session_enter_places(struct ws_session *s, const struct session_places *p,
			 session_identify identify, void *arg, size_t *ret_left_out,
			 struct error *e);

/* The setting `cache` in the text of an npmrc, with ${NAME} replaced; NULL when there is none.
 * Freed by the caller. */
char *session_npmrc_cache(const char *text);

#endif
