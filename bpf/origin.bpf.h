/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * origin.bpf.h - files that packages wrote, and who runs them. What a package has written, linked
 * or moved outside of its own directory is remembered by identity, until the session ends. A
 * process of the project, the job or a manager that executes such a file, or whose interpreter
 * opens it as a program, is the package's from then on, before it reads a byte.
 */
#ifndef WORMSIGN_ORIGIN_BPF_H
#define WORMSIGN_ORIGIN_BPF_H

#include "lib/path.bpf.h"
#include "lib/subject.bpf.h"

/* Whether what t's process writes is remembered: it runs a package's code. */
static __always_inline bool ws_is_writer(const struct ws_task *t, const struct ws_scope *scope)
{
	return t->actor == WS_ACTOR_PACKAGE ||
	       (t->actor == WS_ACTOR_TOOL && scope && (scope->flags & WS_SCOPE_WRITER));
}

/* Whether what t's process writes is remembered for as long as something is installed: a tool. */
static __always_inline bool ws_is_tool_writer(const struct ws_task *t)
{
	return t->actor == WS_ACTOR_TOOL && (t->flags & WS_T_INSTALL);
}

/* Whether t's process can become a package's by what it runs: packages have written something. */
static __always_inline bool ws_may_be_taken(const struct ws_task *t)
{
	return ws_written_files && t->actor != WS_ACTOR_PACKAGE;
}

/* Whether file, which no writer has opened, gets its content from who opens it now: it is empty,
 * or will be when it is open, and nobody else can write to it. */
static __always_inline bool ws_is_replaced(struct file *file, struct inode *inode)
{
	return (BPF_CORE_READ(file, f_mode) & FMODE_WRITE) &&
	       ((BPF_CORE_READ(file, f_flags) & O_TRUNC) || !BPF_CORE_READ(inode, i_size)) &&
	       BPF_CORE_READ(inode, i_writecount.counter) == 1;
}

/*
 * op on t->object by one of the two has been permitted, or is carried out all the same: remember
 * the file, if t->walk.places says that it lies outside of the package's directory. Returns 0, or
 * -EPERM: there is no room, and a package must not write the file.
 */
int ws_note_origin(struct ws_task *t, u32 op);
/* watch: the same after a rename has moved directory dentry (kernel address). Returns as above. */
int ws_note_moved(struct ws_task *t, u64 dentry);

/* The running task t opens t->object.file. Returns 0. */
int ws_take_at_open(struct ws_task *t);
/* ... has executed one; script: as in ws_find_tool(). Returns 0. */
int ws_take_at_exec(struct ws_task *t, u32 script);
/* All threads of the running task's process become what t is now. Returns 0. */
int ws_take_threads(struct ws_task *t);
/* Set t->opened.name, .code and .data by the name of a struct file (kernel address); .named: argv
 * names it; .first: as what the interpreter is to run. Returns 0. */
int ws_look_at_opened(struct ws_task *t, u64 address);
/* t's process, all of whose threads were taken, has ended. */
int ws_forget_taken(struct ws_task *t);

#endif
