/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring.h - take records out of the two rings, check them (ring_check.h), and deliver them in an
 * order that lets alerts be explained: the telemetry that is older than an alert comes before it.
 */
#ifndef WORMSIGN_RING_H
#define WORMSIGN_RING_H

#include "base/error.h"
#include "wire.h"

struct ring;

/* rec has passed ring_check() and lives only during the call. */
typedef void (*ring_fn)(void *arg, const struct ws_head *rec);

/* 0 and an owned *ret, to be freed with ring_free(); -errno, explained in e. The descriptors stay
 * the caller's. */
int ring_open(struct ring **ret, int alerts_fd, int telemetry_fd, ring_fn fn, void *arg,
	      struct error *e);
/* r may be NULL. Records not yet delivered are dropped. */
void ring_free(struct ring *r);
/* Descriptor to poll for reading; owned by r. */
int ring_poll_fd(const struct ring *r);
/* Deliver what is there, up to a share that leaves the caller time for other work. Returns how many
 * records, or -errno. */
int ring_consume(struct ring *r);
/* How many records have failed the check so far (a defect, or memory corruption). */
unsigned long ring_bad(const struct ring *r);

#endif
