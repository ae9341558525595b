/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * opening.bpf.h - watch: a package's opens in flight. An open is judged when it returns, but the descriptor is there an
 * instant earlier, and another thread may read it: until the verdict nothing that the package sends leaves.
 */
#ifndef WORMSIGN_OPENING_BPF_H
#define WORMSIGN_OPENING_BPF_H

#include "judge.bpf.h"

#define TASK_INTERRUPTIBLE   1u
#define TASK_UNINTERRUPTIBLE 2u

/* The scope whose opens in flight hold its packets back: a package's. */
static __always_inline struct ws_scope *ws_opener(struct ws_task *t)
{
	u64 id = t->scope;

	return t->actor == WS_ACTOR_PACKAGE ? bpf_map_lookup_elem(&scopes, &id) : NULL;
}

static __always_inline void ws_leave_open(struct ws_task *t)
{
	struct ws_scope *scope;
	u32 at = t->opening;

	if (!at)
		return;
	t->opening = 0;
	scope = ws_opener(t);
	if (!scope)
		return;
	if (at > WS_OPENING) {
		__sync_fetch_and_add(&scope->opening_more, -1);
		return;
	}
	for (u32 i = 0; i < WS_OPENING; i++) /* unrolled: no index for the verifier to follow */
		if (at == i + 1)
			scope->opening[i] = 0;
}

static __always_inline void ws_enter_open(struct ws_task *t)
{
	u64 task = (u64)bpf_get_current_task();
	struct ws_scope *scope;

	ws_leave_open(t); /* of a call whose end was missed */
	scope = ws_opener(t);
	if (!scope)
		return;
	for (u32 i = 0; i < WS_OPENING; i++) {
		if (!scope->opening[i] && !__sync_val_compare_and_swap(&scope->opening[i], 0, task)) {
			t->opening = i + 1;
			return;
		}
	}
	__sync_fetch_and_add(&scope->opening_more, 1);
	t->opening = WS_OPENING + 1;
}

/*
 * An open handed to io_uring. By its request: the ring also tells the end of opens that it never began, which must not
 * be taken for this one's. Where there is no room the end is not counted either, and nothing leaves any more.
 */
static __always_inline void ws_enter_ring_open(struct ws_task *t, u64 request)
{
	struct ws_scope *scope = ws_opener(t);
	u64 id = t->scope;

	if (!scope)
		return;
	bpf_map_update_elem(&ring_opens, &request, &id, BPF_ANY);
	__sync_fetch_and_add(&scope->opening_uring, 1);
}

/* Whoever is told of the end: a ring can be somebody else's, too. */
static __always_inline void ws_leave_ring_open(u64 request)
{
	u64 *known = bpf_map_lookup_elem(&ring_opens, &request), id;
	struct ws_scope *scope;

	if (!known)
		return;
	id = *known;
	scope = bpf_map_lookup_elem(&scopes, &id);
	if (!bpf_map_delete_elem(&ring_opens, &request) && scope)
		__sync_fetch_and_add(&scope->opening_uring, -1);
}

/*
 * Is one of the scope's tasks about to get a file? A task that sleeps in its open (a FIFO without a writer, a slow disk)
 * has no descriptor yet.
 */
static __always_inline bool ws_opens(const struct ws_scope *scope)
{
	unsigned int state;
	u64 task;

	if (scope->opening_more || scope->opening_uring)
		return true;
	for (u32 i = 0; i < WS_OPENING; i++) {
		task = scope->opening[i];
		if (!task)
			continue;
		state = 0;
		bpf_core_read(&state, sizeof(state), &((struct task_struct *)task)->__state);
		if (!(state & (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)))
			return true;
	}
	return false;
}

#endif
