/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * control.h - ask an agent that runs: about its sessions, for the end of one, or for new rules. The
 * asker's side.
 * Each call connects to the agent at path, and waits until it has answered in full. All return 0,
 * or -errno with e; -ECANCELED: the agent refuses.
 */
#ifndef WORMSIGN_CONTROL_H
#define WORMSIGN_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "agent/protocol.h"
#include "base/error.h"

struct control_status {
	struct agent_part *parts; /* owned */
	size_t part_count;
	struct agent_session *sessions; /* owned; those that run, then those that ended last */
	size_t session_count;
};

/* -EBADMSG: what came is not all. Free *ret only after 0. */
int control_status(struct control_status *ret, const char *path, struct error *e);
void control_status_free(struct control_status *s);

/* End it: after 0 no process of it lives. -ESRCH: there is no such session that this user may end.
 */
int control_stop(const char *path, uint64_t session, struct error *e);
/* Have it read rules and configuration again: new sessions have them after 0; otherwise nothing has
 * changed. Root's. */
int control_reload(const char *path, struct error *e);

#endif
