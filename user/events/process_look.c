// SPDX-License-Identifier: GPL-2.0-only
/* process_look.c - what /proc says about a process that no record has named. */
#include "events/process_look.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

int process_look_proc(uint32_t pid, uint32_t *ret_parent, uint64_t *ret_started)
{
	unsigned long long ticks;
	char path[32], line[1024], *p;
	_fclose_ FILE *f = NULL;
	uint64_t suspended;
	unsigned parent;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	n = fread(line, 1, sizeof(line) - 1, f); /* a name may hold a newline */
	if (!n)
		return -ESRCH;
	line[n] = '\0';
	p = strrchr(line, ')'); /* the last ')', as a process may be called ") R 1" */
	if (!p || sscanf(p,
			 ") %*c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
			 "%*d %llu",
			 &parent, &ticks) != 2)
		return -EBADMSG;
	/* /proc counts from boot, including the time suspended; records exclude it. */
	suspended = clock_ns(CLOCK_BOOTTIME) - clock_ns(CLOCK_MONOTONIC);
	*ret_started = ticks * (1000000000ULL / sysconf(_SC_CLK_TCK)) - suspended;
	*ret_parent = parent;
	return 0;
}
