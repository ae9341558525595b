/* SPDX-License-Identifier: GPL-2.0-only */
/* listen.h - the agent's socket. */
#ifndef WORMSIGN_LISTEN_H
#define WORMSIGN_LISTEN_H

#include "base/error.h"

/*
 * Listen at path, whose directory is made if need be. group: whose members may connect; NULL: every
 * user may. A socket that nobody listens at is replaced; -EADDRINUSE: another agent does. *ret is
 * the caller's. 0, or -errno with e.
 */
int listen_at(int *ret, const char *path, const char *group, struct error *e);

#endif
