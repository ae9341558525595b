/* SPDX-License-Identifier: GPL-2.0-only */
/* process_lineage.h - the programs from the session's command to a process, in one line. */
#ifndef WORMSIGN_PROCESS_LINEAGE_H
#define WORMSIGN_PROCESS_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "events/process_table.h"

/*
 * Append "npm install > sh -c node install.js > node install.js > curl". Redacted, not escaped.
 * A line longer than about `longest` bytes is shortened in the middle to "> ... N more ... >".
 * Returns whether it begins with the session's command; otherwise " (lineage incomplete)" ends it.
 */
bool process_lineage(struct buf *out, const struct process *p, size_t longest);

#endif
