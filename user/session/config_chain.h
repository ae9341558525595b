/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * config_chain.h - the files in which the package managers and download tools of a process look for
 * credentials: those that its variables name, those in its home, and those in its directory and
 * the directories above, as rules/data/environment.json lists them (classes npmrc and netrc, and
 * of git-config what variables name).
 */
#ifndef WORMSIGN_CONFIG_CHAIN_H
#define WORMSIGN_CONFIG_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/environment.h"
#include "session/config_look.h"

struct config_chain {
	const struct environment_table *table;
	const char *const *homes; /* besides that of the process; NULL-ended, or NULL */
	/* Not NULL: called for each home, and each directory from which it looks upwards. */
	void (*home)(void *arg, const char *dir);
	void (*around)(void *arg, const char *dir);
};

struct config_file {
	int fd; /* a regular file, opened with O_PATH */
	enum config_kind kind;
	bool usual;	  /* the name is one of the table's, not a variable's own */
	const char *name; /* under which it was found ... */
	int dir; /* ... in this directory, opened with O_PATH, if that is the user's own: its owner
		    may put another file in its place; -1: it is not */
};

/* What *f refers to is the caller's. */
typedef void (*config_chain_fn)(void *arg, const struct config_file *f);

/*
 * Call fn for each of these files that is there, as process pid sees it (of this pid namespace; it
 * must not go on meanwhile). environment: its variables, len bytes, each ending with NUL.
 */
void config_chain_each(const struct config_chain *c, uint32_t pid, const char *environment,
		       size_t len, config_chain_fn fn, void *arg);

#endif
