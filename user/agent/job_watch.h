/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * job_watch.h - what a worker does for a recognised job beside what it does for a client: find out
 * what the process is told of, write the log, and continue the process once it is watched.
 */
#ifndef WORMSIGN_JOB_WATCH_H
#define WORMSIGN_JOB_WATCH_H

#include <stdbool.h>

#include "agent/recognise.h"
#include "base/error.h"
#include "events/session_facts.h"
#include "kernel/loader.h"
#include "session/late_looks.h"
#include "session/leftovers.h"
#include "session/observer.h"
#include "session/places.h"
#include "session/reader.h"
#include "session/run_as.h"

/* The log of the session whose cgroup is called NAME is DIR/NAME.jsonl: `wormsign ci` finds it by
 * that. */
#define JOB_LOG_DIR "/var/log/wormsign/jobs"

struct job_watch { /* begins all 0 */
	const struct recognised *job;
	struct run_as as;
	struct run_as_files files; /* while files are opened with its rights */
	struct buf argv, environ;
	char **words, **environment;
	char *cwd, *log;
	struct places places;
	struct reader reader;
	struct delivery_feed *feed; /* NULL: no delivery is configured */
	struct knower_here here;    /* of `late` */
	struct late_looks late;
	struct observer *observer;
	bool identified;
	struct buf identity;   /* the environment that says which job it is */
	char **identity_words; /* of it; NULL: none does so far */
	struct residue residue;
	int status; /* of the process, as in wait(2); 0 if no record of its end came */
};

struct job_watch_log {
	const char *dir, *name; /* of the log: DIR/NAME.jsonl */
	bool share;		/* its user may read it */
};

/* Read what the process is told of: its user, argv, environment, directory, and its places. From
 * here on files are opened with its user's rights. -errno with e; job_watch_free() in any case. */
int job_watch_look(struct job_watch *j, const struct recognised *job, struct error *e);

/* Open the log, with own rights again. options lacks what comes of the process. -errno with e. */
int job_watch_observe(struct job_watch *j, struct observer_options *options,
		      const struct job_watch_log *log, struct loader *l, struct error *e);

/* It is watched: continue it. From here on files are opened with its user's rights. -errno with e.
 */
int job_watch_continue(struct job_watch *j, struct error *e);
/* A record of the session: as for an observer. */
void job_watch_record(struct job_watch *j, const struct ws_head *rec);
/* The session has ended: what it has left behind, which is in j->residue then, and the last of the
 * log. Files are opened with own rights again. */
void job_watch_end(struct job_watch *j, struct session_end *end, const struct leftovers *leftovers);
void job_watch_free(struct job_watch *j);

#endif
