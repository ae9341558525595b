/* SPDX-License-Identifier: GPL-2.0-only */
/* event.bpf.h - fill records and send them to user space. If a ring is full the record is lost and
 * counted by kind; hooks never wait. */
#ifndef WORMSIGN_EVENT_BPF_H
#define WORMSIGN_EVENT_BPF_H

#include "lib/maps.bpf.h"
#include "lib/try.bpf.h"

/* enum ws_backend; the loader sets it before it loads the programs. */
const volatile __u32 ws_backend __weak = WS_BACKEND_WATCH;

/* Which counter says that records of this kind were lost. */
static __always_inline u32 ws_lost_of(u32 kind)
{
	switch (kind) {
	case WS_REC_EXEC:
		return WS_LOST_EXEC;
	case WS_REC_EXIT:
	case WS_REC_DEATH:
		return WS_LOST_EXIT;
	case WS_REC_SCOPE:
		return WS_LOST_SCOPE_RECORD;
	case WS_REC_NET:
		return WS_LOST_NET;
	case WS_REC_MADE:
		return WS_LOST_MADE;
	}
	return WS_LOST_ALERT;
}

/* Name task as the actor; t is its record. */
static __always_inline void ws_head_of_task(struct ws_head *h, struct task_struct *task,
					    const struct ws_task *t)
{
	h->pid = BPF_CORE_READ(task, tgid);
	h->tid = BPF_CORE_READ(task, pid);
	h->parent = t->parent;
	h->session = t->session;
	h->scope = t->script;
	h->started = t->started;
	h->uid = BPF_CORE_READ(task, cred, uid.val);
	h->gid = BPF_CORE_READ(task, cred, gid.val);
	h->actor = t->actor;
	ws_try(COMM, bpf_probe_read_kernel(h->comm, sizeof(h->comm), task->comm));
}

/* Reserve a record and fill the head except for the actor. kind and size must be constants: the
 * verifier demands it. Returns NULL if the ring is full. */
static __always_inline void *ws_open_record(u32 kind, u32 size)
{
	struct ws_head *h;

	if (kind == WS_REC_VERDICT || kind == WS_REC_DEATH || kind == WS_REC_SCOPE ||
	    kind == WS_REC_HOME)
		h = bpf_ringbuf_reserve(&alerts, size, 0);
	else
		h = bpf_ringbuf_reserve(&telemetry, size, 0);
	if (!h) {
		ws_count_lost(ws_lost_of(kind));
		return NULL;
	}
	__builtin_memset(h, 0, sizeof(*h));
	h->size = size;
	h->version = WS_WIRE_VERSION;
	h->kind = kind;
	h->time = bpf_ktime_get_ns();
	h->backend = ws_backend;
	return h;
}

/* Cleanup of a pointer to a record: sends it, unless the pointer is NULL (full ring, discarded). */
static __always_inline void ws_send_record(void *record)
{
	void *r = *(void **)record;

	if (r)
		bpf_ringbuf_submit(r, 0);
}

/*
 * with_record(type, r, kind, size) STATEMENT - run STATEMENT once, with a new record `struct type
 * *r` of `size` bytes, which is sent on every way out of it. Skipped if the ring is full.
 */
#define with_record(type, r, kind, size)                                                    \
	for (struct type * r                                                                \
		     __attribute__((cleanup(ws_send_record))) = ws_open_record(kind, size), \
		     *r##_once = r;                                                         \
	     r##_once; r##_once = NULL)

/* Copy the argv of the running task. Returns WS_F_ARGV_ flags. */
static __always_inline u32 ws_copy_argv(struct ws_argv *a, struct task_struct *task)
{
	unsigned long start = BPF_CORE_READ(task, mm, arg_start),
		      end = BPF_CORE_READ(task, mm, arg_end);
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
