// SPDX-License-Identifier: GPL-2.0-only
/*
 * syscalls_compat.c - numbers of the 32-bit ABI that a 64-bit kernel also serves. A file of its own, since the
 * headers of two ABIs give one name two numbers.
 */
#include "syscalls.h"

#include "../bpf/syscalls.h"

#if defined(__x86_64__)
#include <asm/unistd_32.h>
const struct syscall_row syscalls_compat[] = {
#include "syscalls.inc"
	{__NR_socketcall, WS_SYS_SOCKETCALL},
};
const size_t syscalls_compat_count = sizeof(syscalls_compat) / sizeof(syscalls_compat[0]);
#else
/* arm64's 32-bit numbers are in no user header: those processes are watched by the deny backend only. */
const struct syscall_row syscalls_compat[] = {{-1, WS_SYS_NONE}};
const size_t syscalls_compat_count = 0;
#endif
