/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * client.h - `wormsign run` by the agent: begin a session for a command that waits at its gate, and
 * take the session's records until its end. What is done with them is the observer's work, as in a
 * lone `run`.
 */
#ifndef WORMSIGN_CLIENT_H
#define WORMSIGN_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "events/session_facts.h"
#include "policy/ruleset.h"
#include "session/attend.h"
#include "session/knower.h"
#include "session/late_looks.h"
#include "session/leftovers.h"
#include "session/observer.h"
#include "session/places.h"

struct client {	    /* begins with CLIENT_INIT; for reading only, but for the socket */
	int socket; /* of protocol_connect(); owned */
	uint64_t session;
	enum ws_backend backend;
	uint32_t files;	   /* protected by identity */
	uint32_t left_out; /* places that found no room */
	uint32_t refused;  /* places that the agent's configuration does not allow */
	char rules_dirs[512];
	char not_admitted[128]; /* see struct agent_started, as for the next */
	char files_open[128];
	char calls_open[128];
	struct ruleset *rules;	/* owned; for reports and looks: without patterns */
	struct late_looks late; /* sees each record first; set by the caller */
	/* after client_watch() */
	struct leftovers leftovers;
	struct residue residue; /* what the agent has found of it */
	unsigned long bad_records;
	struct ws_reported *reports; /* until they are handed over */
	size_t report_count;
	struct cgroup *cgroup; /* of the session; NULL: it is not seen here */
	bool agent_died;
	bool rest_lives;  /* ... and something of the session lives on */
	uint32_t stopped; /* enum agent_stopped */
};

#define CLIENT_INIT          \
	{                    \
		.socket = -1 \
	}

/* Whether `run` goes by an agent at AGENT_SOCKET: this process is not root's, and it is there. */
bool client_wanted(void);

/*
 * Have the command's process made a member of a new session with these places; those that exist are
 * opened here, with this process's rights. cwd, command: for the events of the agent. -EPERM with
 * e: the agent refuses.
 */
int client_start(struct client *c, const struct launch *l, const struct places *p,
		 enum ws_mode mode, bool tools, int grace_ms, const char *cwd, char *const *command,
		 struct error *e);
/* Tells the agent what looks have found, as long as c is connected. */
struct knower client_knower(struct client *c);
/* Have the session's log protected from the session. -errno with e. */
int client_guard(struct client *c, int log, struct error *e);
/*
 * Attend the command, and hand records to the observer, until the session's end; fills *ret but for
 * the command's status. ret->reports is allocated, and the caller's to free. If the agent dies, or
 * says nothing for a minute beyond grace_ms when the command has ended, what lives is killed, and
 * ret->broken is set.
 */
void client_watch(struct client *c, struct attend *a, struct observer *o, int grace_ms,
		  struct session_end *ret);
void client_free(struct client *c);

#endif
