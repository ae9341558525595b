/* SPDX-License-Identifier: GPL-2.0-only */
/* file.bpf.h - judging an opened file: the same for both backends, which differ in when they get to see it. */
#ifndef WORMSIGN_FILE_BPF_H
#define WORMSIGN_FILE_BPF_H

#include "memory.bpf.h"

/* Judge one open: what it reaches of another process, then reading, then writing. */
static __always_inline int ws_judge_open(struct ws_task *t, struct file *file, u32 power, u32 flags)
{
	u32 mode = BPF_CORE_READ(file, f_mode);
	struct ws_object *o;
	u32 op;
	int ret;

	if (mode & (FMODE_NOACCOUNT | FMODE_PATH))
		return 0;
	ret = ws_judge_proc_open(t, file, power);
	if (ret)
		return ret;
	o = ws_object(t);
	o->flags = flags;
	o->mnt = BPF_CORE_READ(file, f_path.mnt);
	o->dentry = BPF_CORE_READ(file, f_path.dentry);
	op = !(mode & FMODE_WRITE) ? WS_OP_READ : (mode & FMODE_CREATED) ? WS_OP_CREATE : WS_OP_WRITE;
	if (op != WS_OP_READ && (mode & FMODE_READ)) {
		ret = ws_judge_path(t, WS_OP_READ, power);
		if (ret)
			return ret;
	}
	return ws_judge_path(t, op, power);
}

#endif
