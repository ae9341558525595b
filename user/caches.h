/* SPDX-License-Identifier: GPL-2.0-only */
/* caches.h - make the caches that the user named and that are not there yet. */
#ifndef WORMSIGN_CACHES_H
#define WORMSIGN_CACHES_H

#include "session.h"
#include "who.h"

/*
 * A place is known by identity, so a cache that npm would only make later (XDG_CACHE_HOME or npm_config_cache on a
 * fresh runner) would count as any file of the home, which scripts may not change. What the user named, and what lies
 * below a home, is made here, as w: with the rights that npm will have, and in no place where it could not.
 * What cannot be made is left to npm to complain about.
 */
void caches_make(const struct session_places *p, const struct who *w);

#endif
