/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tasks.h - the living processes of a session, held by descriptors so that a signal reaches no
 * other process: each pid was opened, and after that found again in the kernel's list with the same
 * start time.
 */
#ifndef WORMSIGN_TASKS_H
#define WORMSIGN_TASKS_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel/loader.h"
#include "session/pid_namespace.h"

struct task {
	struct loader_task task;
	int pidfd;
};

struct task_list {
	struct task *at;
	size_t count, room;
};

/* List those of session, or only those of them that are condemned. Free with tasks_free(). */
int tasks_list(struct loader *l, uint64_t session, bool condemned, struct task_list *ret);
void tasks_free(struct task_list *l);

/*
 * Send SIGKILL to every condemned process of session but those that are ending by themselves, or to
 * all of session. Returns how many such processes live, or -errno.
 */
int tasks_kill(struct loader *l, uint64_t session, bool all);

#endif
