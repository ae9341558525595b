/* SPDX-License-Identifier: GPL-2.0-only */
/* memory.bpf.h - reaching into another process: by its files below /proc, by ptrace, by process_vm_*, by pidfd_getfd. */
#ifndef WORMSIGN_MEMORY_BPF_H
#define WORMSIGN_MEMORY_BPF_H

#include "judge.bpf.h"

/*
 * Judge access by s to process `pid`. A process's own memory, and that of its own scope (a debugger of one's own
 * child), is nobody's business.
 */
static __always_inline bool ws_in_scope(const struct ws_task *t)
{
	return t->actor == WS_ACTOR_PACKAGE || t->actor == WS_ACTOR_PROJECT;
}

static __always_inline int ws_judge_memory(struct ws_task *t, u32 op, u32 pid, u32 power)
{
	struct ws_object *o;
	struct ws_process *target;

	if (!ws_in_scope(t) || pid == bpf_get_current_pid_tgid() >> 32)
		return 0;
	target = bpf_map_lookup_elem(&processes, &pid);
	if (target && target->session == t->session && target->scope == t->scope)
		return 0;
	o = ws_object(t);
	o->target_pid = pid;
	return ws_judge_process(t, op, power);
}

/* A file was opened: if it shows another process's memory or environment, judge that too. */
static __always_inline int ws_judge_proc_open(struct ws_task *t, struct file *file, u32 power)
{
	struct dentry *d = BPF_CORE_READ(file, f_path.dentry);
	struct task_struct *task;
	struct hlist_node *link;
	struct inode *inode;
	struct pid *pid;
	char name[8] = {};

	if (!ws_in_scope(t))
		return 0;
	inode = BPF_CORE_READ(d, d_inode);
	if (!inode || BPF_CORE_READ(inode, i_sb, s_magic) != PROC_SUPER_MAGIC)
		return 0;
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(d, d_name.name));
	if (!(ws_same(name, "mem", 4) || ws_same(name, "environ", 7) || ws_same(name, "maps", 5)))
		return 0;
	/* the kernel's own pid of this inode, not the number in the path: that is some namespace's */
	pid = BPF_CORE_READ((struct proc_inode *)((void *)inode - bpf_core_field_offset(struct proc_inode, vfs_inode)), pid);
	if (!pid)
		return 0;
	link = BPF_CORE_READ(pid, tasks[0].first);
	if (!link)
		return 0; /* dead: the read gives nothing */
	task = (void *)link - bpf_core_field_offset(struct task_struct, pid_links);
	return ws_judge_memory(t, WS_OP_MEMORY, BPF_CORE_READ(task, tgid), power);
}

#endif
