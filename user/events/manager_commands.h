/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * manager_commands.h - the commands that reports advise people to run with their package manager.
 * None of them runs a script of a package: each was tried with one whose scripts leave a mark
 * (tests/redteam/M05-remedies.test.sh).
 */
#ifndef WORMSIGN_MANAGER_COMMANDS_H
#define WORMSIGN_MANAGER_COMMANDS_H

#include <stdbool.h>

struct manager_commands {
	const char *name;
	const char *remove, *no_scripts; /* REMOVE NAME... NO_SCRIPTS */
	const char *why;		 /* WHY NAME shows what brings a package in */
	const char *install;		 /* complete, without scripts */
	const char *clean_install;	 /* the same from scratch */
	bool remove_needs_lock;		 /* removing fails without a lockfile */
	/* How to be rid of a package where `remove` and `why` do not say it, NAME for its name.
	   NULL: they do */
	const char *removal;
};

/* manager: index into managers[]; of one that is not known, npm's. yarn_berry: yarn 2 or later. */
const struct manager_commands *manager_commands(unsigned manager, bool yarn_berry);

#endif
