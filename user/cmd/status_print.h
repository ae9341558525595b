/* SPDX-License-Identifier: GPL-2.0-only */
/* status_print.h - what an agent says of itself, as text for people or as JSON. */
#ifndef WORMSIGN_STATUS_PRINT_H
#define WORMSIGN_STATUS_PRINT_H

#include "agent/control.h"
#include "base/buf.h"

/* Append lines; times are local. now: CLOCK_REALTIME, ns. */
void status_print_text(struct buf *out, const struct control_status *s, uint64_t now);
/* Append one object; times are UTC (RFC 3339). */
void status_print_json(struct buf *out, const struct control_status *s);

#endif
