/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * try.bpf.h - errors of BPF helpers after which the caller goes on are counted, by place and errno,
 * so that doctor and the summary of a run can show them. BPF_CORE_READ is left out: what it cannot
 * read is 0, which its callers check for.
 */
#ifndef WORMSIGN_TRY_BPF_H
#define WORMSIGN_TRY_BPF_H

#include "lib/maps.bpf.h"

/* place: enum ws_error_place; error: errno, positive. Returns 0. */
int ws_count_error(u32 place, u32 error);

/* The result of a helper's call, as an int: before 6.4 the upper half of what a map's update
 * returns is not set. */
#define ws_try(place, call)                                      \
	({                                                       \
		int result_ = (call);                            \
		if (result_ < 0)                                 \
			ws_count_error(WS_AT_##place, -result_); \
		result_;                                         \
	})

/* ... of an update with BPF_NOEXIST: another CPU may have been first. */
#define ws_try_new(place, call)                                  \
	({                                                       \
		int result_ = (call);                            \
		if (result_ < 0 && result_ != -EEXIST)           \
			ws_count_error(WS_AT_##place, -result_); \
		result_;                                         \
	})

#endif
