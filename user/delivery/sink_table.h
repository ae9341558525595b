/* SPDX-License-Identifier: GPL-2.0-only */
/* sink_table.h - the kinds of sinks that there are. */
#ifndef WORMSIGN_SINK_TABLE_H
#define WORMSIGN_SINK_TABLE_H

#include "delivery/sink.h"

/* NULL: there is none of this name. */
const struct sink_kind *sink_kind_find(const char *name);
/* "elastic, file, ..." */
const char *sink_kind_names(void);
/* The rows; NULL after the last. */
const struct sink_kind *sink_kind_at(size_t i);

#endif
