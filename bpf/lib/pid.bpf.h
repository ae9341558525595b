/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pid.bpf.h - the task behind a number or a descriptor that a system call was given. A number is
 * looked up in the caller's own pid namespace, in the table that the kernel itself uses. The
 * results are kernel addresses of objects that live as long as the program runs (RCU).
 */
#ifndef WORMSIGN_PID_BPF_H
#define WORMSIGN_PID_BPF_H

#include "lib/path.bpf.h"
#include "lib/subject.bpf.h"

enum ws_pid_type { WS_PID_TASK = 0, WS_PID_PROCESS, WS_PID_GROUP };

/* include/linux/xarray.h */
#define XA_NODE_MARK  2ul /* in the two lowest bits of a pointer to a node */
#define XA_CHUNK_MASK 63u
#define WS_XA_LEVELS  6 /* of 64 entries each: 32 bits; a pid has at most 22 */

/* The pid object of a number in the running task's pid namespace, NULL: there is none. */
static __always_inline struct pid *ws_pid_of(u32 number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pid_namespace *ns = NULL;
	struct pid *own = BPF_CORE_READ(task, thread_pid); /* a number to the verifier */
	struct xa_node *node;
	u64 entry;
	u32 shift;

	if (!own || !number || number > 0x7fffffff)
		return NULL;
	if (bpf_probe_read_kernel(&ns, sizeof(ns),
				  (void *)own + bpf_core_field_offset(struct pid, numbers) +
					  (u64)BPF_CORE_READ(own, level) *
						  bpf_core_type_size(struct upid) +
					  bpf_core_field_offset(struct upid, ns)) < 0 ||
	    !ns)
		return NULL;
	entry = (u64)BPF_CORE_READ(ns, idr.idr_rt.xa_head);
	for (u32 i = 0; i < WS_XA_LEVELS; i++) {
		if ((entry & 3) != XA_NODE_MARK)
			return NULL;
		node = (struct xa_node *)(entry & ~3ul);
		shift = BPF_CORE_READ(node, shift) & 31;
		if (!i && number >> shift > XA_CHUNK_MASK)
			return NULL; /* more than the whole tree holds */
		if (bpf_probe_read_kernel(
			    &entry, sizeof(entry),
			    (void *)node + bpf_core_field_offset(struct xa_node, slots) +
				    sizeof(void *) * ((number >> shift) & XA_CHUNK_MASK)) < 0)
			return NULL;
		if (!shift)
			return entry & 3 ? NULL : (struct pid *)entry;
	}
	return NULL;
}

/* A task of a pid object, type: enum ws_pid_type; NULL: none is alive. */
static __always_inline struct task_struct *ws_task_of_pid(struct pid *pid, u32 type)
{
	struct hlist_node *link = NULL;

	if (!pid)
		return NULL;
	bpf_probe_read_kernel(&link, sizeof(link),
			      (void *)pid + bpf_core_field_offset(struct pid, tasks) +
				      type * bpf_core_type_size(struct hlist_head));
	if (!link)
		return NULL;
	return (void *)link - bpf_core_field_offset(struct task_struct, pid_links) -
	       type * bpf_core_type_size(struct hlist_node);
}

#define PID_FS_MAGIC 0x50494446

/* The pid object of a pidfd of the running task, NULL: the descriptor is none. */
static __always_inline struct pid *ws_pid_of_fd(u32 fd)
{
	struct file *file = ws_file_of(fd);
	struct inode *inode;
	char name[8] = {};

	if (!file)
		return NULL;
	inode = BPF_CORE_READ(file, f_inode);
	if (BPF_CORE_READ(inode, i_sb, s_magic) == PID_FS_MAGIC) /* since 6.9 */
		return BPF_CORE_READ(inode, i_private);
	ws_try(ANON_INODE,
	       bpf_probe_read_kernel_str(name, sizeof(name),
					 BPF_CORE_READ(file, f_path.dentry, d_name.name)));
	return ws_same(name, "[pidfd]", 7) ? BPF_CORE_READ(file, private_data) : NULL;
}

/* Whether the process of task belongs to t's scope. */
static __always_inline bool ws_is_of_scope(const struct ws_task *t, struct task_struct *task)
{
	u32 tgid = BPF_CORE_READ(task, tgid);
	struct ws_process *p;

	if (tgid == bpf_get_current_pid_tgid() >> 32)
		return true;
	p = bpf_map_lookup_elem(&processes, &tgid);
	return p && p->session == t->session && p->scope == t->scope;
}

#endif
