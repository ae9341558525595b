/* SPDX-License-Identifier: GPL-2.0-only */
/* crc32c.h - the checksum CRC-32C (Castagnoli, RFC 3720). zlib has only the other CRC-32. Includes
 * nothing of this project. */
#ifndef WORMSIGN_CRC32C_H
#define WORMSIGN_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of len bytes. */
uint32_t crc32c(const void *bytes, size_t len);

#endif
