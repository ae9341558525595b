// SPDX-License-Identifier: GPL-2.0-only
/*
 * confine.c - see confine.h. The process calls the kernel from the vDSO's system call instruction,
 * with the filter below its stack; its registers and its mask of signals are restored afterwards.
 */
#include "session/confine.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

/* linux/seccomp.h of 5.19, linux/ptrace.h */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif

#define BELOW_STACK \
	16384 /* beyond what the ABI lets a function use; 128 KB are mapped at an exec */

/* ---- the architecture ---- */

#if defined(__x86_64__)
typedef struct user_regs_struct registers;
static const unsigned char call_instruction[] = { 0x0f, 0x05 };

static uint64_t stack_of(const registers *r)
{
	return r->rsp;
}

static void set_call(registers *r, uint64_t at, long nr, const uint64_t args[3])
{
	r->rip = at;
	r->rax = (uint64_t)nr;
	r->orig_rax = (uint64_t)-1;
	r->rdi = args[0];
	r->rsi = args[1];
	r->rdx = args[2];
	r->r10 = r->r8 = r->r9 = 0;
}

static long result_of(const registers *r)
{
	return (long)r->rax;
}
#elif defined(__aarch64__)
typedef struct user_regs_struct registers;
static const unsigned char call_instruction[] = { 0x01, 0x00, 0x00, 0xd4 };

static uint64_t stack_of(const registers *r)
{
	return r->sp;
}

static void set_call(registers *r, uint64_t at, long nr, const uint64_t args[3])
{
	r->pc = at;
	r->regs[8] = (uint64_t)nr;
	for (int i = 0; i < 6; i++)
		r->regs[i] = i < 3 ? args[i] : 0;
}

static long result_of(const registers *r)
{
	return (long)r->regs[0];
}
#else
#define CONFINE_UNKNOWN_MACHINE 1
typedef struct {
	long none;
} registers;
static const unsigned char call_instruction[] = { 0 };

static uint64_t stack_of(const registers *r)
{
	(void)r;
	return 0;
}

static void set_call(registers *r, uint64_t at, long nr, const uint64_t args[3])
{
	(void)r;
	(void)at;
	(void)nr;
	(void)args;
}

static long result_of(const registers *r)
{
	(void)r;
	return -ENOSYS;
}
#endif

/* Where in the vDSO the instruction is: it is the same text in all processes. 0: not found. */
static uint64_t call_offset(void)
{
	const char *vdso = (const char *)getauxval(AT_SYSINFO_EHDR);
	const Elf64_Ehdr *head = (const Elf64_Ehdr *)vdso;
	const Elf64_Phdr *part;

	if (!vdso || head->e_ident[EI_CLASS] != ELFCLASS64)
		return 0;
	part = (const Elf64_Phdr *)(vdso + head->e_phoff);
	for (unsigned i = 0; i < head->e_phnum; i++) {
		if (part[i].p_type != PT_LOAD || !(part[i].p_flags & PF_X))
			continue;
		for (uint64_t at = sizeof(*head); at + sizeof(call_instruction) <= part[i].p_filesz;
		     at++)
			if (!memcmp(vdso + at, call_instruction, sizeof(call_instruction)))
				return at;
	}
	return 0;
}

const char *confine_unavailable(void)
{
#ifdef CONFINE_UNKNOWN_MACHINE
	return "this build does not know how processes of this machine call the kernel";
#else
	const uint32_t action = SECCOMP_RET_USER_NOTIF;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0)
		return "this kernel's seccomp cannot ask user space (before 5.0)";
	return call_offset() ? NULL : "the kernel's vDSO has no system call instruction";
#endif
}

/* ---- a process ---- */

/* Wait until it stops. Returns its status, or -ESRCH: it has died. */
static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFSTOPPED(status) ? status : -ESRCH;
}

int confine_attach(struct confine *ret, pid_t pid)
{
	int status;

	*ret = (struct confine){ 0 };
	if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD) < 0)
		return -errno;
	ret->pid = pid;
	if (waitpid(pid, &status, __WALL | WNOHANG) == pid && WIFSTOPPED(status))
		return 0;
	/* somebody has continued it, and the kernel side stops it again */
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	status = wait_for(pid);
	if (status < 0) {
		ret->pid = 0;
		return status;
	}
	return 0;
}

void confine_detach(struct confine *c)
{
	/* if it has died, its parent learns that only when this process has */
	if (c->pid && ptrace(PTRACE_DETACH, c->pid, 0, 0) < 0)
		waitpid(c->pid, NULL, __WALL);
	c->pid = 0;
}

/* Stops for other reasons before it is given up. */
#define OTHER_STOPS 16

/*
 * Continue it until it enters a system call or returns from one. -EAGAIN: it stops for something
 * else again and again. So does a process that another session holds, too: that one's kernel side
 * takes each report of a stop for its being continued, and stops it.
 */
static int to_next_stop(pid_t pid)
{
	int status;

	for (int i = 0; i < OTHER_STOPS; i++) {
		if (ptrace(PTRACE_SYSCALL, pid, 0, 0) < 0)
			return -errno;
		status = wait_for(pid);
		if (status < 0)
			return status;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			return 0;
		/* it is to stop for a signal, or because others of its job do: when it was let go
		 */
	}
	return -EAGAIN;
}

struct caller {
	pid_t pid;
	registers saved;
	uint64_t call; /* address of the instruction */
	int memory;
};

static int make_call(const struct caller *c, long nr, const uint64_t args[3], long *ret)
{
	registers now = c->saved;
	struct iovec io = { .iov_base = &now, .iov_len = sizeof(now) };
	int err;

	set_call(&now, c->call, nr, args);
	if (ptrace(PTRACE_SETREGSET, c->pid, NT_PRSTATUS, &io) < 0)
		return -errno;
	err = to_next_stop(c->pid);
	err = err ?: to_next_stop(c->pid);
	if (err < 0)
		return err;
	if (ptrace(PTRACE_GETREGSET, c->pid, NT_PRSTATUS, &io) < 0)
		return -errno;
	*ret = result_of(&now);
	return 0;
}

/* Of the process: the vDSO's address. */
static uint64_t vdso_of(pid_t pid)
{
	Elf64_auxv_t entries[64];
	char path[32];
	_close_ int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, entries, sizeof(entries));
	for (ssize_t i = 0; i < n / (ssize_t)sizeof(*entries); i++)
		if (entries[i].a_type == AT_SYSINFO_EHDR)
			return entries[i].a_un.a_val;
	return 0;
}

static int look_at(struct caller *ret, pid_t pid)
{
	struct iovec io = { .iov_base = &ret->saved, .iov_len = sizeof(ret->saved) };
	unsigned char found[sizeof(call_instruction)];
	uint64_t vdso = vdso_of(pid), at = call_offset();
	char path[32];

	ret->pid = pid;
	ret->call = vdso + at;
	if (!vdso || !at)
		return -ENOSYS;
	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io) < 0)
		return -errno;
	if (io.iov_len != sizeof(ret->saved)) /* a program of another ABI */
		return -ENOEXEC;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	ret->memory = open(path, O_RDWR | O_CLOEXEC);
	if (ret->memory < 0)
		return -errno;
	if (pread(ret->memory, found, sizeof(found), (off_t)ret->call) != sizeof(found) ||
	    memcmp(found, call_instruction, sizeof(found)) != 0)
		return -ENOSYS;
	return 0;
}

/* Write the filter below its stack. Returns its address there. */
static int write_filter(const struct caller *c, const struct sock_fprog *filter, uint64_t *ret)
{
	uint64_t at = (stack_of(&c->saved) - BELOW_STACK) & ~UINT64_C(15);
	size_t len = filter->len * sizeof(*filter->filter);
	struct sock_fprog there = { .len = filter->len };

	there.filter = (struct sock_filter *)(uintptr_t)(at + sizeof(there)); /* its address */
	if (sizeof(there) + len > BELOW_STACK / 2)
		return -E2BIG;
	if (pwrite(c->memory, &there, sizeof(there), (off_t)at) != sizeof(there) ||
	    pwrite(c->memory, filter->filter, len, (off_t)(at + sizeof(there))) != (ssize_t)len)
		return -EFAULT;
	*ret = at;
	return 0;
}

static int install(const struct caller *c, int pidfd, uint64_t filter, int *ret_listener)
{
	const unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
				    SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	long had = 0, r, closed;
	int err;

	err = make_call(c, SYS_prctl, (uint64_t[]){ PR_GET_NO_NEW_PRIVS, 0, 0 }, &had);
	if (err < 0)
		return err;
	err = make_call(c, SYS_prctl, (uint64_t[]){ PR_SET_NO_NEW_PRIVS, 1, 0 }, &r);
	if (err < 0 || r < 0)
		return err ?: (int)r;
	err = make_call(c, SYS_seccomp,
			(uint64_t[]){ SECCOMP_SET_MODE_FILTER,
				      flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, filter },
			&r);
	if (!err && r == -EINVAL)
		err = make_call(c, SYS_seccomp,
				(uint64_t[]){ SECCOMP_SET_MODE_FILTER, flags, filter }, &r);
	if (err < 0)
		return err;
	if (r ==
	    -EBUSY) /* it has inherited a filter with a listener: one of this kind, or another */
		return had == 1 ? 0 : -EBUSY;
	if (r < 0)
		return (int)r;
	*ret_listener = (int)syscall(SYS_pidfd_getfd, pidfd, (int)r, 0);
	/* its own descriptor would let it answer itself */
	err = make_call(c, SYS_close, (uint64_t[]){ (uint64_t)r, 0, 0 }, &closed);
	return err < 0 || closed < 0 || *ret_listener < 0 ? -ECANCELED : 0;
}

int confine_install(struct confine *c, int pidfd, const struct sock_fprog *filter,
		    int *ret_listener)
{
	struct caller caller = { .memory = -1 };
	uint64_t none = ~UINT64_C(0), mask, at;
	struct iovec io = { .iov_base = &caller.saved, .iov_len = sizeof(caller.saved) };
	int err, listener = -1;

	*ret_listener = -1;
	err = look_at(&caller, c->pid);
	if (!err)
		err = write_filter(&caller, filter, &at);
	if (!err && (ptrace(PTRACE_GETSIGMASK, c->pid, sizeof(mask), &mask) < 0 ||
		     ptrace(PTRACE_SETSIGMASK, c->pid, sizeof(none), &none) < 0))
		err = -errno;
	if (!err) {
		err = install(&caller, pidfd, at, &listener);
		if (ptrace(PTRACE_SETREGSET, c->pid, NT_PRSTATUS, &io) < 0 ||
		    ptrace(PTRACE_SETSIGMASK, c->pid, sizeof(mask), &mask) < 0)
			err = -ECANCELED;
	}
	if (caller.memory >= 0)
		close(caller.memory);
	if (err < 0 && listener >= 0)
		close(listener);
	else
		*ret_listener = listener;
	return err;
}
