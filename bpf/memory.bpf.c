// SPDX-License-Identifier: GPL-2.0-only
/* memory.bpf.c - the deny backend's hook on reaching into another process. /proc files are judged in file.bpf.c. */
#include "guard.bpf.h"

#define PTRACE_MODE_ATTACH 0x02u
#define PTRACE_MODE_NOAUDIT 0x04u

/*
 * Every way to another process's memory asks here: ptrace, process_vm_*, /proc/PID/mem, pidfd_getfd, kcmp.
 * PTRACE_MODE_READ alone is what `ps` does to every process (/proc/PID/stat, exe, fd): not judged here.
 */
SEC("?fmod_ret/security_ptrace_access_check")
int WS_DENY_PROG(deny_ptrace_access, struct task_struct *child, unsigned int mode, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	if (!(mode & PTRACE_MODE_ATTACH))
		return 0;
	ret = ws_judge_memory(t, WS_OP_PTRACE, BPF_CORE_READ(child, tgid), WS_POWER_REFUSE);
	return ret ? ret : ws_guard(t, child, WS_OP_PTRACE, 0, WS_POWER_REFUSE);
}

char _license[] SEC("license") = "GPL";
