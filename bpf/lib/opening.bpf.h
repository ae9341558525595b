/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * opening.bpf.h - watch: the opens of a package that are in flight. An open is judged when it
 * returns, but its descriptor exists an instant earlier, and another thread may read from it. Until
 * the verdict the package's packets are dropped.
 */
#ifndef WORMSIGN_OPENING_BPF_H
#define WORMSIGN_OPENING_BPF_H

#include "lib/subject.bpf.h"

#define TASK_INTERRUPTIBLE   1u
#define TASK_UNINTERRUPTIBLE 2u

/* The scope of t if it is a package's or a tool's, else NULL: others' packets do not wait for their
 * opens. */
static __always_inline struct ws_scope *ws_opening_scope(struct ws_task *t)
{
	u64 id = t->scope;

	if (t->actor != WS_ACTOR_PACKAGE && t->actor != WS_ACTOR_TOOL)
		return NULL;
	return bpf_map_lookup_elem(&scopes, &id);
}

/* The open that t was inside has ended, or t itself has. */
static __always_inline void ws_unmark_open(struct ws_task *t)
{
	struct ws_scope *scope;
	u32 at = t->opening;

	if (!at)
		return;
	t->opening = 0;
	scope = ws_opening_scope(t);
	if (!scope)
		return;
	if (at > WS_OPENING) {
		__sync_fetch_and_add(&scope->opening_more, -1);
		return;
	}
	for (u32 i = 0; i < WS_OPENING; i++) /* unrolled: the verifier cannot bound the index */
		if (at == i + 1)
			scope->opening[i] = 0;
}

/* The running task t begins an open. */
static __always_inline void ws_mark_open(struct ws_task *t)
{
	u64 task = (u64)bpf_get_current_task();
	struct ws_scope *scope;

	ws_unmark_open(t); /* in case the end of the last open was missed */
	scope = ws_opening_scope(t);
	if (!scope)
		return;
	for (u32 i = 0; i < WS_OPENING; i++) {
		if (!scope->opening[i] &&
		    !__sync_val_compare_and_swap(&scope->opening[i], 0, task)) {
			t->opening = i + 1;
			return;
		}
	}
	__sync_fetch_and_add(&scope->opening_more, 1);
	t->opening = WS_OPENING + 1;
}

/*
 * t hands an open to io_uring. Kept by its request, because the ring also reports the end of opens
 * that were never submitted. If the table is full the counter never returns to 0, and the scope's
 * packets stay blocked (fail closed).
 */
static __always_inline void ws_mark_ring_open(struct ws_task *t, u64 request)
{
	struct ws_scope *scope = ws_opening_scope(t);
	u64 id = t->scope;

	if (!scope)
		return;
	ws_try(RING_OPEN, bpf_map_update_elem(&ring_opens, &request, &id, BPF_ANY));
	__sync_fetch_and_add(&scope->opening_uring, 1);
}

/* ... which has completed. May run in a task other than the submitter: rings can be shared. */
static __always_inline void ws_unmark_ring_open(u64 request)
{
	u64 *known = bpf_map_lookup_elem(&ring_opens, &request), id;
	struct ws_scope *scope;

	if (!known)
		return;
	id = *known;
	scope = bpf_map_lookup_elem(&scopes, &id);
	if (!ws_try(RING_OPEN_END, bpf_map_delete_elem(&ring_opens, &request)) && scope)
		__sync_fetch_and_add(&scope->opening_uring, -1);
}

/*
 * Whether a task of the scope may hold a descriptor that has not been judged. A task that sleeps in
 * its open (a FIFO without a writer, a slow disk) has none yet.
 */
static __always_inline bool ws_open_in_flight(const struct ws_scope *scope)
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
		ws_try(TASK_STATE, bpf_core_read(&state, sizeof(state),
						 &((struct task_struct *)task)->__state));
		if (!(state & (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)))
			return true;
	}
	return false;
}

#endif
