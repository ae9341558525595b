/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory.bpf.h - judge what is done to another process: access to its memory or descriptors, by
 * ptrace, process_vm_*, kcmp, perf and its files below /proc; and changes of its limits, priority,
 * scheduling and control files, which are judged like signals. What counts is the kernel's task,
 * never the number that the caller gave.
 */
#ifndef WORMSIGN_MEMORY_BPF_H
#define WORMSIGN_MEMORY_BPF_H

#include "judge.bpf.h"
#include "lib/pid.bpf.h"
#include "syscalls.h"

#define PTRACE_ATTACH 16
#define PTRACE_SEIZE  0x4206

#define WS_TASK_STOPPED (4 | 8) /* by a signal, by its tracer: __TASK_STOPPED, __TASK_TRACED */

/* target is what an operation is done to. */
static __always_inline void ws_set_target(struct ws_object *o, struct task_struct *target)
{
	o->target_pid = BPF_CORE_READ(target, tgid);
	if (BPF_CORE_READ(target, __state) & WS_TASK_STOPPED)
		o->flags |= WS_F_WAS_STOPPED;
}

/* Judge the open of t->object.file, below /proc/PID: of one that shows memory or environment, or of
 * any for writing. In memory.bpf.c. */
int ws_judge_proc_open(struct ws_task *t, u32 power);

/* Judge the open of t->object.file, that no name leads to: /proc/PID/fd. In memory.bpf.c. */
int ws_judge_nameless(struct ws_task *t, u32 power);

/* watch: a call that acts on another process begins. kind: enum ws_syscall; one, two: its first
 * arguments; more: the third, of perf_event_open the fifth. In memory.bpf.c. */
int ws_begin_process_call(struct ws_task *t, u32 kind, u32 one, u32 two, u64 more);

#endif
