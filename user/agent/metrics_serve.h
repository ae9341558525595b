/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metrics_serve.h - the process that answers who asks for metrics, by HTTP, at a UNIX socket or a
 * loopback port. It is forked by the master, becomes an ordinary user, and has nothing but the
 * listening socket and the board, for reading: what its clients do costs nobody else anything.
 */
#ifndef WORMSIGN_METRICS_SERVE_H
#define WORMSIGN_METRICS_SERVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Whether a configuration may say so: "/run/x.sock", "127.0.0.1:9469", "[::1]:9469". */
bool metrics_address_good(const char *where);
/* Listen there. 0 and a descriptor that is the caller's, or -errno with e. */
int metrics_listen(int *ret, const char *where, struct error *e);

#define METRICS_REQUEST_MAX 4096 /* bytes of a request, with its headers */
/* The HTTP status for a request of which these bytes have come; 0: its end has not. */
int metrics_request(const char *bytes, size_t len);

/* Serve until the parent dies. */
void __attribute__((noreturn)) metrics_serve(int listener, int board);

#endif
