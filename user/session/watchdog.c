// SPDX-License-Identifier: GPL-2.0-only
/* watchdog.c - wait until the main process says that all is done, or dies; then end the session. */
#include "session/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/sessions.h"
#include "session/tasks.h"
#include "session/capabilities.h"

void watchdog_end_session(struct loader *l, uint64_t session, const struct cgroup *c)
{
	loader_session_condemn(
		l, session); /* whatever runs until it is killed dies at its next hook */
	for (;;) {
		int living;

		cgroup_kill(c);
		living = tasks_kill(l, session, true);
		if (cgroup_wait_empty(c, 20) == 0 && living <= 0)
			break;
	}
	loader_session_end(l, session); /* ends the sockets of what was condemned, too */
	cgroup_remove(c);
}

static void __attribute__((noreturn))
keep(int pipe, struct loader *l, uint64_t session, const struct cgroup *c)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), oom;
	sigset_t all;
	char byte;
	ssize_t n;

	setsid(); /* so that signals from the terminal and from kill(-group) do not reach it */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "wormsign-watchd"); /* a name has at most 15 characters */
	/* do not keep the caller's pipes open, nor his directory busy */
	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	if (chdir("/") < 0)
		_exit(1);
	oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (oom >= 0) {
		/* fails without CAP_SYS_RESOURCE; if we are killed, the main process notices */
		(void)!write(oom, "-1000", 5);
		close(oom);
	}
	capabilities_reduce(c->foreign);
	do
		n = read(pipe, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		watchdog_end_session(l, session, c);
	_exit(0);
}

int watchdog_start(struct watchdog *ret, struct loader *l, uint64_t session, const struct cgroup *c,
		   struct error *e)
{
	_close_ int ours = -1, theirs = -1;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(e, -errno, "pipe: %s", strerror(errno));
	theirs = ends[0];
	ours = ends[1];
	pid = fork();
	if (pid < 0)
		return error_set(e, -errno, "fork: %s", strerror(errno));
	if (pid == 0) {
		close(ours);
		keep(theirs, l, session, c);
	}
	*ret = (struct watchdog){
		.pid = pid,
		.pidfd = syscall(SYS_pidfd_open, pid, 0),
		.pipe = TAKE_FD(ours),
	};
	if (ret->pidfd < 0) {
		int err = errno;

		watchdog_end(ret);
		return error_set(e, -err, "pidfd_open: %s", strerror(err));
	}
	return 0;
}

void watchdog_end(struct watchdog *w)
{
	if (!w->pid)
		return;
	/* If this fails, the watchdog is dead, or ends a session that is over. */
	(void)!write(w->pipe, "d", 1);
	close(w->pipe);
	if (w->pidfd >= 0)
		close(w->pidfd);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*w = (struct watchdog){ .pidfd = -1, .pipe = -1 };
}
