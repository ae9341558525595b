/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * job.h - the agent's side of each session: its record in the kernel, its cgroup, and the worker
 * that serves it. Whatever becomes of the worker, the session is taken down here.
 */
#ifndef WORMSIGN_JOB_H
#define WORMSIGN_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/worker.h"
#include "base/error.h"
#include "session/admitter.h"
#include "session/cgroup.h"
#include "wire.h"

struct job {
	struct job *next;
	pid_t pid; /* of the worker, then of the process that ends what it has left */
	int pidfd;
	int feed; /* to the worker (feed.h); -1: it has died */
	uid_t uid;
	uint64_t session;
	struct cgroup *cgroup;
	bool mark_waits; /* the worker is to get a mark, and its socket was full */
	uint64_t lost[WS_LOST_MAX];
};

struct jobs {
	struct job *first;
	unsigned count;
};

/* How many a user has. */
unsigned jobs_of(const struct jobs *jobs, uid_t uid);
/* Begin a session, without places, in a new cgroup below the peer's, and fork its worker. w lacks
 * feed, session and cgroup. 0, or -errno with e: then nothing is left. */
int job_start(struct jobs *jobs, struct worker *w, struct error *e);
/* Pass the record on to the worker of its session. */
void jobs_record(struct jobs *jobs, const struct ws_head *rec);
/* Pass on what the admitter did for a script of that session. */
void jobs_admitted(struct jobs *jobs, uint64_t session, const struct admitted *a);
/* Send a mark. */
void job_mark(struct job *job, uint64_t bad_records);
/* The worker, or its successor, has ended. Frees the job when nothing of the session is left. */
void job_take_end(struct jobs *jobs, struct loader *l, struct job *job);
/* Close all, since the agent ends: each worker ends its session. Waits for them. */
void jobs_abandon(struct jobs *jobs, struct loader *l);

#endif
