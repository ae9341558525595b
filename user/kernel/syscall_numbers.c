// SPDX-License-Identifier: GPL-2.0-only
/* syscall_numbers.c - the numbers of the machine's own ABI. */
#include "kernel/syscall_numbers.h"

#include <sys/syscall.h>

#include "base/cleanup.h"
#include "syscalls.h"

const struct syscall_row syscalls_native[] = {
#include "kernel/syscall_numbers.inc"
};
const size_t syscalls_native_count = ARRAY_SIZE(syscalls_native);
