/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kill_at - ends a process at one of its system calls: `kill_at N SIGNAL PID [OTHER...]`.
 *
 * Counts the calls that PID, and what it forks from now on, begin, and sends SIGNAL to the caller
 * before its N-th is made; if OTHERs are named, to them and to all that is counted, too. Prints
 * "ready" when it counts, then who was at which call; with N 0, at SIGTERM, how many calls it were.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACED_MAX 256

static pid_t traced[TRACED_MAX];
static size_t count;
static volatile sig_atomic_t over;

static void on_term(int sig)
{
	(void)sig;
	over = 1;
}

static void add(pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (traced[i] == pid)
			return;
	if (count < TRACED_MAX)
		traced[count++] = pid;
}

static void say(pid_t pid, const struct __ptrace_syscall_info *at)
{
	char path[40], name[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (f && fgets(name, sizeof(name), f))
		name[strcspn(name, "\n")] = 0;
	printf("%s %llu\n", name, (unsigned long long)at->entry.nr);
}

/* Whether it stands at the beginning of a call. */
static int at_entry(pid_t pid, struct __ptrace_syscall_info *ret)
{
	return ptrace((enum __ptrace_request)PTRACE_GET_SYSCALL_INFO, pid, sizeof(*ret), ret) > 0 &&
	       ret->op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* Let it go on from a stop of this status. */
static void go_on(pid_t pid, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_STOP && sig != SIGTRAP)
		ptrace(PTRACE_LISTEN, pid, 0, 0);
	else
		ptrace(PTRACE_SYSCALL, pid, 0, event || sig == (SIGTRAP | 0x80) ? 0 : (long)sig);
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 3 ? strtoul(argv[1], NULL, 10) : 0, calls = 0;
	int sig = argc > 3 ? atoi(argv[2]) : 0, status, ready = 0;
	pid_t first = argc > 3 ? atoi(argv[3]) : 0, pid;
	struct sigaction term = { .sa_handler = on_term };
	struct __ptrace_syscall_info at;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGTERM, &term, NULL);
	if (!first ||
	    ptrace(PTRACE_SEIZE, first, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			   PTRACE_O_TRACECLONE) < 0 ||
	    ptrace(PTRACE_INTERRUPT, first, 0, 0) < 0) {
		fprintf(stderr, "kill_at: %s\n",
			first ? strerror(errno) : "N SIGNAL PID [OTHER...]");
		return 2;
	}
	while (!over && ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)) {
		if (pid <= 0 || !WIFSTOPPED(status))
			continue;
		add(pid);
		if (WSTOPSIG(status) == (SIGTRAP | 0x80) && at_entry(pid, &at) && ++calls == n) {
			say(pid, &at);
			kill(pid, sig);
			for (int i = 4; i < argc; i++)
				kill(atoi(argv[i]), sig);
			for (size_t i = 0; argc > 4 && i < count; i++)
				kill(traced[i], sig);
			return 0; /* nobody is traced any more */
		}
		go_on(pid, status);
		if (!ready++)
			puts("ready");
	}
	printf("%lu\n", calls);
	return n ? 1 : 0;
}
