/* SPDX-License-Identifier: GPL-2.0-only */
/* status.h - what the agent says of its sessions to who asks for them. */
#ifndef WORMSIGN_STATUS_H
#define WORMSIGN_STATUS_H

#include <sys/types.h>

#include "agent/job.h"
#include "agent/protocol.h"
#include "kernel/loader.h"

/*
 * Send to the client the sessions that uid may see, and this part, of which only the losses and the
 * number of sessions are set here. Never waits: a client that does not take it gets no PART, so
 * that he knows it was not all.
 */
void status_send(int client, uid_t uid, const struct jobs *jobs, struct loader *l,
		 const struct agent_part *part);

#endif
