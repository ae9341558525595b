// SPDX-License-Identifier: GPL-2.0-only
/*
 * process.bpf.c - both backends: every task of a session is followed from its fork to its end (what
 * it becomes at an exec: exec.bpf.c), and user space asks who is in a session.
 */
#include "judge.bpf.h"
#include "lib/admit.bpf.h"
#include "lib/event.bpf.h"
#include "lib/opening.bpf.h"
#include "lib/path.bpf.h"
#include "origin.bpf.h"

/*
 * Fires inside copy_process() for every new task, threads and io_uring workers included
 * (sched_process_fork misses the workers), in the context of the forking task and before the new
 * task can run.
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
		/* out of memory: the child would run outside of the session. It cannot be killed
		 * from here: user space ends the session's cgroup when it reads the record */
		ws_count_lost(WS_LOST_TASK);
		ws_stop_untracked(t);
		ws_try(KILL_NO_TASK, bpf_send_signal(SIGKILL));
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
	c->flags &= ~(WS_T_MAIN | WS_T_DYING | WS_T_HELD | WS_T_SHIM);
	if (t->flags & WS_T_MAIN)
		c->flags |= WS_T_PENDING;
	c->pending = 0;
	if (c->scope)
		ws_note_process(c, BPF_CORE_READ(child, tgid));
	if (session)
		__sync_fetch_and_add(&session->processes, 1);
	return 0;
}

static __always_inline void ws_fill_exit(struct ws_rec_exit *r, struct task_struct *task,
					 const struct ws_task *t, u64 condemned_at)
{
	ws_head_of_task(&r->head, task, t);
	r->condemned_at = condemned_at;
	r->code = BPF_CORE_READ(task, exit_code);
	r->pad = 0;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct ws_task *t = ws_self();
	struct ws_scope *scope;
	u64 id, condemned_at;
	long err;

	if (!t)
		return 0;
	ws_unmark_open(t);
	if (BPF_CORE_READ(task, signal, live.counter) != 0)
		return 0;
	ws_forget_taken(t);
	if (t->flags & WS_T_SHELL) {
		u32 tgid = BPF_CORE_READ(task, tgid);

		bpf_map_delete_elem(&started_last, &tgid);
	}
	condemned_at = t->killed_at;
	id = t->scope;
	if (id) {
		u32 tgid = BPF_CORE_READ(task, tgid);

		/* two threads that end at once may both see that no other lives: the first reports
		 */
		err = bpf_map_delete_elem(&processes, &tgid);
		if (err == -ENOENT)
			return 0;
		ws_try(PROCESS_END, err);
		if (t->flags & WS_T_HELD)
			ws_let_go(tgid);
	}
	if (!condemned_at && id) {
		scope = bpf_map_lookup_elem(&scopes, &id);
		if (scope)
			condemned_at = scope->condemned_at;
	}
	if (condemned_at)
		with_record(ws_rec_exit, r, WS_REC_DEATH, sizeof(*r))
			ws_fill_exit(r, task, t, condemned_at);
	else
		with_record(ws_rec_exit, r, WS_REC_EXIT, sizeof(*r))
			ws_fill_exit(r, task, t, 0);
	return 0;
}

/* ---- run by user space ---- */

/* The identity of a file, and our own pid, as the kernel sees them: struct ws_identify. */
SEC("?syscall")
int identify(struct ws_identify *ctx)
{
	struct file *file = ws_file_of(ctx->fd);
	struct inode *inode;
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

/* Change a session's record: by atomic operations, because hooks change it at the same time. */
SEC("?syscall")
int change_session(struct ws_session_change *ctx)
{
	struct ws_place_key key = {};
	struct ws_session *session;
	u32 places_of = ctx->places, *known;
	u64 ino = ctx->id.ino;

	key.session = ctx->session;
	key.id.ino = ino;
	key.id.dev = ctx->id.dev;
	session = bpf_map_lookup_elem(&sessions, &key.session);
	ctx->ok = session != NULL;
	if (!session)
		return 0;
	if (ctx->what == WS_CHANGE_CONDEMN) {
		__sync_fetch_and_or(&session->flags, WS_SESSION_CONDEMNED);
		ws_count_condemned();
		return 0;
	}
	if (ctx->what == WS_CHANGE_PLACE) {
		ws_try_new(PLACE, bpf_map_update_elem(&places, &key, &places_of, BPF_NOEXIST));
		known = bpf_map_lookup_elem(&places, &key);
		if (known)
			__sync_fetch_and_or(known, places_of);
	}
	__sync_fetch_and_or(&session->place_bloom[(ino >> 6) & (WS_BLOOM_WORDS - 1)],
			    1ULL << (ino & 63));
	__sync_fetch_and_add(&ws_places_version, 1);
	return 0;
}

/* List the processes of all sessions: struct ws_listed. */
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
	if (task->pid != task->tgid || s.task->flags & WS_T_STANDS_IN)
		return 0;
	l.started = s.task->started;
	l.session = s.task->session;
	l.scope = s.task->script;
	l.labels = s.scope ? s.scope->labels : 0;
	l.pid = task->tgid;
	l.actor = s.task->actor;
	l.condemned = ws_condemned(&s);
	if (s.scope && s.scope->condemned_at && ws_first_of_script(s.task) == l.pid)
		l.ending = bpf_ktime_get_ns() - s.scope->condemned_at < WS_ENDING_MS * 1000000ULL;
	ws_try(COMM, bpf_probe_read_kernel(l.comm, sizeof(l.comm), task->comm));
	bpf_seq_write(seq, &l,
		      sizeof(l)); /* on overflow the kernel calls again for the same task */
	return 0;
}

char _license[] SEC("license") = "GPL";
