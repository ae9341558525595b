/* SPDX-License-Identifier: GPL-2.0-only */
/* process_look.h - what /proc says about a process that no record has named. */
#ifndef WORMSIGN_PROCESS_LOOK_H
#define WORMSIGN_PROCESS_LOOK_H

#include <stdint.h>

/*
 * A process_look_fn (process_table.h). *ret_started is CLOCK_MONOTONIC in ns, precise to the 10 ms
 * of /proc. -ENOENT, -ESRCH: there is no such process; -EBADMSG: /proc is not understood.
 */
int process_look_proc(uint32_t pid, uint32_t *ret_parent, uint64_t *ret_started);

#endif
