/* SPDX-License-Identifier: GPL-2.0-only */
/* coverage.h - which of the operations that rules are about are refused, only watched, or not seen
 * by a session's hooks. */
#ifndef WORMSIGN_COVERAGE_H
#define WORMSIGN_COVERAGE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "loader.h"
#include "ruleset.h"

struct coverage { /* bits of enum ws_op */
	uint32_t deny, watch, blind;
};

/* rules NULL: all operations. */
struct coverage coverage_of(const struct hook_state *hooks, size_t count,
			    const struct ruleset *rules);
/* Append " read write", each name with a blank before it. */
void coverage_names(struct buf *out, uint32_t ops);

#endif
