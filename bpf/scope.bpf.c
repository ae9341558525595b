// SPDX-License-Identifier: GPL-2.0-only
/* scope.bpf.c - see scope.bpf.h. */
#include "scope.bpf.h"

#include "lib/dirs.bpf.h"
#include "lib/event.bpf.h"
#include "lib/path.bpf.h"

int ws_report_scope(struct ws_task *t, u32 flags)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_scratch *scratch = ws_scratch();
	struct dentry *dir, *own = NULL;
	struct vfsmount *mnt;

	if (!t || !scratch)
		return 0;
	mnt = t->actor == WS_ACTOR_TOOL ? scratch->tool.mnt : NULL;
	if (mnt)
		own = ws_package_dir(scratch);
	dir = own ?: BPF_CORE_READ(task, fs, pwd.dentry);
	if (!own)
		mnt = BPF_CORE_READ(task, fs, pwd.mnt);
	with_record(ws_rec_scope, r, WS_REC_SCOPE, sizeof(*r)) {
		ws_head_of_task(&r->head, task, t);
		ws_try(SCOPE_RECORD,
		       bpf_probe_read_kernel(&r->scope, sizeof(r->scope), &scratch->scope));
		r->pad = 0;
		r->head.flags = flags | ws_write_short(r->dir, &r->dir_len, mnt, dir, 0);
	}
	return 0;
}

char _license[] SEC("license") = "GPL";
