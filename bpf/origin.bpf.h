/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * origin.bpf.h - files that packages wrote, and who runs them. What a package has written, linked
 * or moved outside of its own directory is remembered by identity, until the session ends. A
 * process of the project, the job or a manager that executes such a file, or whose interpreter
 * opens it as a program, is the package's from then on, before it reads a byte.
 */
#ifndef WORMSIGN_ORIGIN_BPF_H
#define WORMSIGN_ORIGIN_BPF_H

#include "lib/subject.bpf.h"

/* Whether what t's process writes is remembered: it runs a package's code. */
static __always_inline bool ws_is_writer(const struct ws_task *t, const struct ws_scope *scope)
{
	return t->actor == WS_ACTOR_PACKAGE ||
	       (t->actor == WS_ACTOR_TOOL && scope && (scope->flags & WS_SCOPE_WRITER));
}

/* Whether t's process can become a package's by what it runs: packages have written something. */
static __always_inline bool ws_may_be_taken(const struct ws_task *t)
{
	return ws_written_files && t->actor != WS_ACTOR_PACKAGE;
}

/*
 * op on t->object by a writer has been permitted, or is carried out all the same: remember the
 * file, if t->walk.places says that it lies outside of the package's directory. Returns 0, or
 * -EPERM: there is no room, and the file must not be written.
 */
int ws_note_origin(struct ws_task *t, u32 op);
/* watch: the same after a rename has moved directory dentry (kernel address). Returns as above. */
int ws_note_moved(struct ws_task *t, u64 dentry);

/* The running task t opens t->object.file. Returns 0. */
int ws_take_at_open(struct ws_task *t);
/* ... has executed one; script: as in ws_find_tool(). Returns 0. */
int ws_take_at_exec(struct ws_task *t, u32 script);
/* t's process, all of whose threads were taken, has ended. */
int ws_forget_taken(struct ws_task *t);

#endif
