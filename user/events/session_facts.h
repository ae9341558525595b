/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session_facts.h - what is known of a session beside the kernel's records, as plain data: the
 * first and the last event and the summary are made from it, without the kernel side being there.
 */
#ifndef WORMSIGN_SESSION_FACTS_H
#define WORMSIGN_SESSION_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/exit_status.h"
#include "events/residue.h"
#include "events/withheld.h"
#include "policy/op_coverage.h"
#include "wire.h"

/* The command that is about to be run. Strings may be NULL and are not owned. */
struct session_start {
	char *const *command; /* argv, NULL-ended */
	const char *cwd;
	const char *home, *user; /* of the user it runs as */
	uint32_t uid, gid;
	const char *rules_dirs; /* as messages name them */
};

/* A process that outlived the command. */
struct session_leftover {
	uint32_t pid;
	uint64_t scope; /* 0: none */
	uint32_t actor; /* enum ws_actor; WS_ACTOR_NONE: not known */
	char comm[16];
	uint64_t labels; /* of its package */
	bool condemned;	 /* its package is */
};

/*
 * Whether this counts as an accusation of its package. Outliving the command alone does not:
 * popular packages leave processes for telemetry behind, which are ended and reported. It does if
 * the package has a label (a rule fired on something it did before), or was condemned.
 */
static inline bool leftover_accuses(const struct session_leftover *l)
{
	return l->actor == WS_ACTOR_PACKAGE && (l->labels || l->condemned);
}

/* Verdicts of one rule, script and class that the kernel counted without a record of each. */
struct verdict_repeated {
	uint64_t scope;
	uint32_t actor;	 /* enum ws_actor */
	uint32_t rule;	 /* as in a record */
	uint32_t action; /* enum ws_action */
	uint64_t count;
	const char
		*about; /* what they were about: "~/Documents"; redacted; NULL: different things */
};

/* What user space counted. */
struct session_counts {
	uint64_t processes, execs, scopes, verdicts, alerts, hidden, killed;
	uint64_t shown;	    /* what was to be hidden, and could not be */
	uint64_t unwritten; /* events that could not be written to the log */
	uint64_t folded;    /* events left out of the log as repetitions */
	/* as in session/unjudged.h: "pip install, cargo build", "semver"; NULL: none; not owned */
	const char *unjudged_managers, *unjudged_programs;
	/* verdicts of deny and above that the kernel carried out and whose record never came */
	uint64_t unreported;
	const struct residue *residue; /* not owned; NULL: nobody has looked */
};

/* What is not known, in this session or in later ones, of programs that packages have left. */
struct earlier_facts {
	bool unread;	   /* of those of earlier sessions: nothing */
	bool unsaved;	   /* later sessions will know of nothing ... */
	uint64_t left_out; /* ... of so many files not */
};

/* What is known when the last process has ended. */
struct session_end {
	int status;		    /* the command's wait status */
	int command_status;	    /* its exit status, as a shell says it */
	bool broken;		    /* the watch ended before the command did */
	uint64_t lost[WS_LOST_MAX]; /* records and facts the kernel side lost, by enum ws_lost */
	uint64_t verdicts[WS_ACTION_MAX]; /* carried out, by the kernel's own count */
	uint64_t unseen_tls; /* packages of whose requests over TLS the methods were not seen */
	uint64_t missed;     /* runs of a hook that the kernel skipped (recursion) */
	unsigned long bad_records; /* records that were malformed */
	uint64_t forks;		   /* processes the command and its descendants started */
	uint64_t labels;	   /* of the session, as bits */
	struct op_coverage coverage;
	struct withheld withheld;
	struct earlier_facts earlier;
	/* number of verdicts below deny in each class, by the kernel's own count */
	struct ws_reported *reports; /* owned by whoever fills this */
	size_t report_count;
	struct ws_error errors[16]; /* of BPF helpers; the first of error_count */
	size_t error_count;
};

/*
 * The exit status of the session. First comes a verdict of deny and above (strongest: of those
 * carried out in enforce mode), then a broken watch, then the command's own status. Lost alerts
 * turn a success into STATUS_TROUBLE, but do not replace the command's own failure.
 */
static inline int session_status(const struct session_end *end, enum ws_mode mode,
				 enum ws_action strongest)
{
	if (mode == WS_MODE_ENFORCE && strongest >= WS_DENY)
		return STATUS_VERDICT;
	if (end->broken || (end->lost[WS_LOST_ALERT] && !end->command_status))
		return STATUS_TROUBLE;
	return end->command_status;
}

#endif
