// SPDX-License-Identifier: GPL-2.0-only
/* absent.c - seize, wait for the stop, change the result, detach. */
#include "session/absent.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

bool absent_begin(pid_t thread)
{
	if (ptrace(PTRACE_SEIZE, thread, 0, 0) < 0)
		return false;
	/* it cannot fail as long as the thread lives, and is seen by absent_end() otherwise */
	ptrace(PTRACE_INTERRUPT, thread, 0, 0);
	return true;
}

/* Where the result of a system call is; NULL: not known (another ABI than ours). */
static unsigned long long *result_of(struct user_regs_struct *regs, size_t size)
{
	if (size != sizeof(*regs))
		return NULL;
#if defined(__x86_64__)
	return (unsigned long long *)&regs->rax;
#elif defined(__aarch64__)
	return (unsigned long long *)&regs->regs[0];
#else
	return NULL;
#endif
}

/*
 * Have the thread make its call again, for /dev/null. It is an ordinary call, with the rights of
 * the thread, and is judged like any other: who changes the path meanwhile gains nothing.
 */
static bool open_null(pid_t thread, struct user_regs_struct *regs)
{
#ifdef __x86_64__
	static const char path[2 * sizeof(long)] = "/dev/null";
	/* below the red zone of 128 bytes */
	unsigned long long at = (regs->rsp - 256) & ~15ULL;
	unsigned long long *argument, flags;
	long words[2];

	switch (regs->orig_rax) {
	case SYS_openat: /* the flags of openat2() are in memory */
		argument = (unsigned long long *)&regs->rsi;
		flags = regs->rdx;
		break;
	case SYS_open:
		argument = (unsigned long long *)&regs->rdi;
		flags = regs->rsi;
		break;
	default:
		return false;
	}
	memcpy(words, path, sizeof(words));
	if ((flags & O_ACCMODE) != O_RDONLY ||
	    ptrace(PTRACE_POKEDATA, thread, (void *)at, (void *)words[0]) < 0 ||
	    ptrace(PTRACE_POKEDATA, thread, (void *)(at + sizeof(long)), (void *)words[1]) < 0)
		return false;
	*argument = at;
	regs->rax = regs->orig_rax;
	regs->orig_rax = (unsigned long long)-1; /* nothing for the kernel to restart */
	regs->rip -= 2;				 /* the instruction is `syscall` */
	return true;
#else
	(void)thread;
	(void)regs;
	return false;
#endif
}

static void change_result(pid_t thread)
{
	struct user_regs_struct regs;
	struct iovec at = { .iov_base = &regs, .iov_len = sizeof(regs) };
	unsigned long long *result;

	if (ptrace(PTRACE_GETREGSET, thread, (void *)(uintptr_t)NT_PRSTATUS, &at) < 0)
		return;
	result = result_of(&regs, at.iov_len);
	if (!result || *result != (unsigned long long)-EPERM)
		return;
	if (!open_null(thread, &regs))
		*result = (unsigned long long)-ENOENT;
	ptrace(PTRACE_SETREGSET, thread, (void *)(uintptr_t)NT_PRSTATUS, &at);
}

void absent_end(pid_t thread)
{
	long signal = 0;
	int status;

	while (waitpid(thread, &status, __WALL) < 0)
		if (errno != EINTR)
			return;
	if (!WIFSTOPPED(status)) /* it was killed */
		return;
	/* a signal that came before: it is delivered now */
	if (status >> 16 != PTRACE_EVENT_STOP)
		signal = WSTOPSIG(status);
	change_result(thread);
	ptrace(PTRACE_DETACH, thread, 0, signal);
}
