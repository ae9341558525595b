// SPDX-License-Identifier: GPL-2.0-only
/*
 * slow.bpf.c - for test_race.c: delays the end of system calls of threads with a certain name. It
 * is attached before wormsign's programs and so runs before them: what otherwise happens between a
 * call's effect and its verdict once in a hundred attempts happens every time.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

static long nothing(u32 i, void *unused)
{
	return 0;
}

SEC("raw_tp/sys_exit")
int slow(void *ctx)
{
	static const char wanted[] = "race-slow";
	char name[16];

	if (bpf_get_current_comm(name, sizeof(name)))
		return 0;
	for (u32 i = 0; i < sizeof(wanted); i++)
		if (name[i] != wanted[i])
			return 0;
	bpf_loop(1 << 20, nothing, NULL, 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
