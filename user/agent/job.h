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

#include "agent/board.h"
#include "agent/pending.h"
#include "agent/protocol.h"
#include "agent/share.h"
#include "agent/worker.h"
#include "base/error.h"
#include "session/admitter.h"
#include "policy/ruleset.h"
#include "session/cgroup.h"
#include "wire.h"

struct job {
	struct job *next;
	pid_t pid; /* of the worker, then of the process that ends what it has left */
	int pidfd;
	int feed; /* to the worker (feed.h); -1: it has died */
	uint64_t session;
	struct agent_session seen; /* as of the last job_look() */
	int stopper;		   /* who waits for the end that he asked for; -1: nobody */
	struct cgroup *cgroup;
	int first;   /* pidfd of a recognised job's process; -1: a client's session */
	char *claim; /* file that says that this job is ours; NULL: a client's session */
	bool mark_waits, stop_waits; /* the worker is to get that, and its socket was full */
	uint64_t lost[WS_LOST_MAX];
	struct share share;
};

/* A session that has ended, and whose entries are in the tables still. */
struct job_rest {
	struct job_rest *next;
	struct share share;
};

#define JOBS_RECENT 64 /* sessions that are remembered after their end */

struct jobs {
	struct job *first;
	unsigned count;
	unsigned ended;				  /* since the start */
	struct agent_session recent[JOBS_RECENT]; /* of the n-th that ended: [n % JOBS_RECENT] */
	/* closed in the processes that are forked for sessions */
	struct pendings pending;
	int listener, link;
	const struct ruleset *rules; /* borrowed, as the next two */
	struct shares *shares;
	struct job_rest *rests;
	struct board *board;
	struct board_server *slot; /* of this server, there */
};

/* Count a verdict of a rule: `n` times, by the action that was carried out in this mode. */
void jobs_count(struct jobs *jobs, uint32_t rule, unsigned action, enum ws_mode mode, uint64_t n);
/* Begin a session, without places, in a new cgroup below the peer's, and fork its worker. w lacks
 * feed, session and cgroup. 0, or -errno with e: then nothing is left. */
int job_start(struct jobs *jobs, struct worker *w, struct error *e);
/*
 * The same for a recognised job (w->job). dir: one of root's, the same for all servers of this
 * agent: two of them run during a reload, and see the same processes. -EEXIST: another has it.
 */
int job_start_recognised(struct jobs *jobs, struct worker *w, const char *dir, uint64_t started,
			 struct error *e);
/* The tables have nothing of sessions that have ended. */
void jobs_forgotten(struct jobs *jobs);
/* Pass the record on to the worker of its session. */
void jobs_record(struct jobs *jobs, const struct ws_head *rec);
/* Pass on what the admitter did for a script of that session. */
void jobs_admitted(struct jobs *jobs, uint64_t session, const struct admitted *a);
/* Take a message of the worker: true: it asks for a mark. */
bool job_take_feed(struct job *job);
/* Send a mark. */
void job_mark(struct job *job, uint64_t bad_records);
/* Send what found no room before. */
void job_send_again(struct job *job, uint64_t bad_records);
/* Read what the kernel knows of the session into job->seen. */
void job_look(struct job *job, struct loader *l);
/*
 * End the session, since uid, who may be its user or root, has asked for it: all of it is
 * condemned and killed at once. Takes the client, who is answered when no process of it lives.
 * -ENOENT: there is none that uid may end; -EALREADY: somebody else waits for that. Then the client
 * is not taken.
 */
int jobs_stop(struct jobs *jobs, struct loader *l, uint64_t session, uid_t uid, int client);
/* The worker, or its successor, has ended. Frees the job when nothing of the session is left. */
void job_take_end(struct jobs *jobs, struct loader *l, struct job *job);
/* Close all, since the agent ends: each worker ends its session. Waits for them. */
void jobs_abandon(struct jobs *jobs, struct loader *l);

#endif
