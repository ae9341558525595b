/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ruleset.h - the rules read from directories of JSON files, checked as a whole. One bad rule makes
 * loading fail: there is never a smaller set. The error names the file, and the line or the JSON
 * pointer.
 */
#ifndef WORMSIGN_RULESET_H
#define WORMSIGN_RULESET_H

#include <stddef.h>

#include "base/error.h"
#include "policy/environment.h"
#include "policy/names.h"
#include "policy/rule.h"

/* A tuning is reported as expiring from so many days before its last day on. */
#define RULESET_WARN_DAYS 14

struct ruleset {
	struct rule *rules; /* strongest action first; the index is the kernel's rule number */
	size_t count;
	struct strings labels; /* the index is the label's bit */
	/* tunings that were not applied, as they have expired, and those that soon will: a sentence
	 * each, for people */
	struct strings expired, expiring;
	struct strings off;		      /* ids of rules that tunings have taken out */
	struct environment_table environment; /* of all directories */
	char digest[65]; /* SHA-256 of all files that were read, in hexadecimal digits; "": none */
};

/*
 * Load every *.json below each of `count` dirs, except schema.json and the tables in data/ (files
 * with a member `table`). Subdirectories are families; a
 * later directory may tune rules of an earlier one (rules/README.md). *ret is the caller's, to be
 * freed with ruleset_free(). -EINVAL: a rule or tuning is wrong; -ENOENT: no rule found; -E2BIG:
 * too many rules or labels; -ELOOP: too deep; -ENOMEM; others: a file cannot be read.
 */
struct ruleset_rights {
	size_t own; /* the first so many are read with this process's own rights */
	/* called before and after the others are read, to take other rights and give them back;
	 * begin returns 0 or -errno */
	int (*begin)(void *arg);
	void (*end)(void *arg);
	void *arg;
};

int ruleset_load_as(struct ruleset **ret, const char *const *dirs, size_t count,
		    const struct ruleset_rights *rights, struct error *e);
/* The same, with this process's own rights. */
int ruleset_load(struct ruleset **ret, const char *const *dirs, size_t count, struct error *e);
void ruleset_free(struct ruleset *r);
static inline void ruleset_freep(struct ruleset **r)
{
	ruleset_free(*r);
}

/* Bit number of a label, or -ENOENT. */
int ruleset_label(const struct ruleset *r, const char *label);
/*
 * The rules with exactly this path pattern, and those with it in unless.path. For patterns below
 * /wormsign/, which stand for files that a session knows by identity (rules/README.md).
 */
void ruleset_masks(const struct ruleset *r, const char *pattern, struct ws_mask *ret_match,
		   struct ws_mask *ret_except);
/* The rule with that id, or NULL. */
const struct rule *ruleset_find(const struct ruleset *r, const char *id);

#endif
