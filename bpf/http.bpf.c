// SPDX-License-Identifier: GPL-2.0-only
/* http.bpf.c - http.h for the kernel programs. A global function: the verifier follows its branches
 * once, and not for each of its callers' bytes. */
#include "lib/maps.bpf.h"

int ws_http_step(struct ws_http_stream *s, u32 c)
{
	return s ? ws_http_take(s, c) : 0;
}

char _license[] SEC("license") = "GPL";
