// SPDX-License-Identifier: GPL-2.0-only
/*
 * watch.bpf.c - the watch backend's dispatch of system calls, seen from tracepoints, where nothing
 * can be refused. An open is judged when it returns, on the kernel's own file behind the
 * descriptor: the caller dies before it can read a byte.
 */
#include "lib/admit.bpf.h"
#include "lib/sweep.bpf.h"
#include "names.bpf.h"
#include "system.bpf.h"
#include "unix.bpf.h"

/*
 * Fast path: a task without BPF task storage is in no session. These hooks see every process of the
 * machine, so test the pointer before any map lookup.
 */
static __always_inline bool ws_untracked(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return bpf_core_field_exists(task->bpf_storage) && !task->bpf_storage;
}

/* enum ws_syscall of the running call. */
static __always_inline u32 ws_kind_of(struct pt_regs *regs, long nr)
{
	u32 index = ws_syscall_index(bpf_get_current_task_btf(), regs, nr), *kind;

	kind = bpf_map_lookup_elem(&syscalls, &index);
	return kind ? *kind : 0;
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(watch_enter, struct pt_regs *regs, long nr)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_subject s;
	struct ws_task *t;
	u32 kind;

	if (ws_untracked())
		return 0;
	if (ws_holding)
		ws_held_runs(ws_self());
	kind = ws_kind_of(regs, nr);
	if (!kind)
		return 0;
	t = ws_self();
	if (!t)
		return 0;
	if (kind == WS_SYS_OPEN) {
		ws_begin_open(t);
		return 0;
	}
	if (ws_may_be_condemned(t) || t->flags & WS_T_HELD) {
		if (!ws_subject_of(&s, t))
			return 0;
		if (ws_look_condemned(&s)) {
			/* what it does all the same is judged, and reported */
			if (WS_SYS_IS_NAME(kind))
				ws_begin_name(t, kind, regs);
			ws_kill_current(t);
			ws_sweep(t);
			return 0;
		}
	}
	if (WS_SYS_IS_SOCKET(kind))
		ws_begin_socket_call(t, kind, regs);
	else if (WS_SYS_IS_SYSTEM(kind))
		ws_begin_system_call(t, kind, regs);
	else if (WS_SYS_IS_NAME(kind))
		ws_begin_name(t, kind, regs);
	else if (WS_SYS_IS_PROCESS(kind))
		ws_begin_process_call(t, kind, ws_syscall_arg1(task, regs),
				      ws_syscall_arg2(task, regs),
				      kind == WS_SYS_PERF ? ws_syscall_arg5(task, regs)
							  : ws_syscall_arg3(task, regs));
	return 0;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(watch_exit, struct pt_regs *regs, long ret)
{
	struct ws_subject s;
	struct ws_task *t;
	u32 kind, op;

	if (ws_untracked())
		return 0;
	t = ws_self();
	if (!t)
		return 0;
	if (ws_holding && ws_is_held(t)) {
		/* its exec returns: had it been continued meanwhile, the stop would be gone */
		ws_try(HOLD, bpf_send_signal(SIGSTOP));
		return 0;
	}
	kind = ws_kind_of(regs, WS_SYSCALL_NR(regs));
	if (!kind) {
		/* before it begins the next one: a signal would not stop that */
		if (t->scope && ws_may_be_condemned(t) && ws_subject_of(&s, t) &&
		    ws_look_condemned(&s)) {
			if (ws_first_of_script(t) != bpf_get_current_pid_tgid() >> 32)
				ws_kill_current(t);
			ws_sweep(t);
		}
		return 0;
	}
	op = t->pending;
	t->pending = 0;
	if (WS_SYS_IS_NAME(kind)) {
		if (!ret && op && op != WS_OP_RENAME && t->new_name)
			ws_end_name(t, op);
		if (!ret && op == WS_OP_RENAME)
			ws_end_moved(t, 0);
		if (!ret && op == WS_OP_UNLINK && t->gone_dir)
			ws_end_gone(t, WS_F_LEXICAL);
	} else if (kind == WS_SYS_OPEN) {
		ws_end_open(t, ret);
	} else if (WS_SYS_IS_SOCKET(kind)) {
		ws_end_socket_call(t, ret);
	}
	if (t->flags & WS_T_DYING)
		ws_sweep(t);
	return 0;
}

char _license[] SEC("license") = "GPL";
