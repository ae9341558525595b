// SPDX-License-Identifier: GPL-2.0-only
/* signal.bpf.c - signals are refused (deny), or judged when the kernel generates one (watch). */
#include "signal.bpf.h"

#include "lib/admit.bpf.h"

/* Called by every system call that sends a signal, once for each target of a group. */
SEC("?fmod_ret/security_task_kill")
int WS_DENY_PROG(deny_signal, struct task_struct *target, void *info, int signal)
{
	struct ws_task *t = ws_self();
	u32 tgid;

	if (!t)
		return 0;
	if (ws_holding && signal == SIGCONT) {
		tgid = BPF_CORE_READ(target, tgid);
		if (bpf_map_lookup_elem(&held, &tgid))
			return -EPERM;
	}
	return ws_judge_signal(t, target, signal, WS_POWER_REFUSE);
}

SEC("?fmod_ret/security_file_fcntl")
int WS_DENY_PROG(deny_fcntl, struct file *file, unsigned int command, unsigned long arg)
{
	struct ws_task *t;

	if (command != F_SETSIG && command != F_SETOWN &&
	    command != F_SETOWN_EX) /* tested first: fcntl is frequent */
		return 0;
	t = ws_self();
	return t ? ws_judge_fcntl(t, command, arg, WS_POWER_REFUSE) : 0;
}

SEC("?fmod_ret/security_file_ioctl")
int WS_DENY_PROG(deny_ioctl, struct file *file, unsigned int command, unsigned long arg)
{
	struct ws_task *t = ws_self();

	return t ? ws_judge_ioctl(t, file, command, arg, WS_POWER_REFUSE) : 0;
}

/*
 * Whichever call sends the signal, this is the kernel's own target. Judged only while the running
 * task is inside such a call: signals from timers or exiting children are generated in the context
 * of an unrelated current task.
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
