// SPDX-License-Identifier: GPL-2.0-only
/* halted.c - hold by descriptors, and continue what is stopped. */
#include "session/halted.h"

#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "events/process_look.h"
#include "session/pid_namespace.h"

/* /proc gives start times in ticks of 10 ms. */
#define TICK 10000000ULL /* ns */

/* Whether the operation of v, though its caller was killed, may have stopped its target. */
static bool halts(const struct ws_rec_verdict *v)
{
	if (v->head.flags & WS_F_WAS_STOPPED) /* by somebody else, who will continue it */
		return false;
	if (v->op == WS_OP_PTRACE)
		return v->effect == WS_EFFECT_KILLED_BEFORE;
	return v->op == WS_OP_SIGNAL && v->effect == WS_EFFECT_KILLED_AFTER &&
	       (v->amount == SIGSTOP || v->amount == SIGTSTP || v->amount == SIGTTIN ||
		v->amount == SIGTTOU);
}

/*
 * The kernel lets a user stop and trace his own processes only. /proc shows who may trace one: its
 * directory is root's if the process may not be traced by its own user.
 */
static bool may_stop(uint32_t uid, uint32_t pid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%" PRIu32, pid);
	return stat(path, &st) == 0 && (uid == 0 || st.st_uid == (uid_t)uid);
}

static bool is_stopped(uint32_t pid)
{
	char path[32], line[1024];
	_fclose_ FILE *f = NULL;
	const char *p;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	f = fopen(path, "re");
	if (!f || !fgets(line, sizeof(line), f))
		return false;
	p = strrchr(line, ')'); /* the last one: a process may be called ") T" */
	return p && (strncmp(p, ") T", 3) == 0 || strncmp(p, ") t", 3) == 0);
}

void halted_add(struct halted *h, const struct ws_rec_verdict *v)
{
	uint32_t pid = v->target_pid, parent;
	_close_ int pidfd = -1;
	uint64_t started;

	/* in another pid namespace the record's number would name another process */
	if (!halts(v) || pid == 0 || pid > (uint32_t)INT_MAX || h->count == HALTED_MAX ||
	    !pid_namespace_is_first())
		return;
	for (unsigned i = 0; i < h->count; i++)
		if (h->pids[i] == pid)
			return;
	pidfd = syscall(SYS_pidfd_open, (pid_t)pid, 0);
	/* looked at after it was opened: what /proc says is about the process that is held */
	if (pidfd < 0 || process_look_proc(pid, &parent, &started) < 0 ||
	    (v->head.time && started > v->head.time + TICK) || !may_stop(v->head.uid, pid))
		return;
	h->pids[h->count] = pid;
	h->pidfds[h->count++] = TAKE_FD(pidfd);
}

void halted_continue(struct halted *h)
{
	for (unsigned i = 0; i < h->count; i++) {
		/* the pid has not been reused as long as the pidfd takes a signal */
		if (syscall(SYS_pidfd_send_signal, h->pidfds[i], 0, NULL, 0) == 0 &&
		    is_stopped(h->pids[i]))
			syscall(SYS_pidfd_send_signal, h->pidfds[i], SIGCONT, NULL, 0);
		close(h->pidfds[i]);
	}
	h->count = 0;
}
