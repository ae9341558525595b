// SPDX-License-Identifier: GPL-2.0-only
/* attend.c - the command's signals, stops and end. */
#include "session/attend.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "session/signals.h"

int attend_prepare(struct attend *a, struct error *e)
{
	int r;

	a->signals = -1;
	r = signals_take(&a->signals, e);
	if (r < 0)
		return r;
	/* Orphans of the session become our children, so that their end can be waited for. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return error_set(e, -errno, "PR_SET_CHILD_SUBREAPER: %s", strerror(errno));
	return 0;
}

static bool on_terminal(void)
{
	_close_ int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	return fd >= 0;
}

/* The command has stopped (Ctrl-Z): stop, too, since the shell waits for us; and when the shell
 * continues us, continue the command. */
static void stop_with_it(struct attend *a, int sig)
{
	struct sigaction to_default = { .sa_handler = SIG_DFL }, before;
	sigset_t one;

	if (!on_terminal()) /* no shell with job control would continue us */
		return;
	if (a->before_stop)
		a->before_stop(a->arg);
	if (sig == SIGSTOP) {
		raise(SIGSTOP);
	} else {
		sigemptyset(&one);
		sigaddset(&one, sig);
		sigaction(sig, &to_default, &before);
		raise(sig);
		sigprocmask(SIG_UNBLOCK, &one, NULL); /* stops here */
		sigprocmask(SIG_BLOCK, &one, NULL);
		sigaction(sig, &before, NULL);
	}
	syscall(SYS_pidfd_send_signal, a->launch->pidfd, SIGCONT, NULL, 0);
}

void attend_reap(struct attend *a)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | __WALL)) > 0) {
		if (pid == a->launch->pid) {
			if (WIFSTOPPED(status)) {
				stop_with_it(a, WSTOPSIG(status));
			} else {
				a->status = status;
				a->ended = true;
			}
		} else if (a->watchdog && pid == a->watchdog->pid && !WIFSTOPPED(status)) {
			a->watchdog->pid = 0;
			a->watchdog_died = true;
		} else if (a->admitter && pid == a->admitter->pid && !WIFSTOPPED(status)) {
			a->admitter->pid = 0;
			a->admitter_died = true;
		}
	}
}

void attend_take(struct attend *a)
{
	struct signalfd_siginfo info;

	while (read(a->signals, &info, sizeof(info)) == sizeof(info)) {
		int sig = info.ssi_signo;

		if (sig == SIGCHLD)
			continue;
		/*
		 * A signal from the kernel (Ctrl-C, a hang-up) went to the whole process group, so
		 * to the command, too. One from a process came to us alone: forward it.
		 */
		if (info.ssi_code > 0) {
			if (sig == SIGINT || sig == SIGQUIT)
				a->terminal_signal = sig;
		} else if (!a->ended) {
			syscall(SYS_pidfd_send_signal, a->launch->pidfd, sig, NULL, 0);
		}
		a->hurry |= a->ended && sig != SIGUSR1 && sig != SIGUSR2;
	}
	attend_reap(a);
}

void attend_free(struct attend *a)
{
	if (a->signals >= 0)
		close(TAKE_FD(a->signals));
}
