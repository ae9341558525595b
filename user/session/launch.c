// SPDX-License-Identifier: GPL-2.0-only
/* launch.c - find the program, fork, and exec. */
#include "session/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/exit_status.h"

#define FILES_LEAST 4096

void launch_remember(struct launch_start *ret)
{
	struct sigaction to_default = { .sa_handler = SIG_DFL }, ignore = { .sa_handler = SIG_IGN };
	struct rlimit files;

	sigprocmask(SIG_SETMASK, NULL, &ret->mask);
	getrlimit(RLIMIT_MEMLOCK, &ret->memlock);
	getrlimit(RLIMIT_NOFILE, &ret->files);
	/* a descriptor for each program and table of the kernel side, more than 100, and for each
	 * process of a session that is being ended. A limit below that can be raised by root. */
	files = ret->files;
	if (files.rlim_max < FILES_LEAST)
		files.rlim_max = FILES_LEAST;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0) {
		files = ret->files;
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	ret->umask = umask(077);
	sigaction(SIGCHLD, &to_default, &ret->child);
	sigaction(SIGPIPE, &ignore, &ret->pipe);
	sigaction(SIGXFSZ, &ignore, &ret->size); /* what does not fit is reported */
}

static int status_of(int err)
{
	return err == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXEC;
}

/* 0, or the errno that executing path would give. */
static int check_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOTDIR ? ENOENT : errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
		return EACCES;
	return 0;
}

int launch_find(const char *program, struct error *e)
{
	const char *path = getenv("PATH") ?: "/bin:/usr/bin", *end;
	int found = ENOENT, err;

	if (strchr(program, '/')) {
		err = check_path(program);
		if (err)
			error_set(e, -err, "%s: %s", program, strerror(err));
		return err ? status_of(err) : 0;
	}
	for (; *program; path = end + 1) {
		char full[PATH_MAX];

		end = strchrnul(path, ':');
		if (snprintf(full, sizeof(full), "%.*s%s%s", (int)(end - path), path,
			     end > path ? "/" : "", program) < (int)sizeof(full)) {
			err = check_path(full);
			if (!err)
				return 0;
			/* what is there; not what is in a directory that may not be searched */
			if (err == EACCES && access(full, F_OK) == 0)
				found = EACCES;
		}
		if (!*end)
			break;
	}
	if (found == EACCES)
		error_set(e, -found, "%s: %s", program, strerror(found));
	else
		error_set(e, -found, "%s: command not found", program);
	return status_of(found);
}

/* What the child sends when it could not become the command. */
struct report {
	int err;
	bool becoming; /* the user, not the program */
};

static void give_back_start(const struct launch_start *start)
{
	setrlimit(RLIMIT_MEMLOCK, &start->memlock);
	setrlimit(RLIMIT_NOFILE, &start->files);
	umask(start->umask);
	sigaction(SIGCHLD, &start->child, NULL);
	sigaction(SIGPIPE, &start->pipe, NULL);
	sigaction(SIGXFSZ, &start->size, NULL);
}

static void __attribute__((noreturn))
child(int go, int report, char *const *argv, const struct launch_start *start,
      const struct run_as *who)
{
	struct report r = { 0 };
	char byte;
	ssize_t n;

	do
		n = read(go, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1) /* the end was closed: wormsign gave up, or died */
		_exit(STATUS_TROUBLE);
	give_back_start(start);
	r.err = -run_as_become(who);
	if (r.err) {
		r.becoming = true;
	} else {
		sigprocmask(SIG_SETMASK, &start->mask, NULL);
		execvp(argv[0], argv);
		r.err = errno;
	}
	if (write(report, &r, sizeof(r)) != sizeof(r))
		_exit(STATUS_TROUBLE);
	_exit(r.becoming ? STATUS_TROUBLE : status_of(r.err));
}

int launch_fork(struct launch *ret, char *const *argv, const struct launch_start *start,
		const struct run_as *who, struct error *e)
{
	_close_ int go_read = -1, go_write = -1, report_read = -1, report_write = -1;
	int go[2], report[2], pidfd;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) < 0)
		return error_set(e, -errno, "pipe: %s", strerror(errno));
	go_read = go[0];
	go_write = go[1];
	if (pipe2(report, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_set(e, -errno, "pipe: %s", strerror(errno));
	report_read = report[0];
	report_write = report[1];
	pid = fork();
	if (pid < 0)
		return error_set(e, -errno, "fork: %s", strerror(errno));
	if (pid == 0) {
		close(go_write);
		close(report_read);
		child(go_read, report_write, argv, start, who);
	}
	pidfd = syscall(SYS_pidfd_open, pid, 0); /* not reaped yet: pid is still the child's */
	if (pidfd < 0)
		return error_set(e, -errno, "pidfd_open: %s", strerror(errno));
	*ret = (struct launch){
		.pid = pid,
		.pidfd = pidfd,
		.go = TAKE_FD(go_write),
		.report = TAKE_FD(report_read),
	};
	return 0;
}

int launch_go(struct launch *l)
{
	int r = write(l->go, "g", 1) == 1 ? 0 : -errno;

	close(TAKE_FD(l->go));
	return r;
}

int launch_failed(struct launch *l, const char *program, struct error *e)
{
	struct report r;

	if (read(l->report, &r, sizeof(r)) != sizeof(r))
		return 0;
	if (r.becoming) {
		error_set(e, -r.err,
			  "the command could not be given to the user who called sudo: %s",
			  strerror(r.err));
		return STATUS_TROUBLE;
	}
	error_set(e, -r.err, "%s: %s", program, strerror(r.err));
	return status_of(r.err);
}

void launch_free(struct launch *l)
{
	if (l->go >= 0)
		close(TAKE_FD(l->go));
	if (l->report >= 0)
		close(TAKE_FD(l->report));
	if (l->pidfd >= 0)
		close(TAKE_FD(l->pidfd));
}
