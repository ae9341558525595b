/* SPDX-License-Identifier: GPL-2.0-only */
/* dirs.bpf.h - the directories above a file or a directory: whether one is a node_modules, and
 * which package lies in it. */
#ifndef WORMSIGN_DIRS_BPF_H
#define WORMSIGN_DIRS_BPF_H

#include "lib/env.bpf.h"
#include "lib/path.bpf.h"

static __always_inline bool ws_same_id(const struct ws_id *a, const struct ws_id *b)
{
	return b->ino && a->ino == b->ino && a->dev == b->dev;
}

/* Walk up to the root from `d` and `m` of this CPU's scratch->dirs, where `project`, `manager_at`
 * and key.session are set and the rest is zero. Returns 0. */
int ws_find_dirs(void);
/*
 * Set scratch->scope.name from the directories that the walk found below node_modules: "NAME" or
 * "@SCOPE/NAME". Returns 1; 0 if they hold none, and then the name is undefined.
 */
int ws_name_of_dirs(void);

/*
 * Whether a directory (struct dentry *) is above the working directory of the manager that forked
 * the running task: a monorepo's root, when the manager was started in one of its parts. (If the
 * manager has died, the task is a child of init by now, and nothing is above "/".)
 */
int ws_is_above_manager(u64 directory);

/* Whether a file (struct dentry *) lies below the working directory of the process that forked the
 * running task. */
int ws_is_below_parent(u64 file);
/* Where that manager works now; unchanged if it is at the root. Returns 0. */
int ws_manager_is_at(struct ws_id *ret);

/* The directory of that package. */
static __always_inline struct dentry *ws_package_dir(const struct ws_scratch *s)
{
	return s->scope.name[0] == '@' ? s->dirs.name2 : s->dirs.name;
}

#endif
