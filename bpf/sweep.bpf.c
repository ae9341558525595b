// SPDX-License-Identifier: GPL-2.0-only
/* sweep.bpf.c - see lib/sweep.bpf.h. Only this object declares these kfuncs: bpftool of libbpf
 * before 1.5 cannot link two that do. */
#include "lib/sweep.bpf.h"

enum pid_type { PIDTYPE_PID, PIDTYPE_TGID };

struct bpf_iter_task {
	u64 opaque[3];
} __attribute__((aligned(8)));

#define BPF_TASK_ITER_ALL_PROCS 0

extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task,
			     unsigned int flags) __ksym __weak;
extern struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) __ksym __weak;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym __weak;
extern struct task_struct *bpf_task_from_pid(int pid) __ksym __weak;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;
extern int bpf_send_signal_task(struct task_struct *task, int signal, enum pid_type type,
				u64 value) __ksym __weak;

/* The kernel hands a signal that is sent with preemption off to an interrupt, one at a time. */
#define WS_SIGNAL_TRIES 4096

struct ws_victim {
	int pid;
};

static long ws_signal_step(u32 i, struct ws_victim *v)
{
	struct task_struct *task = bpf_task_from_pid(v->pid);
	int err;

	if (!task)
		return 1;
	err = bpf_send_signal_task(task, SIGKILL, PIDTYPE_TGID, 0);
	bpf_task_release(task);
	return err != -EBUSY;
}

static __always_inline void ws_kill_process(int pid)
{
	struct ws_victim v = { .pid = pid };

	bpf_loop(WS_SIGNAL_TRIES, ws_signal_step, &v, 0);
}

int ws_sweep(struct ws_task *t)
{
	struct ws_subject subject, *s = &subject;
	struct bpf_iter_task it;
	struct task_struct *task;
	struct ws_process *p;
	bool all;
	u64 session, scope;
	u32 first;

	if (!bpf_send_signal_task || !bpf_iter_task_new || !bpf_task_from_pid)
		return 0;
	if (!t || !ws_subject_of(s, t) || !s->scope || !ws_condemned(s))
		return 0;
	if (__sync_fetch_and_or(&s->scope->flags, WS_SCOPE_SWEPT) & WS_SCOPE_SWEPT)
		return 0;
	session = t->session;
	scope = t->scope;
	first = ws_first_of_script(t);
	all = s->session->flags & WS_SESSION_CONDEMNED;
	bpf_iter_task_new(&it, NULL, BPF_TASK_ITER_ALL_PROCS);
	while ((task = bpf_iter_task_next(&it))) {
		u32 tgid = task->tgid;

		p = bpf_map_lookup_elem(&processes, &tgid);
		if (p && p->session == session && (all || p->scope == scope) && tgid != first)
			ws_kill_process(tgid);
	}
	bpf_iter_task_destroy(&it);
	return 0;
}

char _license[] SEC("license") = "GPL";
