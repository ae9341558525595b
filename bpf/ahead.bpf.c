// SPDX-License-Identifier: GPL-2.0-only
/*
 * ahead.bpf.c - watch: judge a call before it begins. The kernel has stopped the caller at a filter
 * of seccomp (user/session/call_guard.h) and user space asks what the rules say about what the
 * call is going to do. It stands in for the caller: its task gets a copy of the caller's record
 * while this program runs. Only a refusal is carried out, reported and counted; any other call goes
 * on, and is judged by what it does then, since the name that it gave can change meanwhile.
 */
#include "judge.bpf.h"
#include "lib/path.bpf.h"
#include "signal.bpf.h"
#include "syscalls.h"
#include "system.bpf.h"

static __always_inline bool ws_set_object(struct ws_task *t, const struct ws_ahead *ctx)
{
	struct file *file = ws_file_of(ctx->fd);
	struct ws_object *o = ws_new_object(t);
	u32 leaf = ctx->leaf_length;

	o->in_caller = 0;
	o->ahead = 1;
	if (!file)
		return false;
	o->mnt = BPF_CORE_READ(file, f_path.mnt);
	o->dentry = BPF_CORE_READ(file, f_path.dentry);
	if (leaf) {
		if (leaf >= WS_LEAF_MAX)
			return false;
		o->leaf = leaf;
		__builtin_memcpy(t->leaf, ctx->leaf, sizeof(t->leaf));
	}
	o->mode = ctx->mode;
	o->new_directory = ctx->what == WS_AHEAD_DIRECTORY;
	o->new_link = ctx->what == WS_AHEAD_LINK;
	o->linking = ctx->what == WS_AHEAD_SOURCE;
	o->leaves = ctx->what == WS_AHEAD_LEAVES;
	return true;
}

static __always_inline int ws_judge_call(struct ws_task *t, const struct ws_ahead *ctx)
{
	struct ws_object *o;

	switch (ctx->op) {
	case WS_OP_SIGNAL: /* of the terminal */
		o = ws_new_object(t);
		o->amount = WS_TOUCH_TERMINAL;
		break;
	case WS_OP_MOUNT:
	case WS_OP_MODULE:
	case WS_OP_BPF:
	case WS_OP_IO_URING:
	case WS_OP_NAMESPACE:
		o = ws_new_object(t);
		break;
	default:
		if (!ws_set_object(t, ctx))
			return 0;
		return ws_judge_path(t, ctx->op, WS_POWER_REFUSE);
	}
	o->in_caller = 0;
	o->ahead = 1;
	return ws_judge_process(t, ctx->op, WS_POWER_REFUSE) ? -EPERM : 0;
}

SEC("?syscall")
int judge_ahead(struct ws_ahead *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_subject subject;
	struct ws_task *t;

	ctx->answer = ctx->condemned = 0;
	if (bpf_task_storage_get(&tasks, task, 0, 0)) /* a task of a session cannot ask */
		return 0;
	t = bpf_task_storage_get(&tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!t)
		return 0;
	t->flags = WS_T_STANDS_IN;
	barrier();
	__builtin_memcpy(t, &ctx->task, sizeof(ctx->task));
	t->flags = WS_T_STANDS_IN | (ctx->task.flags & WS_T_INSTALL);
	t->taken_seen = ws_taken_count;
	__builtin_memcpy(&t->caller, &ctx->caller, sizeof(t->caller));
	if (ws_subject_of(&subject, t)) {
		if (!ws_condemned(&subject))
			ctx->answer = ws_judge_call(t, ctx);
		ctx->condemned = ws_condemned(&subject);
	}
	bpf_task_storage_delete(&tasks, task);
	return 0;
}

char _license[] SEC("license") = "GPL";
