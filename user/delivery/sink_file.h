/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink_file.h - JSON lines in a file. Target: its path. When it is larger than rotate_bytes it is
 * renamed to PATH.1 (with gzip: PATH.1.gz), and up to rotate_files of those are kept. If somebody
 * else renames or removes it (logrotate), it is made anew with the next batch, without a signal.
 * Each batch is synced.
 */
#ifndef WORMSIGN_SINK_FILE_H
#define WORMSIGN_SINK_FILE_H

#include "delivery/sink.h"

extern const struct sink_kind sink_file;

#endif
