/* SPDX-License-Identifier: GPL-2.0-only */
/* cache_dirs.h - make the caches that the user named and that do not exist yet. */
#ifndef WORMSIGN_CACHE_DIRS_H
#define WORMSIGN_CACHE_DIRS_H

#include "session/places.h"
#include "session/run_as.h"

/*
 * Places are known by identity, which only an existing directory has. A cache that npm would make
 * later (XDG_CACHE_HOME or npm_config_cache on a fresh runner) would therefore be a part of the
 * home, where scripts may change nothing. So those that the user named and that lie below a home
 * are made here, with the rights of w, which npm will have, too. Failures are ignored: npm will
 * report them.
 */
void cache_dirs_make(const struct places *p, const struct run_as *w);

#endif
