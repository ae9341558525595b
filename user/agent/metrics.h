/* SPDX-License-Identifier: GPL-2.0-only */
/* metrics.h - the board as metrics in Prometheus' text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). */
#ifndef WORMSIGN_METRICS_H
#define WORMSIGN_METRICS_H

#include "agent/board.h"
#include "base/buf.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/*
 * Append all of them. Names in labels are of rules, actions, kinds of records and programs: none is
 * chosen by what is watched, and the board bounds how many there are. hook_stats: whether the
 * kernel measures programs (kernel.bpf_stats_enabled).
 */
void metrics_text(struct buf *out, const struct board *b, bool hook_stats);

#endif
