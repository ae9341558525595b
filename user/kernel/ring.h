/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring.h - take records out of the two rings, check them, and hand them on in an order that lets alerts be explained:
 * before an alert is handed on, the telemetry that is there already has been.
 */
#ifndef WORMSIGN_RING_H
#define WORMSIGN_RING_H

#include <stddef.h>

#include "error.h"
#include "wire.h"

struct ring;

/* rec is valid (size, version, kind, lengths checked) and lives only during the call. */
typedef void (*ring_fn)(void *arg, const struct ws_head *rec);

int ring_open(struct ring **ret, int alerts_fd, int telemetry_fd, ring_fn fn, void *arg, struct error *e);
void ring_free(struct ring *r);
/* Descriptor to poll for reading. */
int ring_poll_fd(const struct ring *r);
/* Hand on all that is there; returns how many records, or a negative errno. */
int ring_consume(struct ring *r);
/* Records that failed the check (a defect or memory corruption), since the start. */
unsigned long ring_bad(const struct ring *r);

/* Check one record of `size` bytes: 0, or -EBADMSG. The fuzzed entry. */
int ring_check(const void *data, size_t size);

#endif
