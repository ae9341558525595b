/* SPDX-License-Identifier: GPL-2.0-only */
/* sha256.h - SHA-256 (FIPS 180-4) and HMAC (RFC 2104) of short inputs. Includes nothing of this
 * project. */
#ifndef WORMSIGN_SHA256_H
#define WORMSIGN_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32

void sha256(uint8_t ret[SHA256_BYTES], const void *bytes, size_t len);
/* HMAC-SHA-256 of len bytes, at most 64, with a key of at most 64 bytes. */
void sha256_hmac(uint8_t ret[SHA256_BYTES], const void *key, size_t key_len, const void *bytes,
		 size_t len);

#endif
