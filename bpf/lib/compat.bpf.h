/* SPDX-License-Identifier: GPL-2.0-only */
/* compat.bpf.h - what differs between architectures and kernels, one accessor each. Includes only vmlinux.h. */
#ifndef WORMSIGN_COMPAT_BPF_H
#define WORMSIGN_COMPAT_BPF_H

#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* A subprogram of its own: verified and jitted once a caller, keeps stack and program size small. */
#define WS_SUB static __noinline __attribute__((unused))

/* Verified once, by itself, whoever calls it; one copy is left when the objects are linked. */
#define WS_GLOBAL __weak __noinline

#define EPERM	1
#define ENOENT	2
#define EEXIST	17
#define AF_UNIX	 1
#define AF_INET	 2
#define AF_INET6 10
#define AF_KEY	 15
#define AF_NETLINK 16
#define AF_ALG	 38
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define SIGKILL	 9

/* Flags of file->f_mode; kernel-internal, values stable since they were introduced (include/linux/fs.h). */
#define FMODE_READ	0x1u
#define FMODE_WRITE	0x2u
#define FMODE_PATH	0x4000u
#define FMODE_CREATED	0x100000u
/* Opened by another file system for its own use: overlayfs' second open of one open(2). */
#define FMODE_NOACCOUNT 0x20000000u

#define PROC_SUPER_MAGIC 0x9fa0

#if defined(__TARGET_ARCH_x86)
#define TS_COMPAT 0x2u /* arch/x86/include/asm/thread_info.h: a 32-bit system call is running */
static __always_inline u32 ws_syscall_index(struct task_struct *t, struct pt_regs *regs, long nr)
{
	if (t->thread_info.status & TS_COMPAT)
		return 512 + (nr & 511);
	return nr & 511; /* the x32 bit (1 << 30) falls away: the calls we look at share their numbers, but 512..547 */
}
#define WS_SYSCALL_NR(regs) ((long)(regs)->orig_ax)
static __always_inline unsigned long ws_syscall_arg1(struct task_struct *t, struct pt_regs *regs)
{
	return t->thread_info.status & TS_COMPAT ? (u32)regs->bx : regs->di;
}
static __always_inline unsigned long ws_syscall_arg2(struct task_struct *t, struct pt_regs *regs)
{
	return t->thread_info.status & TS_COMPAT ? (u32)regs->cx : regs->si;
}
static __always_inline unsigned long ws_syscall_arg3(struct task_struct *t, struct pt_regs *regs)
{
	return t->thread_info.status & TS_COMPAT ? (u32)regs->dx : regs->dx;
}
static __always_inline unsigned long ws_syscall_arg4(struct task_struct *t, struct pt_regs *regs)
{
	return t->thread_info.status & TS_COMPAT ? (u32)regs->si : regs->r10;
}
#elif defined(__TARGET_ARCH_arm64)
#define TIF_32BIT 22
static __always_inline u32 ws_syscall_index(struct task_struct *t, struct pt_regs *regs, long nr)
{
	if (t->thread_info.flags & (1UL << TIF_32BIT))
		return 512 + (nr & 511);
	return nr & 511;
}
#define WS_SYSCALL_NR(regs) ((long)(regs)->syscallno)
static __always_inline unsigned long ws_syscall_arg1(struct task_struct *t, struct pt_regs *regs)
{
	return regs->orig_x0;
}
static __always_inline unsigned long ws_syscall_arg2(struct task_struct *t, struct pt_regs *regs)
{
	return regs->regs[1];
}
static __always_inline unsigned long ws_syscall_arg3(struct task_struct *t, struct pt_regs *regs)
{
	return regs->regs[2];
}
static __always_inline unsigned long ws_syscall_arg4(struct task_struct *t, struct pt_regs *regs)
{
	return regs->regs[3];
}
#endif

#endif
