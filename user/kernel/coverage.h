/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * coverage.h - what the hooks of a session could do to the operations that its rules are about: by
 * the power of each hook (hooks.h), not by the name of the backend.
 */
#ifndef WORMSIGN_COVERAGE_H
#define WORMSIGN_COVERAGE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "loader.h"
#include "ruleset.h"

struct coverage {	/* bits of enum ws_op */
	uint32_t deny;	/* refused */
	uint32_t kill;	/* done, and its caller killed */
	uint32_t watch; /* seen */
	uint32_t blind; /* not even that */
};

/* What an attached hook can do; POWER_BLIND: it is not attached. */
enum op_power coverage_power(const struct hook_state *h);

/* rules NULL: all operations. */
struct coverage coverage_of(const struct hook_state *hooks, size_t count,
			    const struct ruleset *rules);
/* Append " read write", each name with a blank before it. */
void coverage_names(struct buf *out, uint32_t ops);

#endif
