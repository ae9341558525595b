/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call_guard.h - refuses calls of packages that the kernel side can only kill for after they have
 * taken effect (backend watch): those that remove, move, link, make or empty a name, change a mode,
 * mount, load a module, make a user namespace or a ring of io_uring, or type into a terminal. Each
 * script gets a filter of seccomp (confine.h), which stops such a call before it begins. The kernel
 * side is asked what the rules say about it (bpf/ahead.bpf.c), and either the call fails with what
 * the rules say, or it goes on.
 *
 * A call that goes on is judged when it takes effect, as ever: a name can lead elsewhere by then,
 * when another thread changes it. So is what cannot be looked up here.
 */
#ifndef WORMSIGN_CALL_GUARD_H
#define WORMSIGN_CALL_GUARD_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/admission.h"
#include "session/confine.h"
#include "session/run_as.h"

struct call_guard {
	int ready; /* readable when a call waits (epoll); -1: no call is stopped */
	const struct admission *admission;
	struct sock_fprog filter; /* its rows are owned */
	struct seccomp_notif_sizes sizes;
	void *request, *answer; /* of those sizes; owned */
};

/* Why calls cannot be refused here, in words; NULL: they can. */
const char *call_guard_unavailable(const struct loader *l);

/* Returns 0, or -errno: *ret has nothing to release. Closing leaves the scripts whose processes
 * have not all ended, whose calls fail from then on (ENOSYS). */
int call_guard_open(struct call_guard *ret, const struct admission *a);
void call_guard_close(struct call_guard *g);
/*
 * Guard what a process that c is attached to does from now on, with all that it starts. user: its
 * rights; moved, also if this fails. Returns as confine_install().
 */
int call_guard_add(struct call_guard *g, struct confine *c, int pidfd, struct run_as *user);
/* Answer what waits. 0 or -errno: it cannot answer any more. */
int call_guard_answer(struct call_guard *g);

#endif
