// SPDX-License-Identifier: GPL-2.0-only
/* syscalls.c - numbers of the machine's own ABI. */
#include "syscalls.h"

#include <sys/syscall.h>

#include "../bpf/syscalls.h"
#include "cleanup.h"

const struct syscall_row syscalls_native[] = {
#include "syscalls.inc"
};
const size_t syscalls_native_count = ARRAY_SIZE(syscalls_native);
