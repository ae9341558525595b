/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tls_libraries.h - find the executables and libraries that encrypt for the session's programs, so
 * that requests are seen before they are encrypted.
 */
#ifndef WORMSIGN_TLS_LIBRARIES_H
#define WORMSIGN_TLS_LIBRARIES_H

#include "kernel/loader.h"

/*
 * Watch the TLS functions of the `node` that `path` leads to (the environment's PATH; NULL: none),
 * and of the system's TLS libraries. Returns the number of functions watched. What others encrypt
 * (a copy of node, bun, Go, rustls) is not seen.
 */
int tls_libraries_watch(struct loader *l, const char *path);

#endif
