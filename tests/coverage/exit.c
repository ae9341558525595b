// SPDX-License-Identifier: GPL-2.0-only
/* exit.c - _exit(2) of programs built with COV=1: writes the counters first, as exit(3) does. Else
 * what a child does between fork and _exit would never be counted. */
#include <stdnoreturn.h>

void __gcov_dump(void);
noreturn void __real__exit(int status);
noreturn void __wrap__exit(int status);

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
