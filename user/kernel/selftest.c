// SPDX-License-Identifier: GPL-2.0-only
/* selftest.c - see selftest.h. */
#include "kernel/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "kernel/sessions.h"

/* The child: wait for a byte, then open a file. Async-signal-safe calls only. */
static void __attribute__((noreturn)) child(int go)
{
	char c;

	while (read(go, &c, 1) < 0 && errno == EINTR)
		;
	_exit(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0 ? 1 : 2);
}

int selftest(struct loader *l, struct error *e)
{
	struct ws_session s = { .id = UINT64_MAX, .flags = WS_SESSION_CONDEMNED };
	_close_ int pidfd = -1, to = -1, from = -1;
	int fds[2], err, status = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return error_set(e, -errno, "self-test: %s", strerror(errno));
	from = fds[0];
	to = fds[1];
	err = loader_session_begin(l, &s, -1, e);
	if (err)
		return err;
	pid = fork();
	if (pid < 0) {
		err = -errno;
		loader_session_end(l, s.id);
		return error_set(e, err, "self-test: %s", strerror(-err));
	}
	if (pid == 0)
		child(from);
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	err = pidfd < 0 ? -errno : loader_enter(l, pidfd, s.id);
	if (err)
		kill(pid, SIGKILL);
	else if (write(to, "x", 1) != 1)
		err = -errno;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	loader_session_end(l, s.id);
	if (err)
		return error_set(e, err, "self-test: enter a task: %s", strerror(-err));
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		return error_set(
			e, -EOPNOTSUPP,
			"self-test: the hooks are attached, but a condemned process was not "
			"killed: nothing is enforced here");
	return 0;
}
