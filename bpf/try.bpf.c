// SPDX-License-Identifier: GPL-2.0-only
/* try.bpf.c - see lib/try.bpf.h. */
#include "lib/try.bpf.h"

int ws_count_error(u32 place, u32 error)
{
	struct ws_error_key key = { .place = place, .error = error };
	u64 one = 1, *n = bpf_map_lookup_elem(&errors, &key);

	if (n)
		__sync_fetch_and_add(n, 1);
	else
		bpf_map_update_elem(&errors, &key, &one, BPF_NOEXIST);
	return 0;
}

char _license[] SEC("license") = "GPL";
