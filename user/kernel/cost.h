/* SPDX-License-Identifier: GPL-2.0-only */
/* cost.h - what an instance of the kernel side costs, as the kernel counts it. */
#ifndef WORMSIGN_COST_H
#define WORMSIGN_COST_H

#include <stdint.h>

#include "kernel/loader.h"

/* Called for each loaded program, always in the same order: how often it has run and for how long,
 * while kernel.bpf_stats_enabled was set. */
typedef void (*cost_fn)(void *arg, const char *program, uint64_t runs, uint64_t ns);
void cost_of_programs(struct loader *l, cost_fn each, void *arg);
/* Bytes of kernel memory of its tables and rings. */
uint64_t cost_of_maps(struct loader *l);

#endif
