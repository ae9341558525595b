/* SPDX-License-Identifier: GPL-2.0-only */
/* guard.bpf.h - keep a session from acting on wormsign's own processes. */
#ifndef WORMSIGN_GUARD_BPF_H
#define WORMSIGN_GUARD_BPF_H

#include "judge.bpf.h"

/* Whether task is the watchdog of t's session, or a child of it. */
static __always_inline bool ws_is_watchdog(struct ws_task *t, struct task_struct *task)
{
	struct ws_session *session;
	u64 id = t->session;
	int watchdog;

	session = bpf_map_lookup_elem(&sessions, &id);
	if (!session || !session->watchdog)
		return false;
	watchdog = session->watchdog;
	return BPF_CORE_READ(task, tgid) == watchdog ||
	       BPF_CORE_READ(task, real_parent, tgid) == watchdog;
}

/* Refuse op by t on task if that is one of wormsign's own processes. amount: as in struct
 * ws_object. */
static __always_inline int ws_guard(struct ws_task *t, struct task_struct *task, u32 op, u32 amount,
				    u32 power)
{
	struct ws_object *o;

	/* the command is a child of the watchdog, too, but belongs to the session */
	if (!ws_is_watchdog(t, task) || bpf_task_storage_get(&tasks, task, 0, 0))
		return 0;
	o = ws_new_object(t);
	o->target_pid = BPF_CORE_READ(task, tgid);
	o->amount = amount;
	return ws_refuse_guarded(t, op, power) ? -EPERM : 0;
}

#endif
