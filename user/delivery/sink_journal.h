/* SPDX-License-Identifier: GPL-2.0-only */
/* sink_journal.h - the journal of this machine's systemd, by its native fields. */
#ifndef WORMSIGN_SINK_JOURNAL_H
#define WORMSIGN_SINK_JOURNAL_H

#include <jansson.h>

#include "base/buf.h"
#include "delivery/sink.h"

extern const struct sink_kind sink_journal;

#define JOURNAL_FIELDS 24

/* The fields of an event as NAME=VALUE, each ended by a NUL; body: the event itself, one of them.
 * At most JOURNAL_FIELDS. */
void journal_fields(struct buf *out, const json_t *event, const char *body);

#endif
