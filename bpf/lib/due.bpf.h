/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * due.bpf.h - watch: several hooks let one program judge. The verifier checks each program with all
 * that it calls, and the judging of files is most of that.
 */
#ifndef WORMSIGN_DUE_BPF_H
#define WORMSIGN_DUE_BPF_H

#include "lib/subject.bpf.h"
#include "lib/try.bpf.h"

enum ws_due {
	WS_DUE_RING_FILE, /* a request of io_uring takes its file */
	WS_DUE_RING_END,  /* ... has completed */
};

/* Holds watch_judge(). */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 4);
} judges SEC(".maps") __weak;

/* Go on in watch_judge(), with ctx, this raw tracepoint's context. Does not return, unless the
 * program is missing: then nothing is judged here, and a script may not go on. Returns 0. */
static __always_inline int ws_let_judge(void *ctx, struct ws_task *t, enum ws_due due)
{
	t->due = due;
	bpf_tail_call(ctx, &judges, 0);
	ws_count_error(WS_AT_DUE, ENOENT);
	if (t->scope)
		ws_kill_current(t);
	return 0;
}

#endif
