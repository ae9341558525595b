/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sockets.h - end TCP sockets whose packets were dropped. A killed process's socket lives on in the kernel, which sends
 * what is in it again and again for minutes: when the hooks are gone, it would arrive.
 */
#ifndef WORMSIGN_SOCKETS_H
#define WORMSIGN_SOCKETS_H

#include <stdint.h>

#include "policy.h"

/*
 * Destroy the TCP socket with that cookie in the network namespace of the caller. 0: it is no more (also when it was gone
 * already); -EOPNOTSUPP: the kernel lacks CONFIG_INET_DIAG_DESTROY; other -errno.
 */
int sockets_destroy(uint64_t cookie, const struct ws_dropped *d);

#endif
