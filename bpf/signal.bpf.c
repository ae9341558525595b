// SPDX-License-Identifier: GPL-2.0-only
/*
 * guard.bpf.c - signals: refused (deny), or seen when the kernel has sent one (watch). What reaches for wormsign's own
 * memory is refused by the hook in memory.bpf.c.
 */
#include "guard.bpf.h"

/* Every system call that signals asks here, once a target, as does what signals a whole group. */
SEC("?fmod_ret/security_task_kill")
int WS_DENY_PROG(deny_signal, struct task_struct *target, void *info, int signal)
{
	struct ws_task *t = ws_self();

	return t ? ws_judge_signal(t, target, signal, WS_POWER_REFUSE) : 0;
}

SEC("?fmod_ret/security_file_fcntl")
int WS_DENY_PROG(deny_fcntl, struct file *file, unsigned int command, unsigned long arg)
{
	struct ws_task *t;

	if (command != F_SETSIG) /* before anything else: this hook is a busy one */
		return 0;
	t = ws_self();
	return t ? ws_judge_fcntl(t, command, arg, WS_POWER_REFUSE) : 0;
}

/*
 * The kernel's own target of a signal, whatever call sends it. Only while such a call of the sender's is running: a timer
 * or a dying child signals in the name of whoever runs by chance.
 */
SEC("?tp_btf/signal_generate")
int BPF_PROG(watch_signal, int signal, void *info, struct task_struct *target)
{
	struct ws_task *t = ws_self();

	if (t && t->pending == WS_OP_SIGNAL)
		ws_judge_signal(t, target, signal, WS_POWER_KILL_AFTER);
	return 0;
}

char _license[] SEC("license") = "GPL";
