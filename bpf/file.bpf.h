/* SPDX-License-Identifier: GPL-2.0-only */
/* file.bpf.h - judge an open. The backends differ in when they see it: before it returns (deny), or
 * after it has (watch). */
#ifndef WORMSIGN_FILE_BPF_H
#define WORMSIGN_FILE_BPF_H

#include "inside.bpf.h"
#include "lib/event.bpf.h"
#include "lib/opening.bpf.h"
#include "lib/path.bpf.h"
#include "memory.bpf.h"
#include "origin.bpf.h"

/* Judge an open: as access to another process's memory, and as reading, and as writing. "hide" for
 * reading must not end it: watch cannot hide the file, and it is about to be written. flags: WS_F_
 * of the object. */
static __always_inline int ws_judge_open(struct ws_task *t, struct file *file, u32 power, u32 flags)
{
	struct ws_object *o = ws_new_object(t);
	u32 mode, op;
	int ret = 0;

	o->file = file;
	ws_look_at_file(t);
	mode = o->f_mode;
	if (mode & (FMODE_NOACCOUNT | FMODE_PATH))
		return 0;
	if (o->in_proc) {
		ret = ws_judge_proc_open(t, power);
		if (ret)
			return ret;
		ws_new_object(t)->file = file;
		ws_look_at_file(t);
	} else if (o->nameless) {
		ret = ws_judge_nameless(t, power);
		/* no rule on paths is about a pipe; make's jobserver is opened so */
		if (ret || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) == S_IFIFO)
			return ret;
		ws_new_object(t)->file = file;
		ws_look_at_file(t);
	}
	o->flags = flags;
	op = !(mode & FMODE_WRITE)    ? WS_OP_READ
	     : (mode & FMODE_CREATED) ? WS_OP_CREATE
				      : WS_OP_WRITE;
	if (op != WS_OP_READ && (mode & FMODE_READ))
		ret = ws_judge_path(t, WS_OP_READ, power);
	/* deny has judged that it gets this name; a file without one was seen by no other hook */
	if (op == WS_OP_CREATE && ws_backend == WS_BACKEND_DENY &&
	    BPF_CORE_READ(file, f_inode, i_nlink))
		o->judged = 1;
	return ws_stronger(ws_judge_path(t, op, power), ret);
}

#define WS_PENDING_OPEN WS_OP_MAX /* ws_task.pending: the task is inside an open */

/* watch: an open begins. */
static __always_inline void ws_begin_open(struct ws_task *t)
{
	t->pending = 0;
	if (!ws_files_judged(t))
		return;
	t->pending = WS_PENDING_OPEN;
	t->new_name = 0;
	t->made[0] = 0;
	ws_mark_open(t);
}

/* An open with O_RDONLY | O_TRUNC has truncated the file; the file's mode does not show that, but
 * its inode was changed meanwhile (ws_inode_changes()). */
static __always_inline void ws_judge_truncated(struct ws_task *t, struct file *file)
{
	u32 mode = BPF_CORE_READ(file, f_mode);
	struct ws_object *o;

	if (!t->made[0] || t->made[0] != (u64)BPF_CORE_READ(file, f_inode) ||
	    (mode & (FMODE_WRITE | FMODE_CREATED)))
		return;
	o = ws_new_object(t);
	o->mnt = BPF_CORE_READ(file, f_path.mnt);
	o->dentry = BPF_CORE_READ(file, f_path.dentry);
	ws_judge_path(t, WS_OP_WRITE, WS_POWER_KILL_AFTER);
}

/* The running task t opens file: whose code is it, if t's process runs it? */
static __always_inline void ws_take_opened(struct ws_task *t, struct file *file)
{
	if (ws_may_be_taken(t)) {
		ws_new_object(t)->file = file;
		ws_take_at_open(t);
	}
	if (ws_looks_inside(t)) {
		ws_new_object(t)->file = file;
		ws_take_inside(t);
	}
}

/* watch: an open has returned ret, a descriptor or an error. */
static __always_inline void ws_end_open(struct ws_task *t, long ret)
{
	struct ws_subject s;
	struct file *file;

	if (ret >= 0 && (ws_may_be_taken(t) || ws_looks_inside(t)))
		ws_take_opened(t, (struct file *)ws_file_at(ret));
	if (!ws_files_judged(t) &&
	    (!ws_may_be_condemned(t) || !ws_subject_of(&s, t) || !ws_look_condemned(&s)))
		return;
	if (ret >= 0) { /* a condemned task whose open failed dies at its next hook */
		file = ws_file_of(ret);
		if (file) {
			ws_judge_open(t, file, WS_POWER_KILL_BEFORE, 0);
			ws_judge_truncated(t, file);
		} else if (t->actor == WS_ACTOR_PACKAGE) {
			/* another thread has closed the descriptor before the call returned it, so
			 * it was waiting for the open */
			ws_new_object(t);
			ws_refuse_unresolved(t, WS_OP_READ, WS_POWER_KILL_AFTER);
		}
	}
	ws_unmark_open(t); /* only now: no packet may leave before the verdict */
}

#endif
