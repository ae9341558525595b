/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * living.h - the living processes of a session, held so that a signal can reach no other: each pid
 * was opened, and found in the kernel's list (with its start time) once more after that.
 */
#ifndef WORMSIGN_LIVING_H
#define WORMSIGN_LIVING_H

#include <stdbool.h>
#include <stddef.h>

#include "loader.h"

/*
 * The kernel's list holds pids of the first pid namespace. In another one they name other
 * processes, so there the list is empty, and the cgroup alone tells who lives.
 */
bool living_pids_are_global(void);

struct living {
	struct loader_task task;
	int pidfd;
};

struct living_list {
	struct living *at;
	size_t count, room;
};

/* List session's; only those that are condemned, if so wanted. Free with living_free(). */
int living_list(struct loader *l, uint64_t session, bool condemned, struct living_list *ret);
void living_free(struct living_list *l);

/* SIGKILL to every condemned process of session, or to every one. Returns how many there were, or
 * -errno. */
int living_kill(struct loader *l, uint64_t session, bool all);

#endif
