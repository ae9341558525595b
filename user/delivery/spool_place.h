/* SPDX-License-Identifier: GPL-2.0-only */
/* spool_place.h - find or make the directory of a spool, with the rights of the user who starts
 * wormsign-deliver. */
#ifndef WORMSIGN_SPOOL_PLACE_H
#define WORMSIGN_SPOOL_PLACE_H

#include "base/error.h"
#include "delivery/sandbox.h"

/* The directory for writing; made, owned by u, if it is missing. -EPERM with e: it is somebody
 * else's, or others may write it. Returns the descriptor. */
int spool_place_make(const char *path, const struct sandbox_user *u, struct error *e);
/* A directory that is there, and in *ret_owner whom to become for reading and writing it: its
 * owner. Returns the descriptor. */
int spool_place_open(const char *path, struct sandbox_user *ret_owner, struct error *e);

#endif
