// SPDX-License-Identifier: GPL-2.0-only
/* pid_namespace.c - compare the inode of this namespace. */
#include "session/pid_namespace.h"

#include <sys/stat.h>

/* Inode of the initial pid namespace, part of the kernel's interface (PROC_PID_INIT_INO). */
#define FIRST_PID_NAMESPACE 0xeffffffcu

bool pid_namespace_is_first(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == FIRST_PID_NAMESPACE;
}
