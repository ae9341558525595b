/* SPDX-License-Identifier: GPL-2.0-only */
/* git_dir.h - the repository that a directory belongs to: its work tree, and its git directory
 * where that lies outside of it. */
#ifndef WORMSIGN_GIT_DIR_H
#define WORMSIGN_GIT_DIR_H

#include <stdbool.h>

/*
 * The nearest .git of dir or above it is a file in a linked worktree (`git worktree add`), in a
 * submodule, and after `git clone --separate-git-dir`; it names the repository's directory. Of a
 * worktree, whose index and HEAD lie in COMMON/worktrees/NAME, COMMON is meant. Only what is a git
 * directory counts, and of a worktree only one that names this .git in turn: the file may say
 * anything. dir is an absolute path without links. Returns the path without links, to be freed, or
 * NULL.
 */
char *git_dir_outside(const char *dir);

/* The top of dir's work tree: dir, or the nearest directory above it, whose .git is a git directory
 * or names one, as above. Returns the path, to be freed, or NULL. */
char *git_work_tree(const char *dir);

/* Whether dir is a repository's directory: it has HEAD, objects and refs. */
bool git_dir_is(const char *dir);

#endif
