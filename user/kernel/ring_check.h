/* SPDX-License-Identifier: GPL-2.0-only */
/* ring_check.h - whether bytes are a record (wire.h) that the rest of the program may trust. */
#ifndef WORMSIGN_RING_CHECK_H
#define WORMSIGN_RING_CHECK_H

#include <stddef.h>

/*
 * Check the record in data: its size, version, enumerations and lengths. Looks at no more than
 * `size` bytes. 0, or -EBADMSG. This is what is fuzzed.
 */
int ring_check(const void *data, size_t size);

#endif
