/* SPDX-License-Identifier: GPL-2.0-only */
/* system.bpf.h - what reaches for the kernel itself: the watch backend's look at the calls, when they begin. */
#ifndef WORMSIGN_SYSTEM_BPF_H
#define WORMSIGN_SYSTEM_BPF_H

#include "guard.bpf.h"
#include "syscalls.h"

#define CLONE_NEWUSER 0x10000000

/* Judge an operation that has no object. What is hidden fails with EPERM here, as where the kernel was built without. */
static __always_inline int ws_judge_system(struct ws_task *t, u32 op, u32 power)
{
	if (!t)
		return 0;
	ws_object(t);
	return ws_judge_process(t, op, power) ? -EPERM : 0;
}

/* watch: one of these calls begins. What it does is done before its caller dies, but a result is never used. */
static __always_inline void ws_enter_system(struct ws_task *t, u32 kind, struct pt_regs *regs)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 flags;

	switch (kind) {
	case WS_SYS_SIGNAL:
		t->pending = WS_OP_SIGNAL; /* judged by its target: watch_signal */
		return;
	case WS_SYS_FCNTL:
		ws_judge_fcntl(t, ws_syscall_arg2(task, regs), ws_syscall_arg3(task, regs), WS_POWER_KILL_BEFORE);
		return;
	case WS_SYS_MOUNT:
		ws_judge_system(t, WS_OP_MOUNT, WS_POWER_KILL_AFTER);
		return;
	case WS_SYS_MODULE:
		ws_judge_system(t, WS_OP_MODULE, WS_POWER_KILL_AFTER);
		return;
	case WS_SYS_BPF:
		ws_judge_system(t, WS_OP_BPF, WS_POWER_KILL_BEFORE);
		return;
	case WS_SYS_URING:
		ws_judge_system(t, WS_OP_IO_URING, WS_POWER_KILL_BEFORE);
		return;
	case WS_SYS_CLONE:
		flags = ws_syscall_arg1(task, regs);
		break;
	case WS_SYS_CLONE3:
		if (bpf_probe_read_user(&flags, sizeof(flags), (void *)ws_syscall_arg1(task, regs)))
			return;
		break;
	default:
		return;
	}
	if (flags & CLONE_NEWUSER)
		ws_judge_system(t, WS_OP_NAMESPACE, WS_POWER_KILL_BEFORE);
}

#endif
