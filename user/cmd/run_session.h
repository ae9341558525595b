/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run_session.h - the session of `wormsign run`, alone or by the agent: the order in which its
 * parts are made, run and taken down. Everything that can fail comes before the command is started:
 * it runs watched, or not at all.
 */
#ifndef WORMSIGN_RUN_SESSION_H
#define WORMSIGN_RUN_SESSION_H

#include "agent/client.h"
#include "cmd/run_options.h"
#include "events/session_facts.h"
#include "kernel/loader.h"
#include "kernel/ring.h"
#include "policy/rule_dirs.h"
#include "policy/ruleset.h"
#include "policy/tables.h"
#include "session/admitter.h"
#include "session/cgroup.h"
#include "session/late_looks.h"
#include "session/launch.h"
#include "session/observer.h"
#include "session/made_list.h"
#include "session/places.h"
#include "session/reader.h"
#include "session/residue_look.h"
#include "session/run_as.h"
#include "session/supervise_alone.h"
#include "session/watchdog.h"

/* options, start, as and cwd are set by the caller; the rest begins with RUN_SESSION_INIT. */
struct run_session {
	const struct run_options *options;
	struct launch_start start;
	struct run_as as;
	char *cwd, *log;
	struct rule_dirs dirs;
	struct ruleset *rules;
	struct tables *tables;
	bool by_agent; /* then `client` stands for loader, cgroup, ring and watchdog */
	struct client client;
	struct loader *loader;
	struct cgroup *cgroup;
	struct places places;
	struct ws_session session;
	bool begun;
	struct delivery_feed *feed; /* NULL: events go to the log alone */
	struct observer *observer;
	struct ring *ring;
	struct watchdog watchdog;
	struct admitter admitter;
	const char *not_admitted; /* why scripts are not held; NULL: they are */
	const char *files_open;	  /* see struct withheld */
	const char *calls_open;	  /* the same */
	struct launch launch;
	struct supervise_alone alone;
	struct session_end end;
	struct leftovers leftovers; /* what outlived the command */
	struct reader reader;
	struct residue_look look; /* alone; the agent's client starts one at the end */
	struct residue residue;	  /* what the session has changed for the next */
	struct made_list made;	  /* in this session */
	struct late_looks late;
};

#define RUN_SESSION_INIT                                                              \
	{                                                                             \
		.watchdog = { .pidfd = -1, .pipe = -1 },                              \
		.admitter = { .pidfd = -1, .socket = -1 },                            \
		.launch = { .pidfd = -1, .go = -1, .report = -1 },                    \
		.alone = { .attend = { .signals = -1 } }, .reader = { .socket = -1 }, \
		.client = CLIENT_INIT, .look = RESIDUE_LOOK_INIT,                     \
	}

/* Returns when the command runs: 0, or -errno with e. */
int run_session_start(struct run_session *r, struct error *e);
/* Supervise until nothing of the session lives; then fill r->end. Errors are reported on stderr.
 * Returns 0, or -errno when part of the log could not be written. */
int run_session_end(struct run_session *r);
/* Take down what was made; kills what still lives. Call in any state. */
void run_session_free(struct run_session *r);

#endif
