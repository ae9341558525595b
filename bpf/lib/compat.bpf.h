/* SPDX-License-Identifier: GPL-2.0-only */
/* compat.bpf.h - accessors for what differs between architectures and kernels, and constants that
 * vmlinux.h lacks. */
#ifndef WORMSIGN_COMPAT_BPF_H
#define WORMSIGN_COMPAT_BPF_H

#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/*
 * A subprogram of its own, which keeps stack and program size small: verified for each caller.
 * Every caller must use its result: clang drops a result that is unused, and the verifier refuses
 * what is left in r0 if it happens to be a pointer to the stack.
 */
#define WS_SUB static __noinline __attribute__((unused))

#define EPERM	    1
#define ENOENT	    2
#define EBUSY	    16
#define EEXIST	    17
#define AF_UNIX	    1
#define AF_INET	    2
#define AF_INET6    10
#define AF_KEY	    15
#define AF_NETLINK  16
#define AF_PACKET   17
#define AF_ALG	    38
#define AF_VSOCK    40
#define AF_SMC	    43
#define AF_XDP	    44
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17

/* Numbers of x86 and of the kernel's generic ABI (include/uapi/asm-generic/signal.h). */
#define SIGHUP	 1
#define SIGINT	 2
#define SIGQUIT	 3
#define SIGKILL	 9
#define SIGUSR1	 10
#define SIGUSR2	 12
#define SIGTERM	 15
#define SIGCHLD	 17
#define SIGCONT	 18
#define SIGSTOP	 19
#define SIGTSTP	 20
#define SIGTTIN	 21
#define SIGTTOU	 22
#define SIGURG	 23
#define SIGWINCH 28
#define SIGIO	 29

/* Flags of file->f_mode; kernel-internal, values stable since they were introduced
 * (include/linux/fs.h). */
#define FMODE_READ    0x1u
#define FMODE_WRITE   0x2u
#define FMODE_EXEC    0x20u /* in f_flags: __FMODE_EXEC */
#define FMODE_PATH    0x4000u
#define FMODE_CREATED 0x100000u
/* Opened by another file system for its own use: the second open that overlayfs makes for an
 * open(2). */
#define FMODE_NOACCOUNT 0x20000000u

#define S_IFMT	 0170000
#define S_IFDIR	 0040000
#define S_IFLNK	 0120000
#define S_IFREG	 0100000
#define S_IFIFO	 0010000
#define S_IFCHR	 0020000
#define S_ISUID	 0004000
#define S_ISGID	 0002000
#define S_IXGRP	 0000010
#define S_IFSOCK 0140000

#define O_TRUNC 01000u

/* In i_ctime_nsec, since 6.13: somebody has asked for it. */
#define I_CTIME_QUERIED (1u << 31)

#define PROC_SUPER_MAGIC 0x9fa0

#if defined(__TARGET_ARCH_x86)
#define TS_COMPAT 0x2u /* arch/x86/include/asm/thread_info.h: a 32-bit system call is running */
static __always_inline u32 ws_syscall_index(struct task_struct *t, struct pt_regs *regs, long nr)
{
	if (t->thread_info.status & TS_COMPAT)
		return 512 + (nr & 511);
	return nr & 511; /* without the x32 bit (1 << 30): of the calls in our table, x32 renumbers
			    only some, as 512 to 547 */
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
static __always_inline unsigned long ws_syscall_arg5(struct task_struct *t, struct pt_regs *regs)
{
	return t->thread_info.status & TS_COMPAT ? (u32)regs->di : regs->r8;
}
#elif defined(__TARGET_ARCH_arm64)
#define TIF_32BIT	    22
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
static __always_inline unsigned long ws_syscall_arg5(struct task_struct *t, struct pt_regs *regs)
{
	return regs->regs[4];
}
#endif

#endif
