/* SPDX-License-Identifier: GPL-2.0-only */
/* event.bpf.h - making and sending records. A record that finds no room is counted by kind; nothing waits for it. */
#ifndef WORMSIGN_EVENT_BPF_H
#define WORMSIGN_EVENT_BPF_H

#include "path.bpf.h"

/* Which backend the loader attached; written before load. */
const volatile __u32 ws_backend __weak = WS_BACKEND_WATCH;

/* Head of a record about a task; t is what the lineage knows of it. */
static __always_inline void ws_head(struct ws_head *h, u32 kind, u32 size, struct task_struct *task,
				    const struct ws_task *t)
{
	h->size = size;
	h->version = WS_WIRE_VERSION;
	h->kind = kind;
	h->flags = 0;
	h->pid = BPF_CORE_READ(task, tgid);
	h->tid = BPF_CORE_READ(task, pid);
	h->parent = t->parent;
	h->time = bpf_ktime_get_ns();
	h->session = t->session;
	h->scope = t->scope;
	h->started = t->started;
	h->uid = BPF_CORE_READ(task, cred, uid.val);
	h->gid = BPF_CORE_READ(task, cred, gid.val);
	h->actor = t->actor;
	h->backend = ws_backend;
	__builtin_memset(h->pad, 0, sizeof(h->pad));
	bpf_probe_read_kernel(h->comm, sizeof(h->comm), task->comm);
}

/* Copy the argv of the running task's program; flags say what is missing. */
static __always_inline u32 ws_copy_argv(struct ws_argv *a, struct task_struct *task)
{
	unsigned long start = BPF_CORE_READ(task, mm, arg_start), end = BPF_CORE_READ(task, mm, arg_end);
	u32 n;

	a->len = 0;
	a->total = 0;
	if (!start || end <= start)
		return WS_F_ARGV_UNREAD;
	a->total = end - start;
	n = a->total;
	if (n > WS_ARGV_BYTES)
		n = WS_ARGV_BYTES;
	barrier_var(n);
	if (n > WS_ARGV_BYTES || bpf_probe_read_user(a->bytes, n, (void *)start) < 0)
		return WS_F_ARGV_UNREAD;
	a->len = n;
	return a->total > n ? WS_F_ARGV_CUT : 0;
}

#endif
