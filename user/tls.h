/* SPDX-License-Identifier: GPL-2.0-only */
/* tls.h - which executables and libraries encrypt for the session's programs, so that requests are seen in the clear. */
#ifndef WORMSIGN_TLS_H
#define WORMSIGN_TLS_H

#include "loader.h"

/*
 * Attach to the node that `path` (as in the environment's PATH; NULL: none) leads to, and to the system's TLS libraries.
 * Returns the number of functions watched. Others (a copy of node, bun, Go, rustls) are not seen.
 */
int tls_watch(struct loader *l, const char *path);

#endif
