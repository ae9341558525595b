// SPDX-License-Identifier: GPL-2.0-only
/* keeper.c - hold on, wait for the main process to say "done" or to die, and in that case end the
 * session. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "living.h"
#include "privilege.h"

/* The main process is gone. Nothing of the session may live, in its cgroup or moved out of it. */
static void end_session(struct loader *l, uint64_t session, const struct cgroup *c)
{
	loader_session_condemn(
		l, session); /* whatever runs until it is killed dies at its next hook */
	for (;;) {
		int living;

		cgroup_kill(c);
		living = living_kill(l, session, true);
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

	setsid(); /* out of reach of the terminal's signals and of kill(-group) */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "wormsign-keeper");
	/* Hold neither the caller's pipes open nor his directory in use. */
	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	if (chdir("/") < 0)
		_exit(1);
	oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (oom >= 0) {
		/* takes CAP_SYS_RESOURCE; without it the main process would notice our death */
		(void)!write(oom, "-1000", 5);
		close(oom);
	}
	privilege_reduce(c->foreign);
	do
		n = read(pipe, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		end_session(l, session, c);
	_exit(0);
}

int keeper_start(struct keeper *ret, struct loader *l, uint64_t session, const struct cgroup *c,
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
	*ret = (struct keeper){
		.pid = pid,
		.pidfd = syscall(SYS_pidfd_open, pid, 0),
		.pipe = TAKE_FD(ours),
	};
	if (ret->pidfd < 0) {
		int err = errno;

		keeper_end(ret);
		return error_set(e, -err, "pidfd_open: %s", strerror(err));
	}
	return 0;
}

void keeper_end(struct keeper *k)
{
	if (!k->pid)
		return;
	/* Should this fail, it is dead, or ends a session that has ended. */
	(void)!write(k->pipe, "d", 1);
	close(k->pipe);
	if (k->pidfd >= 0)
		close(k->pidfd);
	while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*k = (struct keeper){ .pidfd = -1, .pipe = -1 };
}
