/* SPDX-License-Identifier: GPL-2.0-only */
/* workspace.h - the root of the workspace (monorepo) that a directory belongs to. */
#ifndef WORMSIGN_WORKSPACE_H
#define WORMSIGN_WORKSPACE_H

/*
 * The nearest directory above dir that says it is the root of a workspace: it has a
 * pnpm-workspace.yaml, or a package.json with "workspaces" (npm, yarn, bun). dir is an absolute
 * path without links. Returns the path, to be freed, or NULL.
 */
char *workspace_root(const char *dir);

#endif
