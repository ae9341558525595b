// SPDX-License-Identifier: GPL-2.0-only
/*
 * syscall_numbers_compat.c - the numbers of the 32-bit ABI that a 64-bit kernel also serves. In a
 * file of its own, because the headers of both ABIs define the same names.
 */
#include "kernel/syscall_numbers.h"

#include "base/cleanup.h"
#include "syscalls.h"

#if defined(__x86_64__)
#include <asm/unistd_32.h>
const struct syscall_row syscalls_compat[] = {
#include "kernel/syscall_numbers.inc"
	{ __NR_socketcall, WS_SYS_SOCKETCALL },
};
const size_t syscalls_compat_count = ARRAY_SIZE(syscalls_compat);
#else
/* No user header has arm64's 32-bit numbers: only the deny backend watches such processes. */
const struct syscall_row syscalls_compat[] = { { -1, WS_SYS_NONE } };
const size_t syscalls_compat_count = 0;
#endif
