/* SPDX-License-Identifier: GPL-2.0-only */
/* clock.h - the time of a clock as one number. Includes nothing of this project. */
#ifndef WORMSIGN_CLOCK_H
#define WORMSIGN_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC, CLOCK_BOOTTIME or CLOCK_REALTIME, in ns. */
static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* CLOCK_MONOTONIC in ms, for deadlines. */
static inline int64_t clock_ms(void)
{
	return (int64_t)(clock_ns(CLOCK_MONOTONIC) / 1000000);
}

#endif
