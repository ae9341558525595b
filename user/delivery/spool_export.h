/* SPDX-License-Identifier: GPL-2.0-only */
/* spool_export.h - the events of a spool as JSON lines. */
#ifndef WORMSIGN_SPOOL_EXPORT_H
#define WORMSIGN_SPOOL_EXPORT_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/*
 * Print the events that were taken at `since` (ns since 1970) or later, one object a line, in
 * printable ASCII: a spool that comes from elsewhere can hold anything, and this may be a terminal.
 * Records that are no JSON object are left out, and added to *odd. -errno with e.
 */
int spool_export(int dir, uint64_t since, FILE *to, uint64_t *odd, struct error *e);

#endif
