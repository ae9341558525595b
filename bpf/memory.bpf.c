// SPDX-License-Identifier: GPL-2.0-only
/* memory.bpf.c - see memory.bpf.h; deny: the hooks on access to another process and on its limits
 * and priority. */
#include "memory.bpf.h"

#include "guard.bpf.h"
#include "lib/admit.bpf.h"
#include "lib/event.bpf.h"
#include "lib/path.bpf.h"

#define PTRACE_MODE_ATTACH    0x02u
#define PTRACE_MODE_REALCREDS 0x10u

/* Whether the process of task is held at its exec, with the secrets of its environment. */
static __always_inline bool ws_has_secrets(struct task_struct *task)
{
	u32 tgid;

	if (!ws_holding)
		return false;
	tgid = BPF_CORE_READ(task, tgid);
	return bpf_map_lookup_elem(&held, &tgid) != NULL;
}

/*
 * Judge op by t on the process of task (NULL: the process is not known), unless it belongs to t's
 * scope: a process may access itself, and a debugger its child. amount: as in struct ws_object.
 */
static __always_inline int ws_judge_task(struct ws_task *t, u32 op, u64 task, u32 amount, u32 power)
{
	struct task_struct *target = (struct task_struct *)task;
	struct ws_object *o;

	if (!t || !ws_in_scope(t))
		return 0;
	if (target && ws_is_of_scope(t, target) && !ws_has_secrets(target))
		return 0;
	o = ws_new_object(t);
	if (target)
		ws_set_target(o, target);
	o->amount = amount;
	return ws_judge_process(t, op, power);
}

/* ---- files below /proc ---- */

/* Files of /proc/PID that show memory, its layout, or the environment. */
static __always_inline bool ws_shows_memory(const char *name)
{
	return ws_same(name, "mem", 4) || ws_same(name, "environ", 8) || ws_same(name, "maps", 5) ||
	       ws_same(name, "smaps", 5) || ws_same(name, "numa_maps", 10) ||
	       ws_same(name, "pagemap", 8) || ws_same(name, "auxv", 5) ||
	       ws_same(name, "syscall", 8) || ws_same(name, "stack", 6);
}

int ws_judge_proc_open(struct ws_task *t, u32 power)
{
	struct file *file;
	struct task_struct *task;
	struct dentry *d;
	struct inode *inode;
	char name[16] __attribute__((aligned(8))) = {};
	bool memory;

	if (!t || !ws_in_scope(t))
		return 0;
	file = t->object.file;
	d = BPF_CORE_READ(file, f_path.dentry);
	inode = BPF_CORE_READ(d, d_inode);
	if (!inode)
		return 0;
	ws_try(PROC_FILE,
	       bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(d, d_name.name)));
	memory = ws_shows_memory(name);
	if (!memory && !(BPF_CORE_READ(file, f_mode) & FMODE_WRITE))
		return 0;
	/* the kernel's pid object of this inode: the number in the path is of some pid namespace */
	task = ws_task_of_pid(
		BPF_CORE_READ(
			(struct proc_inode *)((void *)inode -
					      bpf_core_field_offset(struct proc_inode, vfs_inode)),
			pid),
		WS_PID_TASK);
	if (!task)
		return 0; /* of no process, or it is dead: reading gives nothing */
	if (memory)
		return ws_judge_task(t, WS_OP_MEMORY, (u64)task, 0, power);
	/* a control file that is open can be written to: that is what counts */
	return ws_judge_task(t, WS_OP_SIGNAL, (u64)task, WS_TOUCH_CONTROL, power);
}

/* ---- files that only a descriptor leads to ---- */

struct ws_open_files {
	struct file **fds;
	struct file *file; /* the one that is opened */
	struct inode *inode;
	u32 yes;
};

static long ws_open_files_step(u32 i, struct ws_open_files *h)
{
	struct file *file = NULL;

	if (bpf_probe_read_kernel(&file, sizeof(file), h->fds + i) < 0)
		return 1;
	if (!file || file == h->file || BPF_CORE_READ(file, f_inode) != h->inode)
		return 0;
	h->yes = 1;
	return 1;
}

#define WS_HELD_MAX 65536

/*
 * Whether the running task has the file by another descriptor, too: /dev/stdin leads to what it has
 * already. Of a table that several threads share only standard input, output and error count: a
 * second thread could open the same file at the same time.
 */
static __always_inline bool ws_holds(struct file *file)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct files_struct *files = BPF_CORE_READ(task, files);
	struct ws_open_files h = { .file = file };
	u32 n;

	if (!files)
		return false;
	h.fds = BPF_CORE_READ(files, fdt, fd);
	h.inode = BPF_CORE_READ(file, f_inode);
	n = BPF_CORE_READ(files, fdt, max_fds);
	if (BPF_CORE_READ(files, count.counter) > 1 && n > 3)
		n = 3;
	bpf_loop(n < WS_HELD_MAX ? n : WS_HELD_MAX, ws_open_files_step, &h, 0);
	return h.yes;
}

#define O_TMPFILE_BIT 020000000u /* x86 and the kernel's generic ABI */

/*
 * A memfd, a pipe, a deleted file is opened by what holds it: /proc/PID/fd, /proc/PID/map_files.
 * Through its own descriptors a process gets nothing new. A file of the package's own directory may
 * have been deleted since its name was looked up.
 */
int ws_judge_nameless(struct ws_task *t, u32 power)
{
	struct file *file;
	struct ws_subject subject, *s = &subject;
	struct ws_object *o;

	if (!t || !ws_in_scope(t) || !ws_subject_of(s, t))
		return 0;
	file = t->object.file;
	if (BPF_CORE_READ(file, f_flags) & O_TMPFILE_BIT || ws_holds(file))
		return 0;
	ws_walk(t, s->session, s->scope);
	if (!(t->walk.places & (WS_PLACE_BIT(WS_PLACE_ELSEWHERE) | WS_PLACE_BIT(WS_PLACE_TMP) |
				WS_PLACE_BIT(WS_PLACE_HOME))))
		return 0;
	o = ws_new_object(t);
	o->mnt = BPF_CORE_READ(file, f_path.mnt);
	o->dentry = BPF_CORE_READ(file, f_path.dentry);
	return ws_judge_process(t, WS_OP_MEMORY, power);
}

/* ---- watch: system calls ---- */

struct ws_group {
	struct ws_task *t;
	struct hlist_node *link;
	struct task_struct *task;
};

static long ws_group_step(u32 i, struct ws_group *g)
{
	struct hlist_node *link = g->link;
	struct task_struct *task;

	if (!link || !g->t)
		return 1;
	g->link = BPF_CORE_READ(link, next);
	task = (void *)link - bpf_core_field_offset(struct task_struct, pid_links) -
	       WS_PID_GROUP * bpf_core_type_size(struct hlist_node);
	if (ws_is_of_scope(g->t, task))
		return 0;
	g->task = task;
	return 1;
}

/* A task of the process group with that number that is not of t's scope, NULL: there is none. */
static __always_inline struct task_struct *ws_stranger_of(struct ws_task *t, u32 number)
{
	struct ws_group g = { .t = t };
	struct pid *group = ws_pid_of(number);

	if (!group)
		return NULL;
	bpf_probe_read_kernel(&g.link, sizeof(g.link),
			      (void *)group + bpf_core_field_offset(struct pid, tasks) +
				      WS_PID_GROUP * bpf_core_type_size(struct hlist_head));
	bpf_loop(65536, ws_group_step, &g, 0);
	return g.task;
}

#define PERF_FLAG_PID_CGROUP 4u

/* What a call does, and to whom. */
struct ws_deed {
	struct task_struct *task;
	u32 op, amount, power;
	u32 many; /* to several processes, which are not known one by one; some are others' */
};

static __always_inline void ws_priority_deed(struct ws_deed *d, struct ws_task *t, u32 which,
					     u32 number, u32 amount)
{
	d->op = WS_OP_SIGNAL;
	d->amount = amount;
	d->power = WS_POWER_KILL_AFTER;
	if (which == 0)
		d->task = ws_task_of_pid(ws_pid_of(number), WS_PID_TASK);
	else if (which == 1) /* its own group, number 0, may hold the package manager: permitted */
		d->task = ws_stranger_of(t, number);
	else if (which == 2) /* the user's processes are never the package's only */
		d->many = 1;
}

/* perf_event_open() samples registers and stack, of a process, or of whatever runs on a CPU. */
static __always_inline void ws_perf_deed(struct ws_deed *d, u32 pid, u64 flags)
{
	if (pid == (u32)-1 || flags & PERF_FLAG_PID_CGROUP)
		d->many = 1;
	else
		d->task = ws_task_of_pid(ws_pid_of(pid), WS_PID_TASK);
}

int ws_begin_process_call(struct ws_task *t, u32 kind, u32 one, u32 two, u64 more)
{
	struct ws_deed deed = { .op = WS_OP_PTRACE, .power = WS_POWER_KILL_BEFORE }, *d = &deed;
	u32 number = one;

	if (!t || !ws_in_scope(t))
		return 0;
	switch (kind) {
	case WS_SYS_PTRACE:
		if (one != PTRACE_ATTACH && one != PTRACE_SEIZE)
			return 0;
		number = two;
		break;
	case WS_SYS_VM:
		break;
	case WS_SYS_KCMP:
		d->task = ws_task_of_pid(ws_pid_of(one), WS_PID_TASK);
		if (!d->task || ws_is_of_scope(t, d->task))
			number = two;
		break;
	case WS_SYS_PERF:
		ws_perf_deed(d, two, more);
		number = 0;
		break;
	case WS_SYS_PIDFD_READ:
	case WS_SYS_PIDFD_FREE:
		d->task = ws_task_of_pid(ws_pid_of_fd(one), WS_PID_TASK);
		number = 0;
		if (kind == WS_SYS_PIDFD_READ)
			break;
		d->op = WS_OP_SIGNAL;
		d->amount = WS_TOUCH_RELEASE;
		d->power = WS_POWER_KILL_AFTER;
		break;
	case WS_SYS_PRLIMIT:
		if (!more) /* asks for the limits */
			return 0;
		d->op = WS_OP_SIGNAL;
		d->amount = WS_TOUCH_LIMITS;
		d->power = WS_POWER_KILL_AFTER;
		break;
	case WS_SYS_SCHEDULE:
		d->op = WS_OP_SIGNAL;
		d->amount = WS_TOUCH_SCHEDULING;
		d->power = WS_POWER_KILL_AFTER;
		break;
	case WS_SYS_PRIORITY:
		ws_priority_deed(d, t, one, two, WS_TOUCH_PRIORITY);
		number = 0;
		break;
	case WS_SYS_IO_PRIORITY:
		ws_priority_deed(d, t, one - 1, two, WS_TOUCH_IO_PRIORITY);
		number = 0;
		break;
	case WS_SYS_OWNER: /* judged when it is armed: the kernel sends it without a sender */
		ws_priority_deed(d, t, one, two, SIGIO);
		d->power = WS_POWER_KILL_BEFORE;
		number = 0;
		break;
	default:
		return 0;
	}
	if (ws_backend == WS_BACKEND_DENY)
		d->power = WS_POWER_REFUSE;
	if (number)
		d->task = ws_task_of_pid(ws_pid_of(number), WS_PID_TASK);
	if (!d->task && !d->many)
		return 0; /* no such process: the call fails */
	return ws_judge_task(t, d->op, (u64)d->task, d->amount, d->power);
}

/* ---- deny ---- */

/*
 * Called for every way to another process's memory: ptrace, process_vm_*, /proc/PID/mem,
 * pidfd_getfd, kcmp, perf, move_pages. Reading with the credentials for files (FSCREDS) is not
 * judged: `ps` needs it of every process (/proc/PID/stat, exe, fd).
 */
SEC("?fmod_ret/security_ptrace_access_check")
int WS_DENY_PROG(deny_ptrace_access, struct task_struct *child, unsigned int mode, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	if (!(mode & (PTRACE_MODE_ATTACH | PTRACE_MODE_REALCREDS)))
		return 0;
	ret = ws_judge_task(t, WS_OP_PTRACE, (u64)child, 0, WS_POWER_REFUSE);
	return ret ? ret : ws_guard(t, child, WS_OP_PTRACE, 0, WS_POWER_REFUSE);
}

/* Judge a change of target's limits or priority. touch: enum ws_touch. */
static __always_inline int ws_judge_touch(struct task_struct *target, u32 touch)
{
	struct ws_task *t = ws_self();
	int ret;

	if (!t || target == bpf_get_current_task_btf())
		return 0;
	ret = ws_judge_task(t, WS_OP_SIGNAL, (u64)target, touch, WS_POWER_REFUSE);
	return ret ? ret : ws_guard(t, target, WS_OP_SIGNAL, touch, WS_POWER_REFUSE);
}

SEC("?fmod_ret/security_task_setrlimit")
int WS_DENY_PROG(deny_setrlimit, struct task_struct *target)
{
	return ws_judge_touch(target, WS_TOUCH_LIMITS);
}

SEC("?fmod_ret/security_task_setnice")
int WS_DENY_PROG(deny_setnice, struct task_struct *target)
{
	return ws_judge_touch(target, WS_TOUCH_PRIORITY);
}

SEC("?fmod_ret/security_task_setioprio")
int WS_DENY_PROG(deny_setioprio, struct task_struct *target)
{
	return ws_judge_touch(target, WS_TOUCH_IO_PRIORITY);
}

SEC("?fmod_ret/security_task_setscheduler")
int WS_DENY_PROG(deny_setscheduler, struct task_struct *target)
{
	return ws_judge_touch(target, WS_TOUCH_SCHEDULING);
}

/*
 * Who may sample everything (CAP_PERFMON) is not asked for access to the process. The hook's
 * arguments do not name it, and differ between kernels: those of the system call do.
 */
SEC("?fmod_ret/security_perf_event_open")
int WS_DENY_PROG(deny_perf)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	struct ws_deed deed = { .op = WS_OP_PTRACE }, *d = &deed;
	struct ws_task *t = ws_self();
	u32 index, *kind;

	if (!t)
		return 0;
	index = ws_syscall_index(task, regs, WS_SYSCALL_NR(regs));
	kind = bpf_map_lookup_elem(&syscalls, &index);
	if (!kind || *kind != WS_SYS_PERF)
		return 0;
	ws_perf_deed(d, ws_syscall_arg2(task, regs), ws_syscall_arg5(task, regs));
	if (!d->task && !d->many)
		return 0;
	return ws_judge_task(t, WS_OP_PTRACE, (u64)d->task, 0, WS_POWER_REFUSE);
}

char _license[] SEC("license") = "GPL";
