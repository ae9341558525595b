/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * syscalls.h - kinds of system calls that the watch backend judges, and when. User space fills the
 * table `syscalls` with their numbers, from the kernel's headers (user/kernel/syscall_numbers.inc).
 */
#ifndef WORMSIGN_SYSCALLS_H
#define WORMSIGN_SYSCALLS_H

enum ws_syscall {
	WS_SYS_NONE = 0,
	/* judged when they return */
	WS_SYS_OPEN, /* returns a descriptor */
	/* judged in unix.bpf.h, when they begin and when they return */
	WS_SYS_SOCKET,	   /* family in argument 1 */
	WS_SYS_BIND,	   /* descriptor in argument 1 */
	WS_SYS_LISTEN,	   /* the same */
	WS_SYS_CONNECT,	   /* the same */
	WS_SYS_SOCKETCALL, /* 32-bit: number of such a call in argument 1, pointer to its
			      arguments in argument 2 */
	/* judged when they begin: when they return they have accessed the other process */
	WS_SYS_PTRACE,	    /* request, pid */
	WS_SYS_VM,	    /* process_vm_*, move_pages and their like: pid in argument 1 */
	WS_SYS_KCMP,	    /* pid, pid */
	WS_SYS_PERF,	    /* perf_event_open: attributes, pid, cpu, group, flags */
	WS_SYS_PIDFD_READ,  /* pidfd_getfd, process_madvise: pidfd in argument 1 */
	WS_SYS_PIDFD_FREE,  /* process_mrelease: pidfd in argument 1 */
	WS_SYS_PRLIMIT,	    /* pid, resource, new limit or NULL */
	WS_SYS_SCHEDULE,    /* sched_set*: pid in argument 1 */
	WS_SYS_PRIORITY,    /* setpriority: 0 process, 1 group, 2 user; number */
	WS_SYS_IO_PRIORITY, /* ioprio_set: 1 process, 2 group, 3 user; number */
	WS_SYS_OWNER,	    /* of a file's signals, by fcntl or ioctl: 0 process, 1 group; number */
	/* judged when they begin, in system.bpf.h */
	WS_SYS_SIGNAL, /* all that send a signal */
	WS_SYS_FCNTL,  /* descriptor, command, argument */
	WS_SYS_IOCTL,  /* the same */
	WS_SYS_KEY,    /* keyctl: command */
	WS_SYS_MOUNT,  /* all that change mounts */
	WS_SYS_MODULE, /* all that load or remove modules, and kexec */
	WS_SYS_BPF,
	WS_SYS_URING,  /* io_uring_setup */
	WS_SYS_CLONE,  /* flags in argument 1; and unshare */
	WS_SYS_CLONE3, /* flags in the structure that argument 1 points to */
	/* judged in names.bpf.h: by the inodes that change while they run, and the name they create
	 */
	WS_SYS_UNLINK,	  /* path */
	WS_SYS_UNLINKAT,  /* dirfd, path */
	WS_SYS_RENAME,	  /* path, path */
	WS_SYS_RENAMEAT,  /* dirfd, path, dirfd, path */
	WS_SYS_LINK,	  /* path, path */
	WS_SYS_LINKAT,	  /* dirfd, path, dirfd, path */
	WS_SYS_SYMLINK,	  /* target, path */
	WS_SYS_SYMLINKAT, /* target, dirfd, path */
	WS_SYS_TRUNCATE,  /* path */
	WS_SYS_MKDIR,	  /* path */
	WS_SYS_MKDIRAT,	  /* dirfd, path */
	WS_SYS_MKNOD,	  /* path */
	WS_SYS_MKNODAT,	  /* dirfd, path */
	WS_SYS_CHMOD,	  /* path, mode */
	WS_SYS_CHMODAT,	  /* dirfd, path, mode */
	WS_SYS_FCHMOD,	  /* descriptor, mode */
	WS_SYS_ATTRIBUTE, /* all that change other attributes: owner, times, extended ones */
	WS_SYS_MAX
};

#define WS_SYS_IS_SOCKET(k)  ((k) >= WS_SYS_SOCKET && (k) <= WS_SYS_SOCKETCALL)
#define WS_SYS_IS_PROCESS(k) ((k) >= WS_SYS_PTRACE && (k) <= WS_SYS_OWNER)
#define WS_SYS_IS_SYSTEM(k)  ((k) >= WS_SYS_SIGNAL && (k) <= WS_SYS_CLONE3)
#define WS_SYS_IS_NAME(k)    ((k) >= WS_SYS_UNLINK && (k) < WS_SYS_MAX)

#endif
