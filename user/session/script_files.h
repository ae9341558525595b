/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * script_files.h - the files that the scripts of a project's package.json name: `node tools/x.js`
 * runs that file as the project's own code, whoever wrote it.
 */
#ifndef WORMSIGN_SCRIPT_FILES_H
#define WORMSIGN_SCRIPT_FILES_H

#include "policy/rule.h"

/* Most files, and most directories of a workspace, that are looked at. */
#define SCRIPT_FILES_MAX 1024
#define SCRIPT_DIRS_MAX	 1024

/*
 * The regular files that exist and that a command line names, seen from dir: each word of it, also
 * behind an "=", as it is, and as node finds a module (x: x.js, x/index.js ...). Not those below a
 * node_modules. Absolute paths are added to *ret; -ENOMEM.
 */
int script_files_of_command(struct strings *ret, const char *dir, const char *command);

/*
 * The same for all scripts in dir/package.json, and in the manifests of the workspace of which it
 * is the root: "workspaces" (npm, yarn, bun), or pnpm-workspace.yaml. What cannot be read names
 * none.
 */
int script_files_of_project(struct strings *ret, const char *dir);

#endif
