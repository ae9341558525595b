/* SPDX-License-Identifier: GPL-2.0-only */
/* signal.bpf.h - judge signals to tasks outside the sender's scope, and to wormsign's own
 * processes. */
#ifndef WORMSIGN_SIGNAL_BPF_H
#define WORMSIGN_SIGNAL_BPF_H

#include "guard.bpf.h"
#include "memory.bpf.h"
#include "syscalls.h"

#define SIGNAL_BIT(name) | 1ull << SIG##name
#define SIGNALS_HARMLESS                                               \
	(0 WS_SIGNALS_TAKEN(SIGNAL_BIT) WS_SIGNALS_BLOCKED(SIGNAL_BIT) \
		 WS_SIGNALS_IGNORED(SIGNAL_BIT))

/*
 * Judge a signal that t sends. The target is known by its task storage, which it keeps until it is
 * reaped: a shell may kill a child that has ended already.
 */
static __always_inline int ws_judge_signal(struct ws_task *t, struct task_struct *target,
					   u32 signal, u32 power)
{
	struct ws_task *other;
	struct ws_object *o;
	int ret;

	if (!signal || signal > 64) /* 0 only asks whether the process exists */
		return 0;
	other = bpf_task_storage_get(&tasks, target, 0, 0);
	if (ws_in_scope(t) &&
	    !(other && other->session == t->session && other->scope == t->scope)) {
		o = ws_new_object(t);
		ws_set_target(o, target);
		o->amount = signal;
		ret = ws_judge_process(t, WS_OP_SIGNAL, power);
		if (ret)
			return ret;
	}
	if (1ull << (signal & 63) & SIGNALS_HARMLESS)
		return 0;
	return ws_guard(t, target, WS_OP_SIGNAL, signal, power);
}

/*
 * What the kernel sends later, without a sender: SIGIO, or the signal that F_SETSIG names, to the
 * process or group that is the file's owner (F_SETOWN, F_SETOWN_EX, and for sockets FIOSETOWN and
 * SIOCSPGRP). Judge the arming: of any other signal, and an owner who is not of the scope.
 */
#define F_SETOWN     8
#define F_SETSIG     10
#define F_SETOWN_EX  15
#define F_OWNER_PGRP 2
#define FIOSETOWN    0x8901
#define SIOCSPGRP    0x8902

static __always_inline int ws_judge_owner(struct ws_task *t, int number)
{
	if (!ws_in_scope(t))
		return 0;
	return ws_begin_process_call(t, WS_SYS_OWNER, number < 0, number < 0 ? -number : number, 0);
}

/* The owner is in memory: an int, or a type and an int. */
static __always_inline int ws_judge_owner_at(struct ws_task *t, u64 address, bool with_type)
{
	int owner[2] = {};

	if (!ws_in_scope(t) ||
	    ws_try(OWNER, bpf_probe_read_user(owner, with_type ? 8 : 4, (void *)address)))
		return 0;
	if (!with_type)
		return ws_judge_owner(t, owner[0]);
	return ws_judge_owner(t, owner[0] == F_OWNER_PGRP ? -owner[1] : owner[1]);
}

static __always_inline int ws_judge_fcntl(struct ws_task *t, u32 command, u64 signal, u32 power)
{
	struct ws_object *o;

	if (command == F_SETOWN)
		return ws_judge_owner(t, (int)signal);
	if (command == F_SETOWN_EX)
		return ws_judge_owner_at(t, signal, true);
	if (command != F_SETSIG || !signal || signal == SIGIO || !ws_in_scope(t))
		return 0;
	o = ws_new_object(t);
	o->amount = signal;
	return ws_judge_process(t, WS_OP_SIGNAL, power);
}

/* x86 and the kernel's generic ABI (include/uapi/asm-generic/ioctls.h, linux/kd.h). */
#define TIOCSTI	  0x5412
#define TIOCLINUX 0x541c
#define TIOCCONS  0x541d
#define KDSKBENT  0x4b47
#define KDSKBSENT 0x4b49

/*
 * Judge a request to a terminal that injects input as if it had been typed, for the shell that
 * called wormsign to read (TIOCSTI, pasting by TIOCLINUX, strings on keys), or that redirects the
 * console's output. Commands of one number on other devices are left alone. No install script has a
 * use for it.
 */
static __always_inline int ws_judge_ioctl(struct ws_task *t, struct file *file, u32 command,
					  u64 arg, u32 power)
{
	struct ws_object *o;

	if (command == FIOSETOWN || command == SIOCSPGRP)
		return ws_judge_owner_at(t, arg, false);
	if (command != TIOCSTI && command != TIOCLINUX && command != TIOCCONS &&
	    command != KDSKBENT && command != KDSKBSENT)
		return 0;
	if (!file || !ws_in_scope(t) || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFCHR)
		return 0;
	o = ws_new_object(t);
	o->amount = WS_TOUCH_TERMINAL;
	return ws_judge_process(t, WS_OP_SIGNAL, power);
}

#endif
