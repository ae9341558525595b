/* SPDX-License-Identifier: GPL-2.0-only */
/* rule.h - one rule as people write it, in memory. */
#ifndef WORMSIGN_RULE_H
#define WORMSIGN_RULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy.h"

struct strings { /* a list of owned strings, and a NULL if it is not empty */
	char **at;
	size_t count;
};

/* Append a copy of text; -ENOMEM. */
int strings_add(struct strings *s, const char *text);
/* Free the strings; s is empty afterwards. */
void strings_done(struct strings *s);

/* Actors (bit per enum ws_actor) that act for a package, or are the project's: rules about them can
 * name packages. */
#define ACTORS_NAMED                                                             \
	(1u << WS_ACTOR_PACKAGE | 1u << WS_ACTOR_PROJECT | 1u << WS_ACTOR_TOOL | \
	 1u << WS_ACTOR_SHELL)

struct rule {
	char *id, *family, *file; /* file: as given, for messages */
	char *title, *why, *remedy;
	enum ws_severity severity;
	enum ws_action action;
	unsigned backend;				  /* enum ws_backend; 0: any */
	uint32_t ops;					  /* bit per enum ws_op */
	uint32_t actors;				  /* bit per enum ws_actor */
	uint32_t places;				  /* bit per enum ws_place; 0: any */
	struct strings path, exe, argv, package, address; /* empty: any */
	struct strings unless_path, unless_new_directory, unless_exe, unless_package;
	uint32_t unless_places;
	struct strings unless_path_of; /* ids of rules whose patterns unless_path has, too */
	uint32_t events;	       /* bit per enum ws_event; 0: any */
	uint32_t http;		       /* bit per enum ws_http; 0: any */
	uint16_t *ports;	       /* host order; none: any */
	size_t port_count;
	struct strings after; /* label names, with "session:" before it: anywhere in the session */
	char *label;	      /* set when it fires, or NULL */
	enum ws_count_of count_of;
	uint32_t over, within_ms;
	struct strings attack, references;
	json_t *tests; /* {"fires": [...], "quiet": [...]} of checked operations (operation.h), or
			* NULL */
	char *tuned;   /* what tunings changed: "action kill -> alert, until 2027-01-31 (FILE):
			* REASON", or NULL */
};

/* Free what r owns; r is empty afterwards. */
void rule_done(struct rule *r);

/* The label that a condition of `after` waits for, without its "session:"; *ret_session: whether
 * that was there. */
const char *label_of_condition(const char *condition, bool *ret_session);

/* Operations (bit per enum ws_op) whose object has a path, or an address. */
uint32_t ops_with_path(void);
uint32_t ops_with_address(void);

#endif
