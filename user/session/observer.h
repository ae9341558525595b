/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * observer.h - what a session looked like from user space: takes records as they come, keeps the table of
 * processes and scopes that explains them, writes the session log, tells the terminal, and sums up at the end.
 * It decides nothing: every verdict in a record has been carried out already.
 */
#ifndef WORMSIGN_OBSERVER_H
#define WORMSIGN_OBSERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "loader.h"
#include "ruleset.h"
#include "wire.h"

struct observer;

struct observer_options {
	const struct ruleset *rules; /* outlives the observer */
	uint64_t session;
	enum ws_mode mode;
	enum ws_backend backend;
	const char *log_path; /* NULL: none; the directory must exist */
	bool quiet, verbose;
	char *const *command; /* NULL-ended argv, for the log */
	const char *cwd, *home, *user;
	uint32_t uid, gid;
	int terminal; /* descriptor for blocks and summary: stderr */
	const char *rules_dirs; /* for messages */
};

/* -errno with e when the log cannot be made: then the session is not started (exit 125). */
int observer_open(struct observer **ret, const struct observer_options *o, struct error *e);
void observer_free(struct observer *o);
static inline void observer_freep(struct observer **o)
{
	observer_free(*o);
}

/* A ring_fn; arg is the observer. */
void observer_record(void *arg, const struct ws_head *rec);

/*
 * To be called when all records that are there have been given, now and then: what is still waiting for a record that
 * may never come is told. time: CLOCK_MONOTONIC, ns. Returns after how many ms to call again at the latest, -1: whenever.
 */
int observer_tick(struct observer *o, uint64_t time);

struct observer_leftover {
	uint32_t pid;
	uint64_t scope;
	uint32_t actor;
	char comm[16];
};
/* A process that outlived the command and is about to be killed. A package scope's counts as a verdict (rule "outlive"). */
void observer_leftover(struct observer *o, const struct observer_leftover *l);

struct observer_end {
	int status;		 /* the command's wait status */
	uint64_t lost[WS_LOST_MAX];
	uint64_t missed;	 /* runs of a hook that the kernel skipped (recursion) */
	unsigned long bad_records;
	struct ws_session session; /* last reading of the kernel's record */
	const struct hook_state *hooks;
	size_t hook_count;
};
/* Last record of the log, and the summary. Returns 0, or -errno when part of the log could not be written. */
int observer_finish(struct observer *o, const struct observer_end *end);

/* The strongest verdict carried out so far in enforce mode (audit: WS_ALERT at most). */
enum ws_action observer_strongest(const struct observer *o);

#endif
