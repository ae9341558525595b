/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ruleset.h - rules as people write them: read from JSON files, checked whole, kept in memory.
 * One bad rule fails the load (never a smaller set); the error names file, line where known, and
 * JSON pointer.
 */
#ifndef WORMSIGN_RULESET_H
#define WORMSIGN_RULESET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "policy.h"

struct strings { /* a list of owned strings */
	char **at;
	size_t count;
};

struct rule {
	char *id, *family, *file; /* file: as given, for messages */
	char *title, *why, *remedy;
	enum ws_severity severity;
	enum ws_action action;
	uint32_t ops;					  /* bit per enum ws_op */
	uint32_t actors;				  /* bit per enum ws_actor */
	uint32_t places;				  /* bit per enum ws_place; 0: any */
	struct strings path, exe, argv, package, address; /* empty: any */
	struct strings unless_path, unless_exe, unless_package;
	uint32_t unless_places;
	uint32_t http; /* bit per enum ws_http; 0: any */
	uint16_t *ports;
	size_t port_count;
	struct strings after; /* label names, "session:" prefix for anywhere in the session */
	char *label;	      /* set when it fires, or NULL */
	enum ws_count_of count_of;
	uint32_t over, within_ms;
	struct strings attack, references;
	json_t *tests; /* {"fires": [...], "quiet": [...]} or NULL; each entry is checked (trial.h)
			*/
	char *tuned;   /* what overlays changed: "action: kill -> alert, until 2027-01-31 (FILE):
			  REASON", or NULL */
};

struct ruleset {
	struct rule *rules; /* strongest action first; the index is the kernel's rule number */
	size_t count;
	struct strings labels; /* index is the label's bit */
};

/*
 * Load every *.json below each of dirs (subdirectories are families; schema.json is not a rule; a
 * later dir may tune a rule of an earlier one, see rules/README.md). Result is owned by the caller:
 * ruleset_free(). -EINVAL: a rule is wrong; -ENOENT: no rule found; others: I/O.
 */
int ruleset_load(struct ruleset **ret, const char *const *dirs, size_t count, struct error *e);
void ruleset_free(struct ruleset *r);
static inline void ruleset_freep(struct ruleset **r)
{
	ruleset_free(*r);
}

/* The label a condition of `after` waits for, without its "session:"; *ret_session tells whether
 * that was there. */
const char *label_of_condition(const char *condition, bool *ret_session);
/* Bit of a label, -ENOENT. */
int ruleset_label(const struct ruleset *r, const char *label);
/* Rule of that id, or NULL. */
const struct rule *ruleset_find(const struct ruleset *r, const char *id);

/* Names of the enumerations, for JSON and for people ("read", "package", "kill", "high", "home");
 * NULL out of range. */
const char *op_name(unsigned op);
const char *actor_name(unsigned actor);
const char *action_name(unsigned action);
const char *severity_name(unsigned severity);
const char *place_name(unsigned place);
const char *http_name(unsigned method);
/* The other way; negative when there is none of that name. */
int op_from_name(const char *name);
int actor_from_name(const char *name);
int action_from_name(const char *name);
int severity_from_name(const char *name);
int place_from_name(const char *name);
int http_from_name(const char *name);

#endif
