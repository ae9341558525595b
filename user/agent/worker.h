/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * worker.h - the process that serves one client, or one recognised job (job_watch.h): it takes the
 * command in, supervises the session, and hands the session's records on. Forked by the agent, it
 * shares the agent's instance of the kernel side. It decides by what the kernel says, not by what
 * the client says, and opens files of the user only with his rights; what blocks or fails there
 * hits this session alone. If it dies, the agent ends the session; if the agent dies, it does so
 * itself.
 */
#ifndef WORMSIGN_WORKER_H
#define WORMSIGN_WORKER_H

#include "agent/admit.h"
#include "agent/config.h"
#include "agent/recognise.h"
#include "agent/share.h"
#include "kernel/loader.h"
#include "policy/op_coverage.h"
#include "policy/ruleset.h"
#include "policy/tables.h"
#include "session/cgroup.h"

struct worker {			      /* borrowed, all of it */
	const struct recognised *job; /* it serves this job; NULL: a client */
	const struct config *config;
	struct loader *loader;
	const struct tables *tables;
	const struct ruleset *rules;
	const char *rules_dirs;
	struct op_coverage power;
	const char *not_admitted; /* why scripts are not held; NULL: they are */
	const char *files_open;	  /* why none of their opens is refused; NULL: some are */
	const char *calls_open;	  /* ... and of their other calls, before they begin */
	int rules_image;	  /* descriptor of a sealed ruleset_image() */
	int session_log;	  /* index of the rule `session-log`; negative: it is not loaded */
	struct peer *peer;
	int client;		   /* socket to the client; -1: none */
	int feed;		   /* see feed.h */
	struct ws_session session; /* begun without places */
	const struct cgroup *cgroup;
	const struct share *share; /* what the session may take of tables */
};

/* Serve the client or the job, then exit. All of the session is dead then, unless this process was
 * killed. */
void __attribute__((noreturn)) worker_serve(struct worker *w);

#endif
