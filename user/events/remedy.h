/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * remedy.h - what to do after a verdict, so that its commands can be copied into a shell. The
 * attacker chose the names in them, so a name that a shell could take for more than a word, or a
 * program for an option, is never part of a command. None of the commands runs a script of a
 * package.
 */
#ifndef WORMSIGN_REMEDY_H
#define WORMSIGN_REMEDY_H

#include <time.h>

#include "base/buf.h"
#include "events/dependents.h"
#include "events/manager_commands.h"
#include "events/verdict_rule.h"

/* People read each of these sentences on one line. */
#define REMEDY_MAX 200 /* bytes */

/*
 * Append the remedy with the words PACKAGE, LOG and REINSTALL replaced by the package's name, the
 * log's path, and the command that installs from scratch without scripts. What is NULL or harmful
 * stays as it is.
 */
void remedy_fill(struct buf *out, const char *remedy, const char *package, const char *log,
		 const struct manager_commands *commands);
/* The same, with npm's command. */
void remedy_text(struct buf *out, const char *remedy, const char *package, const char *log);

/*
 * Append how to remove the package, by the project's dependencies that bring it in. d: NULL: they
 * are not known, and how to find them is said. At most REMEDY_MAX bytes.
 */
void remedy_remove(struct buf *out, const char *package, const struct dependents *d,
		   const struct manager_commands *commands);

/*
 * Append the file and the line of JSON (rules/README.md, "Tuning") that permit the same in future:
 * to the package, or to the program exe where the rule has no packages. It expires 90 days after
 * now. Returns false, and appends nothing, if there is none: the engine's verdicts know no
 * exception, and some names cannot be written so. At most REMEDY_MAX bytes.
 */
bool remedy_permit(struct buf *out, const struct verdict_rule *rule, const char *package,
		   const char *exe, time_t now);

#endif
