/* SPDX-License-Identifier: GPL-2.0-only */
/* sock_listening.h - the listening sockets that the processes of a cgroup have made. */
#ifndef WORMSIGN_SOCK_LISTENING_H
#define WORMSIGN_SOCK_LISTENING_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

/*
 * The first `room` of them, in *ret, of TCP in this process's network namespace: of a socket the
 * kernel keeps in which cgroup (v2, by its id) it was made. How many there are, or -errno.
 */
int sock_listening(struct ws_address *ret, size_t room, uint64_t cgroup);

#endif
