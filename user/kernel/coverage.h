/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * coverage.h - what the hooks of a session could do to the operations that its rules are about: by
 * the power of each hook (hooks.h), not by the name of the backend.
 */
#ifndef WORMSIGN_COVERAGE_H
#define WORMSIGN_COVERAGE_H

#include <stddef.h>

#include "base/buf.h"
#include "kernel/power.h"
#include "policy/op_coverage.h"
#include "policy/ruleset.h"

/* What an attached hook can do; POWER_BLIND: it is not attached. */
enum op_power coverage_power(const struct hook_state *h);

/* rules NULL: all operations. */
struct op_coverage coverage_of(const struct hook_state *hooks, size_t count,
			       const struct ruleset *rules);

#endif
