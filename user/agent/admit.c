// SPDX-License-Identifier: GPL-2.0-only
/* admit.c - socket options, /proc/self/fdinfo and /proc/PID/status. */
#include "agent/admit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

/* ---- the peer ---- */

static bool has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

int peer_find(struct peer *ret, int socket, struct error *e)
{
	struct ucred c;
	socklen_t len = sizeof(c);
	struct peer p = { .pidfd = -1 };

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &c, &len) < 0)
		return error_set(e, -errno, "SO_PEERCRED: %s", strerror(errno));
	if (c.pid <= 0)
		return error_set(e, -EPERM, "the client is of another pid namespace");
	p = (struct peer){ .pid = c.pid, .uid = c.uid, .gid = c.gid, .pidfd = -1 };
	len = sizeof(p.pidfd);
	if (getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &p.pidfd, &len) < 0)
		p.pidfd = syscall(SYS_pidfd_open, p.pid, 0);
	if (p.pidfd < 0 || has_ended(p.pidfd)) {
		peer_done(&p);
		return error_set(e, -ESRCH, "the client has died");
	}
	*ret = p;
	return 0;
}

void peer_done(struct peer *p)
{
	if (p->pidfd >= 0)
		close(TAKE_FD(p->pidfd));
}

int peer_run_as(struct run_as *ret, const struct peer *p, int socket, struct error *e)
{
	socklen_t len = 65536 * sizeof(gid_t); /* NGROUPS_MAX */
	struct run_as as = { .drop = true, .uid = p->uid, .gid = p->gid };
	struct passwd *user = getpwuid(p->uid);

	as.groups = malloc(len);
	if (as.groups && getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, as.groups, &len) < 0) {
		int err = -errno;

		run_as_free(&as);
		return error_set(e, err, "SO_PEERGROUPS: %s", strerror(-err));
	}
	as.group_count = (int)(len / sizeof(gid_t));
	run_as_name(&as, user);
	if (!as.groups || !as.name) {
		run_as_free(&as);
		return error_set(e, -ENOMEM, "out of memory");
	}
	*ret = as;
	return 0;
}

/* ---- the command ---- */

static int read_file(char *ret, size_t room, const char *path)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, room - 1);

	if (n < 0)
		return -errno;
	ret[n] = 0;
	return 0;
}

/* The rest of the line that begins with name, NULL: none. The name of a process stands in the first
 * line, with its newlines escaped. */
static const char *line_of(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) == 0)
			return line + len;
	}
	return NULL;
}

int admit_parse_status(struct admit_status *ret, const char *text)
{
	static const char *const sets[] = { "CapInh:", "CapPrm:", "CapEff:", "CapAmb:" };
	const char *state = line_of(text, "State:"), *group = line_of(text, "Tgid:"),
		   *pid = line_of(text, "Pid:"), *parent = line_of(text, "PPid:"),
		   *uid = line_of(text, "Uid:"), *gid = line_of(text, "Gid:"),
		   *threads = line_of(text, "Threads:");
	struct admit_status s = { 0 };

	if (!state || !group || !pid || !parent || !uid || !gid || !threads ||
	    sscanf(state, " %c", &s.state) != 1 || sscanf(group, "%d", &s.group) != 1 ||
	    sscanf(pid, "%d", &s.pid) != 1 || sscanf(parent, "%d", &s.parent) != 1 ||
	    sscanf(threads, "%u", &s.threads) != 1 ||
	    sscanf(uid, "%u %u %u %u", &s.uids[0], &s.uids[1], &s.uids[2], &s.uids[3]) != 4 ||
	    sscanf(gid, "%u %u %u %u", &s.gids[0], &s.gids[1], &s.gids[2], &s.gids[3]) != 4)
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		const char *set = line_of(text, sets[i]);

		if (!set)
			return -EBADMSG;
		s.capabilities |= strtoull(set, NULL, 16);
	}
	*ret = s;
	return 0;
}

int admit_check(const struct admit_status *s, const struct peer *p, struct error *e)
{
	if (s->pid == 1 || s->pid != s->group)
		return error_set(e, -EPERM, "the command is pid 1, or a thread");
	if (s->state == 'Z' || s->state == 'X')
		return error_set(e, -EPERM, "the command has died");
	if (s->parent != p->pid)
		return error_set(e, -EPERM, "the command is not a child of the client");
	if (s->threads != 1)
		return error_set(e, -EPERM, "the command has several threads already");
	for (size_t i = 0; i < ARRAY_SIZE(s->uids); i++)
		if (s->uids[i] != p->uid || s->gids[i] != s->gids[0])
			return error_set(
				e, -EPERM,
				"the command's credentials are not all the client's own (a "
				"setuid program?)");
	if (s->gids[0] != p->gid)
		return error_set(e, -EPERM, "the command's group is not the client's");
	if (s->capabilities)
		return error_set(e, -EPERM, "the command has capabilities");
	return 0;
}

/* The pid that a pidfd stands for; -EBADF: it is none, or of a thread. */
static int pid_of(pid_t *ret, int pidfd, struct error *e)
{
	char path[40], text[1024];
	const char *pid, *flags;
	unsigned long flag = 0;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	if (read_file(text, sizeof(text), path) < 0)
		return error_set(e, -EBADF, "the command's descriptor cannot be examined");
	pid = line_of(text, "Pid:");
	flags = line_of(text, "flags:");
	if (!pid || !flags || sscanf(pid, "%d", &n) != 1)
		return error_set(e, -EBADF, "the command's descriptor is not a pidfd");
	flag = strtoul(flags, NULL, 8);
	if (n <= 0)
		return error_set(e, -EPERM, "the command has died");
	if (flag & O_EXCL) /* PIDFD_THREAD */
		return error_set(e, -EBADF, "the command's descriptor is a thread's");
	*ret = n;
	return 0;
}

int admit_command(pid_t *ret, int pidfd, const struct peer *p, struct error *e)
{
	char path[40], text[8192];
	struct admit_status s;
	pid_t pid = 0;
	int err = pid_of(&pid, pidfd, e);

	if (err < 0)
		return err;
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	err = read_file(text, sizeof(text), path);
	err = err ?: admit_parse_status(&s, text);
	if (err < 0)
		return error_set(e, err, "%s cannot be read: %s", path, strerror(-err));
	err = admit_check(&s, p, e);
	if (err < 0)
		return err;
	/* Looked at after /proc: while it lives, its number is no other's. */
	if (has_ended(pidfd) || has_ended(p->pidfd))
		return error_set(e, -EPERM, "the command or the client has died");
	*ret = pid;
	return 0;
}
