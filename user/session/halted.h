/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * halted.h - processes that a killed script may have left stopped, to be continued when it is dead.
 *
 * On `watch` PTRACE_ATTACH sends its SIGSTOP before the tracer dies: nothing was read, but the
 * target, perhaps the CI runner, would stay stopped. The same holds for a signal that
 * stops.
 */
#ifndef WORMSIGN_HALTED_H
#define WORMSIGN_HALTED_H

#include <stdint.h>

#include "wire.h"

#define HALTED_MAX 16

struct halted {
	int pidfds[HALTED_MAX];
	uint32_t pids[HALTED_MAX];
	unsigned count;
};

/*
 * Remember the target of v, if v is about an operation that may have stopped it: a process that is
 * older than the verdict, and that the caller was allowed to stop (of the same user, or the caller
 * is root). Pids are reused, so it is held by a pidfd.
 */
void halted_add(struct halted *h, const struct ws_rec_verdict *v);
/* Send SIGCONT to those that are stopped, and forget all. Call when the callers are dead. */
void halted_continue(struct halted *h);

#endif
