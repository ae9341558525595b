/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * confine.h - give a process that is held at its exec a filter of seccomp(2), though it did not ask
 * for one: it is attached to by ptrace(2), and made to call seccomp() itself before its first
 * instruction. The filter stops calls that call_guard.h answers; it is inherited by all that the
 * process starts, and none can take it off. With it the process gets NO_NEW_PRIVS: programs with
 * set-user-ID do not raise it any more.
 */
#ifndef WORMSIGN_CONFINE_H
#define WORMSIGN_CONFINE_H

#include <linux/filter.h>
#include <stdint.h>
#include <sys/types.h>

/* A process that this thread is attached to. */
struct confine {
	pid_t pid; /* 0: none */
};

/* Why processes cannot be confined here, in words; NULL: they can. */
const char *confine_unavailable(void);

/*
 * Attach to the process, which stands still. It is held by that, too: nobody else can continue it.
 * If this process dies, so does that one. 0 or -errno; -EPERM: somebody traces it already.
 */
int confine_attach(struct confine *ret, pid_t pid);

/*
 * Make it call seccomp() with that filter, and take its listener, which is the caller's to close:
 * *ret_listener, -1: it has inherited such a filter. pidfd: of the process. 0 or -errno; -EBUSY: it
 * has a filter with a listener of somebody else; -ECANCELED: it must not run on, as it has the
 * filter, and nobody has its listener.
 */
int confine_install(struct confine *c, int pidfd, const struct sock_fprog *filter,
		    int *ret_listener);

/* Let it go: it stands still as before, or runs if it was continued, or has died. */
void confine_detach(struct confine *c);

#endif
