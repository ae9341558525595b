/* SPDX-License-Identifier: GPL-2.0-only */
/* guard.bpf.h - signals to who is not of one's own scope, and whatever reaches for wormsign's own processes. */
#ifndef WORMSIGN_GUARD_BPF_H
#define WORMSIGN_GUARD_BPF_H

#include "memory.bpf.h"

#define SIG(n) (1ull << (n))
/*
 * What wormsign passes on to the command (user/supervise.c), blocks, or ignores: harmless to it, and a job may well send
 * them to its parent or its process group. HUP INT QUIT USR1 USR2 TERM CHLD CONT TSTP TTIN TTOU URG WINCH.
 */
#define WS_SIGNALS_TAKEN (SIG(1) | SIG(2) | SIG(3) | SIG(10) | SIG(12) | SIG(15) | SIG(17) | SIG(18) | SIG(20) | \
			  SIG(21) | SIG(22) | SIG(23) | SIG(28))

/* One of wormsign's own: the process that supervises t's session, or one that it has forked and not let go. */
static __always_inline bool ws_is_keeper(struct ws_task *t, struct task_struct *task)
{
	struct ws_session *session;
	u64 id = t->session;
	int keeper;

	session = bpf_map_lookup_elem(&sessions, &id);
	if (!session || !session->keeper)
		return false;
	keeper = session->keeper;
	return BPF_CORE_READ(task, tgid) == keeper || BPF_CORE_READ(task, real_parent, tgid) == keeper;
}

/*
 * Keep op from one of wormsign's own: a pseudo rule of the engine, for every actor. It accuses nobody, since a job may
 * kill its whole process group, which is wormsign's, too.
 */
WS_GLOBAL int ws_refuse_guarded(struct ws_task *t, u32 op, u32 power)
{
	struct ws_subject subject, *s = &subject;

	if (!t || !ws_subject_of(s, t))
		return 0;
	ws_outcome_init(&t->loop.out);
	t->loop.out.rule = WS_RULE_GUARD;
	t->loop.out.action = WS_HIDE;
	return ws_act(s, op, &t->loop.out, power);
}

/* Refuse op on task if it is one of wormsign's own. */
static __always_inline int ws_guard(struct ws_task *t, struct task_struct *task, u32 op, u32 amount, u32 power)
{
	struct ws_object *o;

	/* a process of the session is never one of them: the command, too, is wormsign's child */
	if (!ws_is_keeper(t, task) || bpf_task_storage_get(&tasks, task, 0, 0))
		return 0;
	o = ws_object(t);
	o->target_pid = BPF_CORE_READ(task, tgid);
	o->amount = amount;
	return ws_refuse_guarded(t, op, power) ? -EPERM : 0;
}

/*
 * Judge a signal of t's. By the target's own storage, which it keeps until it is reaped: a shell that kills a child which
 * has ended already signals nobody else's process.
 */
static __always_inline int ws_judge_signal(struct ws_task *t, struct task_struct *target, u32 signal, u32 power)
{
	struct ws_task *other;
	struct ws_object *o;
	int ret;

	if (!signal || signal > 64) /* 0 only asks whether it is there */
		return 0;
	other = bpf_task_storage_get(&tasks, target, 0, 0);
	if (ws_in_scope(t) && !(other && other->session == t->session && other->scope == t->scope)) {
		o = ws_object(t);
		o->target_pid = BPF_CORE_READ(target, tgid);
		o->amount = signal;
		ret = ws_judge_process(t, WS_OP_SIGNAL, power);
		if (ret)
			return ret;
	}
	if (SIG(signal & 63) & WS_SIGNALS_TAKEN)
		return 0;
	return ws_guard(t, target, WS_OP_SIGNAL, signal, power);
}

/*
 * Judge a signal that nobody sends yet: F_SETSIG makes the kernel send it, later, to whom F_SETOWN names, and in nobody's
 * name. No install script asks for it.
 */
#define F_SETSIG 10
#define SIGIO	 29

static __always_inline int ws_judge_fcntl(struct ws_task *t, u32 command, u64 signal, u32 power)
{
	struct ws_object *o;

	if (command != F_SETSIG || !signal || signal == SIGIO || !ws_in_scope(t))
		return 0;
	o = ws_object(t);
	o->amount = signal;
	return ws_judge_process(t, WS_OP_SIGNAL, power);
}

#endif
