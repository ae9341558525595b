/* SPDX-License-Identifier: GPL-2.0-only */
/* syscall_numbers.h - the system calls that the watch backend looks at, by number, from the
 * kernel's headers. */
#ifndef WORMSIGN_SYSCALL_NUMBERS_H
#define WORMSIGN_SYSCALL_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

struct syscall_row {
	int number;
	uint32_t kind; /* enum ws_syscall, bpf/syscalls.h */
};

/* The machine's own ABI, and the 32-bit one beside it (empty where there is none). */
extern const struct syscall_row syscalls_native[];
extern const size_t syscalls_native_count;
extern const struct syscall_row syscalls_compat[];
extern const size_t syscalls_compat_count;

#endif
