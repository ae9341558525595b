/* SPDX-License-Identifier: GPL-2.0-only */
/* decode.h - the fields of checked records (ring_check) as text and words. Nothing here redacts or
 * escapes. */
#ifndef WORMSIGN_DECODE_H
#define WORMSIGN_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "wire.h"

/*
 * Append the path that `len` bytes in wire order ("credentials/.aws/") stand for:
 * "/.aws/credentials"; no bytes: "/". cut: its first components are missing, told by "..." in
 * front.
 */
void decode_path(struct buf *out, const char *bytes, size_t len, bool cut);

/*
 * One word of a NUL-joined argv: sets *ret_word and *ret_len, and returns where the next one
 * starts, or NULL when `at` is at the end. The last word need not end with a NUL.
 */
const char *decode_word(const char *at, const char *end, const char **ret_word, size_t *ret_len);

/* Append "203.0.113.9" or "2001:db8::1"; for another family "family 40". */
void decode_address(struct buf *out, const struct ws_address *a);
/* "tcp", "udp", "icmp", ...; NULL: no name for it. */
const char *decode_protocol(unsigned protocol);

/* Append a time of day, ns since the epoch, as RFC 3339 in UTC with milliseconds. */
void decode_time(struct buf *out, uint64_t realtime);

/* Length of a string in a fixed array that may be full. */
#define decode_len(array) strnlen(array, sizeof(array))

#endif
