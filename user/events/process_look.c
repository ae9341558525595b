// SPDX-License-Identifier: GPL-2.0-only
/* process_look.c - what /proc says about a process of which no record told. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "process_table.h"

int process_look_proc(uint32_t pid, uint32_t *ret_parent, uint64_t *ret_started)
{
	struct timespec monotonic, boot;
	unsigned long long ticks;
	char path[32], line[1024], *p;
	_fclose_ FILE *f = NULL;
	unsigned parent;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	if (!fgets(line, sizeof(line), f))
		return -ESRCH;
	p = strrchr(line, ')'); /* a process may be called ") R 1" */
	if (!p || sscanf(p,
			 ") %*c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
			 "%*d %llu",
			 &parent, &ticks) != 2)
		return -EBADMSG;
	/* /proc counts from boot, suspended time included; records do not include it. */
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	*ret_started = ticks * (1000000000ULL / sysconf(_SC_CLK_TCK)) -
		       ((uint64_t)(boot.tv_sec - monotonic.tv_sec) * 1000000000ULL +
			(uint64_t)(boot.tv_nsec - monotonic.tv_nsec));
	*ret_parent = parent;
	return 0;
}
