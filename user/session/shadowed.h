/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shadowed.h - programs of packages that run in place of the system's: managers put
 * node_modules/.bin first in PATH, so a dependency's bin called sh, node or git is what the
 * project's scripts run.
 */
#ifndef WORMSIGN_SHADOWED_H
#define WORMSIGN_SHADOWED_H

#include <stdbool.h>

#include "base/buf.h"
#include "wire.h"

/*
 * Whether this exec, by the project, runs a file of a node_modules in place of a program of the
 * system: one that the directories of the standard PATH have (links into a node_modules do not
 * count, nor do those of distributions' packages for node), or node. *ret_name: which one ("sh");
 * *ret_file: the file that was run, a link in .bin or the file itself. Not redacted.
 */
bool shadowed_exec(const struct ws_rec_exec *r, struct buf *ret_name, struct buf *ret_file);

/*
 * Append the package that a file below a node_modules belongs to: "evil", "@acme/evil". link: what
 * file, in a .bin, leads to ("../evil/sh.js"), "": not known. Nothing where that cannot be said.
 */
void shadowed_package(struct buf *out, const char *file, const char *link);

#endif
