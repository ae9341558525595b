/* SPDX-License-Identifier: GPL-2.0-only */
/* system.bpf.h - judge operations on the kernel itself; watch: system calls that have no file or
 * address, judged when they begin. */
#ifndef WORMSIGN_SYSTEM_BPF_H
#define WORMSIGN_SYSTEM_BPF_H

#include "signal.bpf.h"
#include "syscalls.h"

#define CLONE_NEWUSER 0x10000000

/* Judge an operation without an object. If it is hidden it fails with EPERM, not ENOENT, as on a
 * kernel built without it. */
static __always_inline int ws_judge_system(struct ws_task *t, u32 op, u32 power)
{
	if (!t)
		return 0;
	ws_new_object(t);
	return ws_judge_process(t, op, power) ? -EPERM : 0;
}

/* Judge the reading of a key that the kernel keeps for the user or the session: as that of memory
 * that is not the package's. Tickets and passwords lie there; no install script has any. */
static __always_inline int ws_judge_key(struct ws_task *t, u32 power)
{
	if (!t || !ws_in_scope(t))
		return 0;
	ws_new_object(t)->amount = WS_MEMORY_KEY;
	return ws_judge_process(t, WS_OP_MEMORY, power) ? -EPERM : 0;
}

/* include/uapi/linux/keyctl.h: what returns the key, or what was made with it. */
static __always_inline bool ws_reads_key(u32 command)
{
	return command == 11 ||			 /* KEYCTL_READ */
	       command == 23 ||			 /* KEYCTL_DH_COMPUTE */
	       (command >= 26 && command <= 27); /* KEYCTL_PKEY_DECRYPT, KEYCTL_PKEY_SIGN */
}

/* watch: such a call begins. It runs to its end before its caller dies, but the caller gets no
 * result. kind: enum ws_syscall. */
static __always_inline void ws_begin_system_call(struct ws_task *t, u32 kind, struct pt_regs *regs)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 flags;

	switch (kind) {
	case WS_SYS_SIGNAL:
		t->pending = WS_OP_SIGNAL; /* judged by its target, in watch_signal */
		return;
	case WS_SYS_FCNTL:
		ws_judge_fcntl(t, ws_syscall_arg2(task, regs), ws_syscall_arg3(task, regs),
			       WS_POWER_KILL_BEFORE);
		return;
	case WS_SYS_IOCTL:
		ws_judge_ioctl(t, ws_file_of(ws_syscall_arg1(task, regs)),
			       ws_syscall_arg2(task, regs), ws_syscall_arg3(task, regs),
			       WS_POWER_KILL_AFTER);
		return;
	case WS_SYS_KEY:
		if (ws_reads_key(ws_syscall_arg1(task, regs)))
			ws_judge_key(t, WS_POWER_KILL_BEFORE);
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
		if (ws_try(CLONE3, bpf_probe_read_user(&flags, sizeof(flags),
						       (void *)ws_syscall_arg1(task, regs))))
			return;
		break;
	default:
		return;
	}
	if (flags & CLONE_NEWUSER)
		ws_judge_system(t, WS_OP_NAMESPACE, WS_POWER_KILL_BEFORE);
}

#endif
