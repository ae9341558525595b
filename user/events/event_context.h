/* SPDX-License-Identifier: GPL-2.0-only */
/* event_context.h - what all events of one session have in common. */
#ifndef WORMSIGN_EVENT_CONTEXT_H
#define WORMSIGN_EVENT_CONTEXT_H

#include <jansson.h>
#include <stdint.h>

#include "events/process_table.h"
#include "events/scope_table.h"
#include "policy/ruleset.h"
#include "wire.h"

/* Pointers are not owned. */
struct event_context {
	const struct ruleset *rules; /* NULL: none, rules are then unknown */
	const struct process_table *processes;
	struct scope_table *scopes;
	uint64_t session;
	const char *account; /* of event.id, where a session's events are made twice; NULL: "" */
	enum ws_mode mode;
	enum ws_backend backend;
	uint64_t realtime;	    /* what to add to a record's time for ns since the epoch */
	uint64_t sequence;	    /* number of the last event made */
	const char *host, *host_id; /* may be NULL or "" */
	const char *cwd;	    /* where the command was started; NULL: not known */
	const char *command;	    /* the command's line, redacted; NULL: not known */
	const char *user;	    /* name of `uid`; NULL: not known */
	uint32_t uid;		    /* of the user the command runs as */
	json_t *job;		    /* the CI job: part_job(); NULL: not known */
};

#endif
