/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * op_coverage.h - the operations that rules are about, by what a session can do about each on this
 * kernel. Computed from the hooks (kernel/coverage.h), but declared here, so that reports need no
 * kernel side.
 */
#ifndef WORMSIGN_OP_COVERAGE_H
#define WORMSIGN_OP_COVERAGE_H

#include <stdint.h>

struct op_coverage {	/* bits of enum ws_op; no operation is in two of them */
	uint32_t deny;	/* refused */
	uint32_t kill;	/* carried out, and the caller killed */
	uint32_t watch; /* only reported */
	uint32_t blind; /* not even seen */
};

#endif
