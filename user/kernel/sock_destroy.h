/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sock_destroy.h - destroy TCP sockets whose packets were dropped. The socket of a killed process
 * stays in the kernel, which retransmits its queued data for minutes: once our hooks are detached,
 * the data would arrive.
 */
#ifndef WORMSIGN_SOCK_DESTROY_H
#define WORMSIGN_SOCK_DESTROY_H

#include <stdint.h>

#include "policy.h"

/*
 * Destroy the TCP socket with that cookie in the network namespace of the caller. 0: it does not
 * exist any more, or did not; -EOPNOTSUPP: the kernel lacks CONFIG_INET_DIAG_DESTROY; other -errno.
 */
int sock_destroy(uint64_t cookie, const struct ws_dropped *d);

#endif
