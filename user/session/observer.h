/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * observer.h - what a session looked like from user space: takes records as they come, keeps the
 * table of processes and scopes that explains them, writes the session log, prints blocks, and
 * sums up at the end. It decides nothing: every verdict in a record has been carried out already.
 */
#ifndef WORMSIGN_OBSERVER_H
#define WORMSIGN_OBSERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "events/residue.h"
#include "events/session_facts.h"
#include "policy/ruleset.h"
#include "session/delivery_feed.h"
#include "session/made_list.h"
#include "session/reader.h"
#include "session/run_as.h"
#include "wire.h"

struct observer;

struct observer_options {
	/* the command's: which CI job it is of; NULL-ended; NULL: not known so far */
	char *const *environment;
	const struct ruleset *rules; /* outlives the observer */
	uint64_t session;
	enum ws_mode mode;
	enum ws_backend backend;
	const char *log_path;	     /* NULL: none; the directory must exist */
	const char *account;	     /* see event_context.h; NULL: the session's own */
	const struct run_as *log_as; /* the log is opened with the rights of this one; NULL: own */
	bool quiet, verbose;
	struct reader *reader; /* answers questions about files; outlives the observer; NULL: none
				*/
	struct made_list
		*made; /* gets what packages created in a home or project; outlives it; or NULL */
	struct session_start start;
	struct delivery_feed
		*feed; /* gets every event, log or not; outlives the observer; NULL: none */
	int terminal;  /* descriptor for blocks and summary: stderr */
};

/* -errno with e when the log cannot be made: then the session is not started (exit 125). */
int observer_open(struct observer **ret, const struct observer_options *o, struct error *e);
void observer_free(struct observer *o);
static inline void observer_freep(struct observer **o)
{
	observer_free(*o);
}

/*
 * From here on events say which CI job this environment is of, if it is one's and no other has been
 * found before: a job cannot change it later. Returns whether it is known now.
 */
bool observer_identify(struct observer *o, char *const *environment);

/* The process of h, which has just executed a program with this environment, is the first of a step
 * of the job, if the environment says which: events of it and its descendants name the step. */
void observer_step(struct observer *o, const struct ws_head *h, char *const *environment);

/* A ring_fn; arg is the observer. */
void observer_record(void *arg, const struct ws_head *rec);

/*
 * Call when no record is waiting: prints blocks that have waited long enough for a record of a
 * death, which may have been lost. time: CLOCK_MONOTONIC, ns. Returns after how many ms to call
 * again at the latest; -1: there is no need.
 */
int observer_tick(struct observer *o, uint64_t time);

/* A process that outlived the command and is about to be killed. A package scope's counts as a
 * verdict (rule "outlive"). */
void observer_leftover(struct observer *o, const struct session_leftover *l);

/* Since when a file has changed during the session: for residue_look_take(). */
uint64_t observer_since(const struct observer *o);
/* What the session has changed: for the log and the summary. Fills in by whom, as far as that is
 * known. r outlives observer_finish(). */
void observer_residue(struct observer *o, struct residue *r);

/* Last record of the log, and the summary. Returns 0, or -errno when part of the log could
 * not be written, or somebody else removed, replaced or changed it (-ESTALE). */
int observer_finish(struct observer *o, const struct session_end *end);
/* For how long an alert has not been put on disk by delivery, if that is to end the session. */
int64_t observer_unsaved_ms(const struct observer *o);
/* What observer_finish() has found wrong with the log, as a sentence; "": nothing. */
const char *observer_log_error(const struct observer *o);

/* The descriptor of the log, -1: none. It stays the observer's. */
int observer_log_fd(const struct observer *o);

/* The strongest verdict carried out so far in enforce mode (audit: WS_ALERT at most); after
 * observer_finish() by the kernel's own count, whether or not the record of it has come. */
enum ws_action observer_strongest(const struct observer *o);

#endif
