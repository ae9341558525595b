/* SPDX-License-Identifier: GPL-2.0-only */
/* decode.h - fields of records as text. The records must have passed ring_check; nothing here
 * redacts or escapes. */
#ifndef WORMSIGN_DECODE_H
#define WORMSIGN_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "wire.h"

/*
 * Append the path that is sent as `len` bytes in wire order: "credentials/.aws/" is
 * "/.aws/credentials", no bytes are "/". cut: its first components are missing; it then begins with
 * "...".
 */
void decode_path(struct buf *out, const char *bytes, size_t len, bool cut);

/*
 * Read one word of a NUL-joined argv: sets *ret_word and *ret_len, and returns where the next word
 * starts, or NULL if `at` is the end. The last word may lack its NUL.
 */
const char *decode_word(const char *at, const char *end, const char **ret_word, size_t *ret_len);

/* Append "203.0.113.9" or "2001:db8::1"; for another family "family 40". */
void decode_address(struct buf *out, const struct ws_address *a);
/* The name of an IP protocol: "tcp", "udp", "icmp"; NULL if it has none here. */
const char *decode_protocol(unsigned protocol);

/* Append a time of day, ns since the epoch, as RFC 3339 in UTC with milliseconds. */
void decode_time(struct buf *out, uint64_t realtime);

/* Length of a string in an array, which has no NUL if it is full. */
#define decode_len(array) strnlen(array, sizeof(array))

#endif
