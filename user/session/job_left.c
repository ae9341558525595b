// SPDX-License-Identifier: GPL-2.0-only
/* job_left.c - see job_left.h; from /proc. */
#include "session/job_left.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "session/cgroup_find.h"
#include "session/path_below.h"

#define ROUNDS 100 /* of 10 ms */

struct member {
	pid_t pid, parent;
};

struct members {
	struct member *at;
	size_t count, room;
};

static int text_of(char *ret, size_t room, pid_t pid, const char *name)
{
	char path[64];
	_fclose_ FILE *f = NULL;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	n = fread(ret, 1, room - 1, f);
	ret[n] = '\0';
	return ferror(f) ? -EIO : 0;
}

static bool is_member(pid_t pid, const char *cgroup)
{
	_free_ char *own = NULL;
	char text[8192];

	return text_of(text, sizeof(text), pid, "cgroup") == 0 &&
	       cgroup_find_own(text, &own) == 0 && path_below(own, cgroup);
}

static int add(struct members *m, pid_t pid)
{
	char text[1024], state;
	const char *rest;
	int parent;

	if (text_of(text, sizeof(text), pid, "stat") < 0)
		return 0;	   /* it has ended */
	rest = strrchr(text, ')'); /* the last one: a process may be called ") R 1" */
	if (!rest || sscanf(rest, ") %c %d", &state, &parent) != 2 || strchr("ZX", state))
		return 0;
	if (m->count == m->room) {
		size_t room = m->room ? 2 * m->room : 64;
		struct member *at = reallocarray(m->at, room, sizeof(*at));

		if (!at)
			return -ENOMEM;
		m->at = at;
		m->room = room;
	}
	m->at[m->count++] = (struct member){ pid, (pid_t)parent };
	return 0;
}

static int list(struct members *ret, const char *cgroup)
{
	_closedir_ DIR *d = opendir("/proc");
	const struct dirent *entry;
	int err = 0;

	if (!d)
		return -errno;
	while (err == 0 && (entry = readdir(d))) {
		pid_t pid = (pid_t)atoi(entry->d_name);

		if (pid > 0 && is_member(pid, cgroup))
			err = add(ret, pid);
	}
	return err;
}

/* The first of its ancestors, or itself, whose parent is no member. */
static pid_t top_of(const struct members *m, pid_t pid)
{
	for (size_t steps = 0; steps <= m->count; steps++) {
		size_t i = 0;

		while (i < m->count && m->at[i].pid != pid)
			i++;
		if (i == m->count)
			break;
		for (size_t p = 0; p <= m->count; p++) {
			if (p == m->count)
				return pid;
			if (m->at[p].pid == m->at[i].parent)
				break;
		}
		pid = m->at[i].parent;
	}
	return pid;
}

int job_left_find(struct job_left_list *ret, const char *cgroup)
{
	struct members m = { 0 };
	int err = list(&m, cgroup);
	pid_t ours = top_of(&m, getpid());

	ret->at = err == 0 ? calloc(m.count + 1, sizeof(*ret->at)) : NULL;
	if (err == 0 && !ret->at)
		err = -ENOMEM;
	for (size_t i = 0; err == 0 && i < m.count; i++) {
		struct job_left *left = &ret->at[ret->count];
		char comm[32];

		if (top_of(&m, m.at[i].pid) == ours)
			continue;
		left->pid = m.at[i].pid;
		if (text_of(comm, sizeof(comm), left->pid, "comm") < 0)
			continue;			       /* it has ended */
		comm[strlen(comm) - (comm[0] != '\0')] = '\0'; /* the newline */
		snprintf(left->name, sizeof(left->name), "%.15s", comm);
		ret->count++;
	}
	free(m.at);
	return err;
}

/* By a pidfd: the number may be another's by now, who is no member. */
static void end_one(pid_t pid, const char *cgroup)
{
	_close_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd >= 0 && is_member(pid, cgroup))
		syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
}

int job_left_end(const char *cgroup)
{
	int left = 0;

	for (int round = 0; round < ROUNDS; round++) {
		CLEANUP(job_left_free) struct job_left_list l = { 0 };
		int err = job_left_find(&l, cgroup);

		left = err < 0 ? err : (int)l.count;
		if (left <= 0)
			break;
		for (size_t i = 0; i < l.count; i++)
			end_one(l.at[i].pid, cgroup);
		usleep(10000);
	}
	return left;
}

void job_left_free(struct job_left_list *l)
{
	free(l->at);
	*l = (struct job_left_list){ 0 };
}
