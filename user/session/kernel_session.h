/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_session.h - what the kernel side must know of a session before its command runs, the
 * command's entry, and what the kernel side knows at the end. The same for a lone `run` and for the
 * agent. All return 0, or -errno with e.
 */
#ifndef WORMSIGN_KERNEL_SESSION_H
#define WORMSIGN_KERNEL_SESSION_H

#include "events/session_facts.h"
#include "kernel/loader.h"
#include "policy/ruleset.h"
#include "policy/tables.h"
#include "session/cgroup.h"
#include "session/places.h"
#include "session/protected_files.h"

/* A new record: an id of its own, the cgroup, the rules that are of this backend. */
int kernel_session_new(struct ws_session *ret, const struct ruleset *rules, enum ws_backend backend,
		       const struct cgroup *c, struct error *e);

struct kernel_session_entered {
	size_t files;	 /* that are protected by identity */
	bool files_cut;	 /* not all that the rules name: too many */
	size_t left_out; /* places for which there was no room (WS_PLACES_MAX) */
};

/* Add the places to the record, and enter the protected files that are below them. limit NULL: as
 * many as there are. */
int kernel_session_places(struct ws_session *s, struct loader *l, const struct tables *t,
			  const struct places *p, const struct protected_files_limit *limit,
			  struct kernel_session_entered *ret, struct error *e);

/* Make the process, which has not run any code of the user, a member of the session. pid and pidfd
 * are of the same. */
int kernel_session_enter(struct loader *l, const struct ws_session *s, const struct cgroup *c,
			 pid_t pid, int pidfd, struct error *e);

/* What the instance has lost up to now: of all sessions, since it does not count by session. */
struct kernel_losses {
	uint64_t lost[WS_LOST_MAX], missed;
	struct ws_error errors[16];
	size_t error_count;
};
void kernel_losses_read(struct kernel_losses *ret, struct loader *l);

/* Fill what the kernel side knows: its counters of the session (those of s if the record is gone),
 * and what was lost since `before`. */
void kernel_session_end(struct session_end *ret, struct loader *l, const struct ws_session *s,
			const struct kernel_losses *before);

#endif
