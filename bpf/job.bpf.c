// SPDX-License-Identifier: GPL-2.0-only
/*
 * job.bpf.c - both backends, only for the agent: recognise the start of a CI job, an exec below a
 * runner's own process, and stop it there, before its first instruction, for
 * user space to look at it, begin a session for it, and continue it.
 *
 * Names alone decide here, and any process can have them: who takes one gets himself stopped for a
 * moment, or watched. User space decides by more.
 */
#include "judge.bpf.h"

#define WS_JOB_DEPTH 4 /* ancestors that are looked at */

/* Programs that matter, by file name. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WS_JOB_PROGRAMS_MAX);
	__type(key, struct ws_job_name);
	__type(value, struct ws_job_program);
} job_programs SEC(".maps");

/* The processes that are stopped, until user space lets them go; key: tgid. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, struct ws_job_exec);
} job_execs SEC(".maps");

/* Wakes user space: there is a new entry in job_execs. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} job_doorbell SEC(".maps");

/* What is known of the program that a task runs, NULL: nothing. */
static __always_inline struct ws_job_program *ws_job_program_of(struct task_struct *task)
{
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	struct ws_job_name name = {};

	if (!exe)
		return NULL;
	ws_try(COMM, bpf_probe_read_kernel_str(name.bytes, sizeof(name.bytes),
					       BPF_CORE_READ(exe, f_path.dentry, d_name.name)));
	return bpf_map_lookup_elem(&job_programs, &name);
}

SEC("?tp_btf/sched_process_exec")
int on_job_exec(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf(), *at = task;
	u32 tgid = bpf_get_current_pid_tgid() >> 32, possible = ~0u;
	struct ws_job_exec exec = {};

	if (ws_self())
		return 0; /* of a session already */
	for (u32 depth = 0; depth < WS_JOB_DEPTH && !exec.starts; depth++) {
		struct ws_job_program *p;

		at = BPF_CORE_READ(at, real_parent);
		p = at ? ws_job_program_of(at) : NULL;
		if (!p)
			return 0;
		exec.starts = possible & p->runner_of;
		possible &= p->through_of;
	}
	if (!exec.starts)
		return 0;
	exec.runner = BPF_CORE_READ(at, tgid);
	exec.started = BPF_CORE_READ(task, start_time);
	/* a job runs watched or not at all; the same process may execute another program */
	if (bpf_map_update_elem(&job_execs, &tgid, &exec, BPF_ANY) || bpf_send_signal(SIGSTOP))
		ws_try(KILL_NOT_HELD, bpf_send_signal(SIGKILL));
	/* if the ring is full, its reader is awake already */
	bpf_ringbuf_output(&job_doorbell, &tgid, sizeof(tgid), BPF_RB_FORCE_WAKEUP);
	return 0;
}

/*
 * As hold_again (admit.bpf.c): whoever continues the process before user space lets it go only gets
 * it stopped again. So several agents can hold one; it runs when each has let it go.
 */
SEC("?tp_btf/signal_generate")
int BPF_PROG(hold_job_again, int signal, void *info, struct task_struct *target)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct ws_job_exec *exec;

	if (signal != SIGCHLD)
		return 0;
	exec = bpf_map_lookup_elem(&job_execs, &tgid);
	if (exec && exec->started == BPF_CORE_READ(bpf_get_current_task_btf(), start_time))
		ws_try(HOLD, bpf_send_signal(SIGSTOP));
	return 0;
}

char _license[] SEC("license") = "GPL";
