// SPDX-License-Identifier: GPL-2.0-only
/*
 * process.bpf.c - lineage: every task of a session from its fork on, what it becomes at exec (manager, scope), and
 * its end. Serves both backends; none of these hooks can refuse, exec kills before the new program's first
 * instruction.
 */
#include "lineage.bpf.h"
#include "opening.bpf.h"

/*
 * Fires inside copy_process() for every new task, threads and io_uring workers included (sched_process_fork misses
 * the latter), in the context of the forking task and before the new one can run.
 */
SEC("?tp_btf/task_newtask")
int BPF_PROG(on_newtask, struct task_struct *child, u64 clone_flags)
{
	struct ws_task *t = ws_self(), *c;
	struct ws_session *session;
	u64 id;

	if (!t)
		return 0;
	c = bpf_task_storage_get(&tasks, child, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!c) {
		/* out of memory: a child outside the lineage must not run */
		ws_lose(WS_LOST_TASK);
		bpf_send_signal(SIGKILL);
		return 0;
	}
	__builtin_memcpy(c, t, __builtin_offsetof(struct ws_task, walk));
	id = t->session;
	session = bpf_map_lookup_elem(&sessions, &id);
	if (BPF_CORE_READ(child, tgid) != BPF_CORE_READ(child, pid)) {
		if (session)
			__sync_fetch_and_add(&session->threads, 1);
		return 0;
	}
	c->parent = bpf_get_current_pid_tgid() >> 32;
	c->started = BPF_CORE_READ(child, start_time);
	c->killed_at = 0;
	c->flags &= ~(WS_T_MAIN | WS_T_DYING);
	if (t->flags & WS_T_MAIN)
		c->flags |= WS_T_PENDING;
	c->pending = 0;
	if (c->scope)
		ws_note_process(c, BPF_CORE_READ(child, tgid));
	if (session)
		__sync_fetch_and_add(&session->processes, 1);
	return 0;
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct ws_subject s;
	struct file *exe;
	u32 manager = 0;

	if (!ws_subject_of(&s, ws_self()))
		return 0;
	__sync_fetch_and_add(&s.session->execs, 1);
	if (ws_condemned(&s)) {
		ws_kill_current(s.task);
		return 0;
	}
	ws_become(&s, task, &manager);
	if (ws_condemned(&s)) { /* a later script of a package that was condemned before */
		ws_kill_current(s.task);
		return 0;
	}
	ws_tell_exec(&s, task, manager);
	s.task->loop.out.action = WS_ALLOW;
	ws_judge_exec(&s, task);
	exe = BPF_CORE_READ(task, mm, exe_file);
	if (exe && s.task->actor == WS_ACTOR_PACKAGE && s.task->loop.out.action < WS_DENY && ws_is_deleted(exe))
		ws_refuse_unresolved(s.task, WS_OP_EXEC, WS_POWER_KILL_BEFORE);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct ws_task *t = ws_self();
	struct ws_rec_exit *r;
	struct ws_scope *scope;
	u64 id, condemned_at;
	u32 kind;

	if (!t)
		return 0;
	ws_leave_open(t);
	if (BPF_CORE_READ(task, signal, live.counter) != 0)
		return 0;
	condemned_at = t->killed_at;
	id = t->scope;
	if (id) {
		u32 tgid = BPF_CORE_READ(task, tgid);

		bpf_map_delete_elem(&processes, &tgid);
	}
	if (!condemned_at && id) {
		scope = bpf_map_lookup_elem(&scopes, &id);
		if (scope)
			condemned_at = scope->condemned_at;
	}
	kind = condemned_at ? WS_REC_DEATH : WS_REC_EXIT;
	if (condemned_at)
		r = bpf_ringbuf_reserve(&alerts, sizeof(*r), 0);
	else
		r = bpf_ringbuf_reserve(&telemetry, sizeof(*r), 0);
	if (!r) {
		ws_lose(WS_LOST_EXIT);
		return 0;
	}
	ws_head(&r->head, kind, sizeof(*r), task, t);
	r->condemned_at = condemned_at;
	r->code = BPF_CORE_READ(task, exit_code);
	r->pad = 0;
	bpf_ringbuf_submit(r, 0);
	return 0;
}

/* The deny backend refuses an executable by its path before it is loaded; rules on argv wait for on_exec. */
SEC("?fmod_ret/security_bprm_check")
int WS_DENY_PROG(deny_bprm_check, struct linux_binprm *bprm, int ret)
{
	struct ws_object *o;
	struct ws_task *t = ws_self();
	struct file *file;

	if (ret || !t)
		return ret;
	file = BPF_CORE_READ(bprm, file);
	o = ws_object(t);
	o->mnt = BPF_CORE_READ(file, f_path.mnt);
	o->dentry = BPF_CORE_READ(file, f_path.dentry);
	t->loop.out.action = WS_ALLOW;
	ret = ws_judge_path(t, WS_OP_EXEC, WS_POWER_REFUSE);
	if (ret || t->actor != WS_ACTOR_PACKAGE || t->loop.out.action >= WS_DENY || !ws_is_deleted(file))
		return ret;
	return ws_refuse_unresolved(t, WS_OP_EXEC, WS_POWER_REFUSE);
}

/* ---- asked by user space, in its own context ---- */

SEC("?syscall")
int identify(struct ws_identify *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 fd = ctx->fd;
	struct inode *inode;
	struct file *file = ws_file_of(task, fd);
	struct ws_id id = {};

	ctx->ok = 0;
	ctx->pid = bpf_get_current_pid_tgid() >> 32;
	if (!file)
		return 0;
	inode = BPF_CORE_READ(file, f_path.dentry, d_inode);
	if (!inode)
		return 0;
	ws_id_of(&id, inode);
	ctx->id.dev = id.dev;
	ctx->id.ino = id.ino;
	ctx->ok = 1;
	return 0;
}

/* Every thread group leader that belongs to a session, for the sweep of condemned scopes and for leftovers. */
struct ws_listed {
	u64 started, session, scope;
	u32 pid, actor, condemned, pad;
	char comm[16];
};

SEC("?iter/task")
int list_tasks(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;
	struct ws_listed l = {};
	struct ws_subject s;

	if (!task)
		return 0;
	if (!ws_subject_of(&s, bpf_task_storage_get(&tasks, task, 0, 0)))
		return 0;
	if (task->pid != task->tgid)
		return 0;
	l.started = s.task->started;
	l.session = s.task->session;
	l.scope = s.task->scope;
	l.pid = task->tgid;
	l.actor = s.task->actor;
	l.condemned = ws_condemned(&s);
	bpf_probe_read_kernel(l.comm, sizeof(l.comm), task->comm);
	bpf_seq_write(seq, &l, sizeof(l));
	return 0;
}

char _license[] SEC("license") = "GPL";
