/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spool_clock.h - a clock of the spool's own, for the age of what is in it. It begins with the
 * spool and goes on while the machine runs (CLOCK_BOOTTIME), so setting the machine's time changes
 * no age. Between two boots it stands still, since nothing that can be trusted says how long that
 * was. The file `clock` keeps it from one process to the next.
 */
#ifndef WORMSIGN_SPOOL_CLOCK_H
#define WORMSIGN_SPOOL_CLOCK_H

#include <stdint.h>

struct spool_clock {
	uint64_t base;	/* ns, when CLOCK_BOOTTIME was `began` */
	uint64_t began; /* ns */
};

/* least: what it has shown already, by the segments; it does not go back behind that. */
void spool_clock_open(struct spool_clock *ret, int dir, uint64_t least);
/* ns */
uint64_t spool_clock_now(const struct spool_clock *c);
/* Without it what follows is some minutes younger: errors are of no consequence. */
void spool_clock_save(const struct spool_clock *c, int dir);

#endif
