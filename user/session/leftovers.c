// SPDX-License-Identifier: GPL-2.0-only
/* leftovers.c - list them by both means, and name the first. */
#include "session/leftovers.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "events/verdict_text.h"
#include "kernel/sock_listening.h"
#include "sanitize/redact_text.h"
#include "session/tasks.h"

struct report {
	struct leftovers *found;
	leftover_fn each;
	void *arg;
	const struct task_list *known;
};

static void report_one(struct report *r, const struct session_leftover *left)
{
	struct leftovers *l = r->found;
	size_t at = strlen(l->names), room = sizeof(l->names) - at;
	_buf_ struct buf name = BUF_INIT;

	r->each(r->arg, left);
	l->count++;
	redact_comm(&name, left->comm, strnlen(left->comm, sizeof(left->comm)));
	if (room > name.len + sizeof(", "))
		snprintf(l->names + at, room, "%s%s", at ? ", " : "", name.at);
}

/* One of the cgroup; reported unless the kernel's list had it. */
static int report_unlisted(void *arg, pid_t pid)
{
	struct report *r = arg;
	struct session_leftover left = { .pid = pid };
	_close_ int fd = -1;
	char path[64];
	ssize_t n;

	for (size_t i = 0; i < r->known->count; i++)
		if ((pid_t)r->known->at[i].task.pid == pid)
			return 0;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, left.comm, sizeof(left.comm)); /* 15 bytes and a newline */
	left.comm[n > 0 ? n - 1 : 0] = 0;	    /* without the newline */
	report_one(r, &left);
	return 0;
}

void leftovers_report(struct leftovers *l, struct loader *loader, uint64_t session,
		      const struct cgroup *c, leftover_fn each, void *arg)
{
	CLEANUP(tasks_free) struct task_list list = { 0 };
	struct report r = { l, each, arg, &list };
	int sockets;

	tasks_list(loader, session, false, &list); /* stays empty if that fails */
	for (size_t i = 0; i < list.count; i++) {
		const struct loader_task *t = &list.at[i].task;
		struct session_leftover left = { .pid = t->pid,
						 .scope = t->scope,
						 .actor = t->actor,
						 .labels = t->labels,
						 .condemned = t->condemned };

		memcpy(left.comm, t->comm, sizeof(left.comm));
		report_one(&r, &left);
	}
	cgroup_processes(c, report_unlisted, &r);
	sockets = sock_listening(l->listening, LEFTOVERS_SOCKETS, c->id);
	l->sockets = sockets > 0 ? (unsigned)sockets : 0;
}

void leftovers_add_sockets(struct residue *ret, const struct leftovers *l)
{
	for (unsigned i = 0; i < l->sockets && i < LEFTOVERS_SOCKETS; i++) {
		_buf_ struct buf text = BUF_INIT;

		verdict_address(&text, &l->listening[i]);
		if (residue_add(ret, RESIDUE_SOCKET, true, text.at) < 0)
			ret->incomplete = true;
	}
	if (l->sockets > LEFTOVERS_SOCKETS)
		ret->more += l->sockets - LEFTOVERS_SOCKETS;
}
