// SPDX-License-Identifier: GPL-2.0-only
/* admit.bpf.c - see lib/admit.bpf.h. */
#include "lib/admit.bpf.h"

#include "judge.bpf.h"

#define CLD_TRAPPED 4 /* include/uapi/asm-generic/siginfo.h */

int ws_hold(struct ws_task *t)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct ws_held h = {};

	if (!t)
		return 0;
	h.session = t->session;
	h.scope = t->script;
	h.started = BPF_CORE_READ(task, start_time);
	h.env_start = BPF_CORE_READ(task, mm, env_start);
	h.env_end = BPF_CORE_READ(task, mm, env_end);
	t->flags |= WS_T_HELD;
	if (bpf_map_update_elem(&held, &tgid, &h, BPF_NOEXIST)) {
		ws_try(KILL_NOT_HELD, bpf_send_signal(SIGKILL));
		return 0;
	}
	__sync_fetch_and_add(&ws_holding, 1);
	if (ws_try(HOLD, bpf_send_signal(SIGSTOP)))
		ws_try(KILL_NOT_HELD, bpf_send_signal(SIGKILL));
	/* a doorbell: if the ring is full, the admitter is awake already */
	bpf_ringbuf_output(&admissions, &tgid, sizeof(tgid), BPF_RB_FORCE_WAKEUP);
	return 0;
}

int ws_let_go(u32 tgid)
{
	if (bpf_map_delete_elem(&held, &tgid))
		return 0;
	__sync_fetch_and_sub(&ws_holding, 1);
	return 1;
}

struct task_struct___traced {
	unsigned int ptrace;
} __attribute__((preserve_access_index));

struct kernel_siginfo___code {
	int si_code;
} __attribute__((preserve_access_index));

/*
 * Whether the running task is traced. The admitter of another session that holds the same task has
 * it make its first calls (user/session/confine.h). A package's process that traces is killed at
 * that call, and its target stands still until then.
 */
static __always_inline bool ws_is_led(void)
{
	return BPF_CORE_READ((struct task_struct___traced *)bpf_get_current_task_btf(), ptrace);
}

int ws_held_runs(struct ws_task *t)
{
	if (!t || !(t->flags & WS_T_HELD))
		return 0;
	if (!ws_is_held(t))
		t->flags &= ~WS_T_HELD;
	else if (!ws_is_led())
		ws_refuse_held(t);
	return 0;
}

/*
 * A held task that is continued notifies its parent, in its own context and before it returns to
 * user mode: stop it again. Only the admitter releases it.
 */
SEC("?tp_btf/signal_generate")
int BPF_PROG(hold_again, int signal, void *info, struct task_struct *target)
{
	struct ws_task *t;

	if (!ws_holding || signal != SIGCHLD)
		return 0;
	t = ws_self();
	if (!t || !ws_is_held(t))
		return 0;
	/* not what a tracer is told of each stop */
	if (BPF_CORE_READ((struct kernel_siginfo___code *)info, si_code) == CLD_TRAPPED)
		return 0;
	ws_try(HOLD, bpf_send_signal(SIGSTOP));
	return 0;
}

/* Release a held process (struct ws_admit), which can then be continued. */
SEC("?syscall")
int admit(struct ws_admit *ctx)
{
	ctx->ok = ws_let_go(ctx->pid);
	return 0;
}

char _license[] SEC("license") = "GPL";
