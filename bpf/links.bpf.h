/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * links.bpf.h - the links by which a package manager makes a package's programs commands
 * (node_modules/.bin/NAME, PREFIX/bin/NAME). Some packages put a native program in the place of
 * their own: such a name is the package's, whatever lies there.
 */
#ifndef WORMSIGN_LINKS_BPF_H
#define WORMSIGN_LINKS_BPF_H

#include "lib/subject.bpf.h"

/*
 * t, a manager's task, creates t->object, a symbolic link. target: address of where it leads to, in
 * user space if in_user is set. Returns 0.
 */
int ws_note_link(struct ws_task *t, u64 target, u32 in_user);

/* Find the package that the path in t->command_link.text leads to: set `from`, 0: it passes no
 * node_modules, and `installed`. The rest of t->command_link must be zero. Returns 0. */
int ws_find_owner(struct ws_task *t);
/* Copy its name, which begins at t->command_link.from, to `owner`. Returns 0. */
int ws_read_owner(struct ws_task *t);

/* Whether t->object's name is such a link to the package of scope, or was one; or a new one beside
 * it that the package makes to replace it. op: enum ws_op. */
int ws_owns_name(struct ws_task *t, struct ws_scope *scope, u32 op);

#endif
