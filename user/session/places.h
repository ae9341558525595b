/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * places.h - find the places of one session: directories that rules speak of and that are known
 * only at run time (home, project, caches, tools, temporary directories). Here they are names, from
 * the user database, the environment and npm's configuration; places_enter.h makes identities of
 * them.
 */
#ifndef WORMSIGN_PLACES_H
#define WORMSIGN_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "policy.h"

/* What names places, besides the environment and npm's configuration. Borrowed. */
struct places_sources {
	const char *passwd_home;  /* of the user the command runs as; NULL: none */
	const char *const *homes; /* of all users; NULL-ended; NULL: none */
	const char *cwd;	  /* NULL: it was removed */
	/* more directories of these kinds, from the command line; NULL-ended; NULL: none */
	const char *const *tmp, *const *cache;
};

/* A directory that is a place if it exists. It can be several, by the same or another name. */
struct place {
	enum ws_place place;
	bool named; /* a cache that the user named: see cache_dirs_make() */
	char *path;
};

struct places {
	struct place *at;
	size_t count, room;
	bool home_tree; /* a home is the work tree that the project lies in */
};

/* Free with places_free(). -ENOMEM with e. */
int places_find(struct places *ret, const struct places_sources *f, struct error *e);
void places_free(struct places *p);

/*
 * The places that another home has, which an exec in the session brings: itself, and the caches and
 * tools in it. None if it lies in a directory of the system, among temporary files, right below the
 * root, or if it is one of the session's homes or above one. -ENOMEM.
 */
int places_of_home(struct places *ret, const struct places *session, const char *home);

/*
 * The places of a project that a manager is told of (npm -C DIR): the directory, if it has a
 * package.json, the root of its workspace, and its repository. None above a home of the session, or
 * in a directory of the system. -ENOMEM.
 */
int places_of_project(struct places *ret, const struct places *session, const char *dir);

#endif
