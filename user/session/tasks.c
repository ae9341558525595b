// SPDX-License-Identifier: GPL-2.0-only
/* tasks.c - list a session's processes, and end them. */
#include "session/tasks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

struct listing {
	struct task_list *list;
	bool condemned;
};

static int add(void *arg, const struct loader_task *t)
{
	struct listing *l = arg;
	struct task_list *list = l->list;
	int pidfd;

	if (l->condemned && !t->condemned)
		return 0;
	pidfd = syscall(SYS_pidfd_open, t->pid, 0);
	if (pidfd < 0)
		return 0;
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 16;
		struct task *at = reallocarray(list->at, room, sizeof(*at));

		if (!at) {
			close(pidfd);
			return -ENOMEM;
		}
		list->at = at;
		list->room = room;
	}
	list->at[list->count++] = (struct task){ .task = *t, .pidfd = pidfd };
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct task *l = a, *r = b;

	return (l->task.pid > r->task.pid) - (l->task.pid < r->task.pid);
}

/* Of the second listing: mark those that are still there. */
static int confirm(void *arg, const struct loader_task *t)
{
	struct task_list *list = arg;
	struct task key = { .task = *t }, *found;

	found = list->count ? bsearch(&key, list->at, list->count, sizeof(key), compare) : NULL;
	if (found && found->task.started == t->started)
		found->task.session = 0; /* seen twice */
	return 0;
}

int tasks_list(struct loader *l, uint64_t session, bool condemned, struct task_list *ret)
{
	struct task_list list = { 0 };
	struct listing listing = { &list, condemned };
	size_t kept = 0;
	int r;

	*ret = list;
	if (!pid_namespace_is_first())
		return 0;
	r = loader_tasks(l, session, add, &listing);
	if (r >= 0 && list.count) {
		qsort(list.at, list.count, sizeof(*list.at), compare);
		r = loader_tasks(l, session, confirm, &list);
	}
	if (r < 0) {
		tasks_free(&list);
		return r;
	}
	for (size_t i = 0; i < list.count; i++) {
		struct task *p = &list.at[i];
		struct pollfd ended = { .fd = p->pidfd, .events = POLLIN };

		/* A zombie is listed until it is reaped; its descriptor says that it has ended. */
		if (p->task.session != 0 || poll(&ended, 1, 0) == 1) {
			close(p->pidfd);
			continue;
		}
		p->task.session = session;
		list.at[kept++] = *p;
	}
	list.count = kept;
	*ret = list;
	return 0;
}

void tasks_free(struct task_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		close(l->at[i].pidfd);
	free(l->at);
	*l = (struct task_list){ 0 };
}

int tasks_kill(struct loader *l, uint64_t session, bool all)
{
	CLEANUP(tasks_free) struct task_list list = { 0 };
	int r;

	r = tasks_list(l, session, !all, &list);
	if (r < 0)
		return r;
	for (size_t i = 0; i < list.count; i++)
		if (all || !list.at[i].task.ending)
			syscall(SYS_pidfd_send_signal, list.at[i].pidfd, SIGKILL, NULL, 0);
	return list.count;
}
