/* SPDX-License-Identifier: GPL-2.0-only */
/* spool_verify.h - check a spool, record by record. */
#ifndef WORMSIGN_SPOOL_VERIFY_H
#define WORMSIGN_SPOOL_VERIFY_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "delivery/spool_dir.h"

struct spool_verify {
	uint64_t segments, records, faults;
};

/*
 * Check each segment of a stream: header, checksums, sequences, and that each record names the hash
 * of the one before, over segments, too. What was dropped or delivered from the beginning on is no
 * fault; nor can the chain show that records are missing at the very end. One line a fault to `to`.
 * -errno with e if it cannot be read; -EPROTO: a newer version.
 */
int spool_verify(struct spool_verify *ret, int dir, enum spool_stream s, FILE *to, struct error *e);

#endif
