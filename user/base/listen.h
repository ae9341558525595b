/* SPDX-License-Identifier: GPL-2.0-only */
/* listen.h - the socket of a service. */
#ifndef WORMSIGN_LISTEN_H
#define WORMSIGN_LISTEN_H

#include "base/error.h"

/*
 * Listen for connections of this type (SOCK_SEQPACKET, SOCK_STREAM) at path, whose directory is
 * made if need be. mode: 0666: every user may connect, 0600:
 * root alone. group: beside root only its members may, whatever the mode; or NULL. A socket that
 * nobody listens at is replaced; -EADDRINUSE: somebody does. *ret is the caller's. 0, or -errno
 * with e.
 */
int listen_at(int *ret, const char *path, int type, unsigned mode, const char *group,
	      struct error *e);

#endif
