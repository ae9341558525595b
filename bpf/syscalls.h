/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * syscalls.h - which system calls the watch backend looks at, and where. Numbers come from the kernel's headers, in
 * user space (user/syscalls.c), which fills the `syscalls` table.
 */
#ifndef WORMSIGN_SYSCALLS_H
#define WORMSIGN_SYSCALLS_H

enum ws_syscall {
	WS_SYS_NONE = 0,
	/* looked at when they return */
	WS_SYS_OPEN,	   /* returns a descriptor of what was opened */
	WS_SYS_CONNECT,	   /* descriptor in argument 1 */
	WS_SYS_SOCKETCALL, /* 32-bit: which call in argument 1, its arguments in memory; any connect is looked for */
	/* looked at when they begin: they hand out another process's memory before they return */
	WS_SYS_PTRACE,	   /* request, pid */
	WS_SYS_VM,	   /* process_vm_readv, process_vm_writev: pid in argument 1 */
	WS_SYS_PIDFD_GETFD,/* pidfd in argument 1 */
	/* looked at when they begin: system.bpf.h */
	WS_SYS_SIGNAL,	   /* whatever sends a signal */
	WS_SYS_FCNTL,	   /* descriptor, command, argument */
	WS_SYS_MOUNT,	   /* whatever changes what is mounted */
	WS_SYS_MODULE,	   /* loads into the kernel, or takes out of it */
	WS_SYS_BPF,
	WS_SYS_URING,	   /* io_uring_setup */
	WS_SYS_CLONE,	   /* flags in argument 1; unshare, too */
	WS_SYS_CLONE3,	   /* flags in the structure that argument 1 points to */
	/* by name only: what they do cannot be refused here, and the name is the caller's string */
	WS_SYS_UNLINK,	   /* path */
	WS_SYS_UNLINKAT,   /* dirfd, path */
	WS_SYS_RENAME,	   /* path, path */
	WS_SYS_RENAMEAT,   /* dirfd, path, dirfd, path */
	WS_SYS_LINK,	   /* path, path */
	WS_SYS_LINKAT,	   /* dirfd, path, dirfd, path */
	WS_SYS_SYMLINK,	   /* target, path */
	WS_SYS_SYMLINKAT,  /* target, dirfd, path */
	WS_SYS_TRUNCATE,   /* path */
	WS_SYS_MKDIR,	   /* path; mknod, too */
	WS_SYS_MKDIRAT,	   /* dirfd, path; mknodat, too */
	WS_SYS_CHMOD,	   /* path */
	WS_SYS_CHMODAT,	   /* dirfd, path */
	WS_SYS_MAX
};

#define WS_SYS_IS_EXIT(k)    ((k) >= WS_SYS_OPEN && (k) <= WS_SYS_SOCKETCALL)
#define WS_SYS_IS_PROCESS(k) ((k) >= WS_SYS_PTRACE && (k) <= WS_SYS_PIDFD_GETFD)
#define WS_SYS_IS_SYSTEM(k)  ((k) >= WS_SYS_SIGNAL && (k) <= WS_SYS_CLONE3)
#define WS_SYS_IS_NAME(k)    ((k) >= WS_SYS_UNLINK && (k) < WS_SYS_MAX)

#endif
