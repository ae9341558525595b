// SPDX-License-Identifier: GPL-2.0-only
/*
 * watch.bpf.c - the watch backend: system calls seen from tracepoints, where nothing can be refused.
 * An open is judged when it returns, on the kernel's own file behind the descriptor: the caller dies before it can
 * read a byte. Changes to directories are judged while they happen, on the inodes the kernel is changing.
 */
#include "file.bpf.h"
#include "net.bpf.h"
#include "opening.bpf.h"
#include "system.bpf.h"

#define PTRACE_ATTACH 16
#define PTRACE_SEIZE  0x4206

/*
 * A task that no program has ever kept anything of is in no session. System calls are seen of every process on the machine,
 * so those are let go by one read, before any table is asked.
 */
static __always_inline bool ws_stranger(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return bpf_core_field_exists(task->bpf_storage) && !task->bpf_storage;
}

static __always_inline u32 ws_kind_of(struct pt_regs *regs, long nr)
{
	u32 index = ws_syscall_index(bpf_get_current_task_btf(), regs, nr), *kind;

	kind = bpf_map_lookup_elem(&syscalls, &index);
	return kind ? *kind : 0;
}

static __always_inline u32 ws_op_of(u32 kind)
{
	switch (kind) {
	case WS_SYS_UNLINK:
	case WS_SYS_UNLINKAT:
		return WS_OP_UNLINK;
	case WS_SYS_RENAME:
	case WS_SYS_RENAMEAT:
		return WS_OP_RENAME;
	case WS_SYS_LINK:
	case WS_SYS_LINKAT:
		return WS_OP_LINK;
	case WS_SYS_TRUNCATE:
		return WS_OP_WRITE;
	case WS_SYS_CHMOD:
	case WS_SYS_CHMODAT:
		return WS_OP_CHMOD;
	}
	return WS_OP_CREATE;
}

/* Where the caller's string for the name that the call makes is; 0: it makes none. */
static __always_inline u64 ws_new_name(u32 kind, struct pt_regs *regs)
{
	struct task_struct *task = bpf_get_current_task_btf();

	switch (kind) {
	case WS_SYS_MKDIR:
		return ws_syscall_arg1(task, regs);
	case WS_SYS_MKDIRAT:
	case WS_SYS_SYMLINK:
	case WS_SYS_LINK:
	case WS_SYS_RENAME:
		return ws_syscall_arg2(task, regs);
	case WS_SYS_SYMLINKAT:
		return ws_syscall_arg3(task, regs);
	case WS_SYS_LINKAT:
	case WS_SYS_RENAMEAT:
		return ws_syscall_arg4(task, regs);
	}
	return 0;
}

struct ws_leaf {
	struct ws_scratch *s;
	u32 from, to; /* the last component found so far */
};

static long ws_leaf_step(u32 i, struct ws_leaf *l)
{
	struct ws_scratch *s = l->s;
	char c;

	if (!s || i >= WS_SCRATCH_STRING - 1)
		return 1;
	c = s->string[i];
	if (!c)
		return 1;
	if (c == '/')
		return 0;
	if (i && s->string[i - 1] == '/')
		l->from = i;
	l->to = i + 1;
	return 0;
}

/*
 * Last component of the new name, into t->leaf; its length, 0: unreadable or too long. The directory is the kernel's,
 * this one component is the caller's string, which another thread could change meanwhile.
 */
static __always_inline u32 ws_read_leaf(struct ws_task *t)
{
	struct ws_leaf l = {};
	u32 zero = 0, from;
	long n;

	l.s = bpf_map_lookup_elem(&scratch, &zero);
	if (!l.s)
		return 0;
	n = bpf_probe_read_user_str(l.s->string, sizeof(l.s->string), (void *)t->new_name);
	if (n <= 1 || n >= WS_SCRATCH_STRING)
		return 0;
	bpf_loop(WS_SCRATCH_STRING, ws_leaf_step, &l, 0);
	from = l.from;
	if (l.to <= from || l.to - from >= WS_LEAF_MAX)
		return 0;
	barrier_var(from);
	if (from > WS_SCRATCH_STRING - WS_LEAF_MAX)
		return 0;
	bpf_probe_read_kernel(t->leaf, sizeof(t->leaf), l.s->string + from);
	return l.to - from;
}

#define WS_PENDING_OPEN WS_OP_MAX /* in ws_task.pending: an open is running */

/* An open may also truncate, by O_TRUNC; asked for reading only, nothing of the file that it returns tells. */
static __always_inline void ws_begin_open(struct ws_task *t)
{
	if (!t)
		return;
	t->pending = WS_PENDING_OPEN;
	t->new_name = 0;
	t->made[0] = 0;
	ws_enter_open(t);
}

static __always_inline void ws_end_open(struct ws_task *t, struct file *file)
{
	u32 mode = BPF_CORE_READ(file, f_mode);
	struct ws_object *o;

	if (!t->made[0] || t->made[0] != (u64)BPF_CORE_READ(file, f_inode) || (mode & (FMODE_WRITE | FMODE_CREATED)))
		return;
	o = ws_object(t);
	o->mnt = BPF_CORE_READ(file, f_path.mnt);
	o->dentry = BPF_CORE_READ(file, f_path.dentry);
	ws_judge_path(t, WS_OP_WRITE, WS_POWER_KILL_AFTER);
}

static __always_inline u64 ws_mark_of(struct inode *inode)
{
	return BPF_CORE_READ(inode, i_ino) ^ ws_dev_of(inode);
}

/*
 * A name was made. It was judged while that happened, but by the caller's string, which another thread can change:
 * here it is judged by what the kernel called it, unless it was told already. What was renamed over is gone by now, its
 * memory free or another file's.
 */
static __always_inline void ws_end_name(struct ws_task *t, u32 op)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct hlist_node *alias;
	struct ws_object *o;
	struct inode *inode;

	for (u32 i = 0; i < 3; i++) {
		inode = (struct inode *)t->made[i];
		if (!inode || t->told)
			return;
		if (!BPF_CORE_READ(inode, i_nlink) || ws_mark_of(inode) != t->made_mark[i])
			continue;
		alias = BPF_CORE_READ(inode, i_dentry.first); /* the newest name of several */
		if (!alias)
			continue;
		o = ws_object(t);
		o->dentry = (void *)alias - bpf_core_field_offset(struct dentry, d_u.d_alias);
		o->mnt = BPF_CORE_READ(task, fs, pwd.mnt);
		ws_judge_path(t, op, WS_POWER_KILL_AFTER);
	}
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(watch_enter, struct pt_regs *regs, long nr)
{
	struct ws_subject s;
	u32 kind, pid;

	if (ws_stranger())
		return 0;
	kind = ws_kind_of(regs, nr);
	if (kind == WS_SYS_OPEN) {
		ws_begin_open(ws_self());
		return 0;
	}
	if (!kind || WS_SYS_IS_EXIT(kind))
		return 0;
	if (!ws_subject_of(&s, ws_self()))
		return 0;
	if (ws_condemned(&s)) {
		ws_kill_current(s.task);
		return 0;
	}
	if (WS_SYS_IS_SYSTEM(kind)) {
		ws_enter_system(s.task, kind, regs);
		return 0;
	}
	if (WS_SYS_IS_NAME(kind)) {
		s.task->pending = ws_op_of(kind);
		s.task->new_name = ws_new_name(kind, regs);
		s.task->made[0] = s.task->made[1] = s.task->made[2] = 0;
		s.task->told = 0;
		return 0;
	}
	pid = ws_syscall_arg1(bpf_get_current_task_btf(), regs);
	if (kind == WS_SYS_PTRACE) {
		if (pid != PTRACE_ATTACH && pid != PTRACE_SEIZE)
			return 0;
		pid = ws_syscall_arg2(bpf_get_current_task_btf(), regs);
	} else if (kind == WS_SYS_PIDFD_GETFD) {
		pid = 0;
	}
	ws_judge_memory(s.task, WS_OP_PTRACE, pid, WS_POWER_KILL_BEFORE);
	return 0;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(watch_exit, struct pt_regs *regs, long ret)
{
	u32 kind;
	struct ws_task *t;
	struct socket *socket;
	struct file *file;
	struct sock *sk;
	u32 fd, op;

	if (ws_stranger())
		return 0;
	kind = ws_kind_of(regs, WS_SYSCALL_NR(regs));
	if (!kind)
		return 0;
	t = ws_self();
	if (!t)
		return 0;
	op = t->pending;
	t->pending = 0;
	if (WS_SYS_IS_NAME(kind)) {
		if (!ret && op && t->new_name)
			ws_end_name(t, op);
		return 0;
	}
	if (kind == WS_SYS_OPEN) {
		if (ret >= 0) { /* else also the condemned go on: they die at the next hook that has an object */
			file = ws_file_of(bpf_get_current_task_btf(), ret);
			if (file) {
				ws_judge_open(t, file, WS_POWER_KILL_BEFORE, 0);
				ws_end_open(t, file);
			} else if (t->actor == WS_ACTOR_PACKAGE) {
				/* another thread closed what it cannot have known yet, unless it was waiting for it */
				ws_object(t);
				ws_refuse_unresolved(t, WS_OP_READ, WS_POWER_KILL_AFTER);
			}
		}
		ws_leave_open(t); /* after the verdict: no packet between the two */
		return 0;
	}
	if (kind == WS_SYS_CONNECT || kind == WS_SYS_SOCKETCALL) {
		fd = ws_syscall_arg1(bpf_get_current_task_btf(), regs);
		if (kind == WS_SYS_SOCKETCALL) { /* connect is its number 3; the descriptor is the first word in memory */
			if (fd != 3 || bpf_probe_read_user(&fd, sizeof(fd),
							   (void *)ws_syscall_arg2(bpf_get_current_task_btf(), regs)))
				return 0;
		}
		file = ws_file_of(bpf_get_current_task_btf(), fd);
		if (!file)
			return 0;
		if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
			return 0;
		socket = BPF_CORE_READ(file, private_data);
		sk = BPF_CORE_READ(socket, sk);
		if (sk && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX)
			ws_judge_unix(t, BPF_CORE_READ((struct unix_sock *)sk, peer), WS_POWER_KILL_BEFORE);
	}
	return 0;
}

static __always_inline void ws_note_made(struct ws_task *t, struct inode *made)
{
	u64 inode = (u64)made;

	for (u32 i = 0; i < 3; i++) {
		if (t->made[i] == inode)
			return;
		if (!t->made[i]) {
			t->made[i] = inode;
			t->made_mark[i] = ws_mark_of(made);
			return;
		}
	}
}

/*
 * The kernel is about to change a directory or take a name away: every file system stamps the inodes concerned, while
 * the system call runs. (6.13 made these tracepoints, with multigrain time stamps; three, one for each way to stamp.)
 */
static __always_inline int ws_stamped(struct inode *inode)
{
	struct ws_task *t = ws_self();
	struct hlist_node *alias;
	struct task_struct *task;
	struct ws_object *o;
	u32 op, leaf = 0;
	bool directory;

	if (!t || !t->pending)
		return 0;
	op = t->pending;
	directory = (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFDIR;
	alias = BPF_CORE_READ(inode, i_dentry.first);
	if (op == WS_PENDING_OPEN) {
		if (!directory && alias)
			t->made[0] = (u64)inode;
		return 0;
	}
	if (t->new_name && (!directory || !alias))
		ws_note_made(t, inode);
	if (directory) {
		/* a directory is stamped for what appears in it and for what leaves it; the latter is stamped itself */
		if (!t->new_name)
			return 0;
		if (!alias)
			return 0;
		leaf = ws_read_leaf(t);
		if (!leaf) {
			/* too long a string: never "no match" */
			ws_object(t);
			if (t->actor == WS_ACTOR_PACKAGE)
				ws_refuse_unresolved(t, op, WS_POWER_KILL_AFTER);
			return 0;
		}
	} else if (op == WS_OP_LINK) {
		op = WS_OP_READ; /* the source of a link: see deny_path_link */
	}
	if (!alias)
		return 0;
	task = bpf_get_current_task_btf();
	o = ws_object(t);
	o->leaf = leaf;
	o->linking = op == WS_OP_READ;
	if (leaf)
		o->flags = WS_F_LEXICAL;
	o->dentry = (void *)alias - bpf_core_field_offset(struct dentry, d_u.d_alias);
	o->mnt = BPF_CORE_READ(task, fs, pwd.mnt); /* the inode does not tell its mount: places are found by identity */
	t->loop.out.rule = WS_RULE_NONE;
	ws_judge_path(t, op, WS_POWER_KILL_AFTER);
	if (leaf && t->loop.out.rule != WS_RULE_NONE)
		t->told = 1;
	return 0;
}

/* One raw program for the three, which all begin with the inode: one of its own for each would be verified thrice. */
SEC("?raw_tp/inode_set_ctime_to_ts")
int BPF_PROG(watch_stamp, struct inode *inode)
{
	return ws_stamped(inode);
}

#define IORING_OP_OPENAT  18
#define IORING_OP_OPENAT2 28
#define IORING_OP_RENAMEAT 35
#define IORING_OP_UNLINKAT 36
#define IORING_OP_MKDIRAT 37
#define IORING_OP_SYMLINKAT 38
#define IORING_OP_LINKAT 39
#define REQ_F_CQE_SKIP (1u << 6)
#define O_ACCMODE 3
#define O_TRUNC 01000

/*
 * io_uring, three looks. What it does by name it does in a worker of its own, where none of the above sees it: refused, as
 * what cannot be resolved. So is an open into a direct descriptor, which gives no file that could be looked at, one whose
 * completion nobody wants to hear of, and one that truncates what it opens for reading. No runtime does any of these
 * unless it is told to.
 */
static __always_inline u32 ws_uring_op(struct io_kiocb *req)
{
	u64 flags;

	switch (BPF_CORE_READ(req, opcode)) {
	case IORING_OP_RENAMEAT:
		return WS_OP_RENAME;
	case IORING_OP_UNLINKAT:
		return WS_OP_UNLINK;
	case IORING_OP_MKDIRAT:
	case IORING_OP_SYMLINKAT:
		return WS_OP_CREATE;
	case IORING_OP_LINKAT:
		return WS_OP_LINK;
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
		if (BPF_CORE_READ((struct io_open *)req, file_slot) || (BPF_CORE_READ_BITFIELD_PROBED(req, flags) & REQ_F_CQE_SKIP))
			return WS_OP_READ;
		flags = BPF_CORE_READ((struct io_open *)req, how.flags);
		return (flags & O_TRUNC) && !(flags & O_ACCMODE) ? WS_OP_WRITE : WS_OP_NONE;
	}
	return WS_OP_NONE;
}

SEC("?tp_btf/io_uring_submit_req")
int BPF_PROG(watch_uring_submit, struct io_kiocb *req)
{
	struct ws_task *t = ws_self();
	u32 op, opcode;

	if (!t || t->actor != WS_ACTOR_PACKAGE)
		return 0;
	op = ws_uring_op(req);
	if (!op) {
		opcode = BPF_CORE_READ(req, opcode);
		if (opcode == IORING_OP_OPENAT || opcode == IORING_OP_OPENAT2)
			ws_enter_ring_open(t, (u64)req);
		return 0;
	}
	ws_object(t)->flags = WS_F_IO_URING;
	ws_refuse_unresolved(t, op, WS_POWER_KILL_BEFORE);
	return 0;
}

/*
 * A request takes its file by descriptor. Completions are told in batches: a chain of open, read and send is through
 * before the open's own is seen below. Here the scope is condemned before its send, whose packets are dropped then.
 */
SEC("?tp_btf/io_uring_file_get")
int BPF_PROG(watch_uring_file, struct io_kiocb *req, int fd)
{
	struct ws_task *t = ws_self();
	struct file *file;

	if (!t || t->actor != WS_ACTOR_PACKAGE)
		return 0;
	file = ws_file_of(bpf_get_current_task_btf(), fd);
	if (file && (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK) /* which nobody opens, and no path names */
		ws_judge_open(t, file, WS_POWER_KILL_BEFORE, WS_F_IO_URING);
	return 0;
}

/* A completed open's descriptor. */
SEC("?tp_btf/io_uring_complete")
int BPF_PROG(watch_uring, struct io_ring_ctx *ring, void *req, struct io_uring_cqe *cqe)
{
	struct ws_task *t = ws_self();
	struct file *file;
	int res;
	u8 opcode;

	if (!t || !req)
		return 0;
	opcode = BPF_CORE_READ((struct io_kiocb *)req, opcode);
	if (opcode != IORING_OP_OPENAT && opcode != IORING_OP_OPENAT2)
		return 0;
	res = BPF_CORE_READ(cqe, res);
	file = res < 0 ? NULL : ws_file_of(bpf_get_current_task_btf(), res);
	if (file)
		ws_judge_open(t, file, WS_POWER_KILL_BEFORE, WS_F_IO_URING);
	ws_leave_ring_open((u64)req);
	return 0;
}

char _license[] SEC("license") = "GPL";
