/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names.bpf.h - watch: system calls that create, move or remove a name, and chmod and truncate.
 * Judged while they run, on the inodes that the kernel is changing; a new name again when the call
 * returns.
 */
#ifndef WORMSIGN_NAMES_BPF_H
#define WORMSIGN_NAMES_BPF_H

#include "file.bpf.h"
#include "lib/path.bpf.h"
#include "links.bpf.h"
#include "syscalls.h"
#include "uring.bpf.h"

/* kind: enum ws_syscall */
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
	case WS_SYS_FCHMOD:
	case WS_SYS_ATTRIBUTE:
		return WS_OP_CHMOD;
	}
	return WS_OP_CREATE;
}

/* User address of the path that the call creates, 0: it creates none. */
static __always_inline u64 ws_new_name(u32 kind, struct pt_regs *regs)
{
	struct task_struct *task = bpf_get_current_task_btf();

	switch (kind) {
	case WS_SYS_MKDIR:
	case WS_SYS_MKNOD:
		return ws_syscall_arg1(task, regs);
	case WS_SYS_MKDIRAT:
	case WS_SYS_MKNODAT:
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

/*
 * A chmod begins. Of one by descriptor the mode before is known: remember it with the inode, since
 * another thread can put another file behind the descriptor.
 */
static __always_inline void ws_begin_chmod(struct ws_task *t, u32 kind, struct pt_regs *regs)
{
	struct file *file;
	struct inode *inode;

	t->sets_mode = kind != WS_SYS_ATTRIBUTE;
	t->mode_of = 0;
	if (kind != WS_SYS_FCHMOD)
		return;
	file = ws_file_of(ws_syscall_arg1(bpf_get_current_task_btf(), regs));
	if (!file)
		return;
	inode = BPF_CORE_READ(file, f_inode);
	t->mode_of = (u64)inode;
	t->mode_before = BPF_CORE_READ(inode, i_mode);
}

/* User address of the path that the call removes, 0: it removes none. */
static __always_inline u64 ws_gone_name(u32 kind, struct pt_regs *regs)
{
	struct task_struct *task = bpf_get_current_task_btf();

	switch (kind) {
	case WS_SYS_UNLINK:
		return ws_syscall_arg1(task, regs);
	case WS_SYS_UNLINKAT:
		return ws_syscall_arg2(task, regs);
	}
	return 0;
}

/* Such a call, or request to io_uring, begins: op: enum ws_op; new_name: address of the path that
 * it creates. */
static __always_inline void ws_begin_change(struct ws_task *t, u32 op, u64 new_name)
{
	t->pending = op;
	t->new_name = new_name;
	t->link_target = 0;
	t->new_directory = t->new_link = 0;
	t->made[0] = t->made[1] = t->made[2] = 0;
	t->changed[0] = t->changed[1] = t->changed[2] = t->changed[3] = 0;
	t->fired_dir[0] = t->fired_dir[1] = 0;
	t->moved[0] = t->moved[1] = t->moved[2] = t->moved[3] = NULL;
	t->moved_more[0] = t->moved_more[1] = 0;
	t->new_leaf = 0;
	t->gone_name = 0;
	t->gone_dir = NULL;
	t->sets_mode = 0;
	t->mode_of = 0;
}

static __always_inline void ws_begin_name(struct ws_task *t, u32 kind, struct pt_regs *regs)
{
	bool link = kind == WS_SYS_SYMLINK || kind == WS_SYS_SYMLINKAT;

	/* a manager's links are remembered */
	t->pending = 0;
	if (!ws_files_judged(t) && !(link && t->actor == WS_ACTOR_MANAGER))
		return;
	ws_begin_change(t, ws_op_of(kind), ws_new_name(kind, regs));
	t->gone_name = ws_gone_name(kind, regs);
	t->new_link = link;
	if (t->new_link)
		t->link_target = ws_syscall_arg1(bpf_get_current_task_btf(), regs);
	t->new_directory = kind == WS_SYS_MKDIR || kind == WS_SYS_MKDIRAT;
	if (t->pending == WS_OP_CHMOD)
		ws_begin_chmod(t, kind, regs);
}

struct ws_leaf {
	struct ws_scratch *s;
	u32 from, to; /* the last component found so far */
};

static long ws_leaf_step(u32 i, struct ws_leaf *l)
{
	struct ws_scratch *s = l->s;
	u32 before = i - 1;
	char c;

	if (!s || i >= WS_PATH_MAX - 1)
		return 1;
	c = s->path[i];
	if (!c)
		return 1;
	if (c == '/')
		return 0;
	barrier_var(before); /* 6.1 takes the bound of i for none of i - 1 */
	if (i && s->path[before & (WS_PATH_MAX - 1)] == '/')
		l->from = i;
	l->to = i + 1;
	return 0;
}

/*
 * Read the last component of the path at `address` into t->leaf. Returns its length, 0: unreadable.
 * The directory comes from the kernel; this component is the caller's string, which another thread
 * can change.
 */
static __always_inline u32 ws_read_leaf(struct ws_task *t, u64 address)
{
	struct ws_leaf l = {};
	u32 zero = 0, from;
	long n;

	l.s = bpf_map_lookup_elem(&scratch, &zero);
	if (!l.s)
		return 0;
	n = t->request ? bpf_probe_read_kernel_str(l.s->path, WS_PATH_MAX, (void *)address)
		       : bpf_probe_read_user_str(l.s->path, WS_PATH_MAX, (void *)address);
	if (n <= 1)
		return 0;
	bpf_loop(WS_PATH_MAX, ws_leaf_step, &l, 0);
	from = l.from;
	if (l.to <= from || l.to - from >= WS_LEAF_MAX)
		return 0;
	barrier_var(from);
	if (from > WS_PATH_MAX)
		return 0;
	ws_try(LEAF, bpf_probe_read_kernel(t->leaf, sizeof(t->leaf), l.s->path + from));
	return l.to - from;
}

/* Distinguishes an inode from one that reuses its memory later, unless that has its number, too.
 * Without the generation, which file systems set after the times of a new inode: see
 * ws_task.made_generation. */
static __always_inline u64 ws_mark_of(struct inode *inode)
{
	return BPF_CORE_READ(inode, i_ino) ^ (u64)BPF_CORE_READ(inode, i_sb, s_dev) << 32;
}

/* Remember an inode to which the running system call gives a name. */
static __always_inline void ws_note_made(struct ws_task *t, struct inode *made, bool named)
{
	u64 inode = (u64)made;

	for (u32 i = 0; i < 3; i++) {
		if (!t->made[i] || t->made[i] == inode) {
			t->made[i] = inode;
			t->made_mark[i] = ws_mark_of(made);
			t->made_generation[i] = named ? BPF_CORE_READ(made, i_generation) : 0;
			return;
		}
	}
}

/* The rule that t->decision says has fired on t->leaf in directory dir (an inode). Returns 0. */
int ws_note_fired(struct ws_task *t, u64 dir);

/* Which rule fired on the name that dentry has, as ws_object.told. In file.bpf.c. */
u32 ws_fired_on(struct ws_task *t, u64 dentry);

/* Whether inode is still the one that had this mark and generation, and has a name. */
static __always_inline bool ws_is_marked(struct inode *inode, u64 mark, u32 generation)
{
	return BPF_CORE_READ(inode, i_nlink) && ws_mark_of(inode) == mark &&
	       (!generation || generation == BPF_CORE_READ(inode, i_generation));
}

/*
 * After the call: judge the new name again by its dentry. The first look used the caller's string,
 * which another thread can change; if a rule fired on this very name, it is not reported twice. The
 * inode of a file that was renamed over may be freed by now, and its memory reused: hence the
 * marks.
 */
static __always_inline void ws_end_name(struct ws_task *t, u32 op)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct hlist_node *alias;
	struct ws_object *o;
	struct inode *inode;

	for (u32 i = 0; i < 3; i++) {
		inode = (struct inode *)t->made[i];
		if (!inode)
			return;
		if (!ws_is_marked(inode, t->made_mark[i], t->made_generation[i]))
			continue;
		alias = BPF_CORE_READ(inode, i_dentry.first); /* the newest name of several */
		if (!alias)
			continue;
		o = ws_new_object(t);
		o->dentry = ws_dentry_of(alias);
		o->mnt = BPF_CORE_READ(task, fs, pwd.mnt);
		o->judged = ws_fired_on(t, (u64)ws_dentry_of(alias)) != 0;
		o->returned = 1;
		o->new_directory = t->new_directory;
		o->new_link = t->new_link;
		ws_judge_path(t, op, WS_POWER_KILL_AFTER);
		if (t->link_target && t->actor == WS_ACTOR_MANAGER)
			ws_note_link(t, t->link_target, 1);
	}
}

/*
 * After unlink or rmdir on overlayfs. The inode of a file that only a lower layer has is not
 * changed: a whiteout in the upper directory covers its name. Overlayfs then changes only its own
 * inode of the directory: judge the name in it, as the caller gave it. It was read then, since
 * io_uring frees its copy before the request ends.
 */
static __always_inline void ws_end_gone(struct ws_task *t, u32 flags)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_object *o;

	o = ws_new_object(t);
	o->dentry = t->gone_dir;
	o->mnt = BPF_CORE_READ(task, fs, pwd.mnt);
	o->leaf = t->gone_leaf;
	o->flags = flags;
	ws_judge_path(t, WS_OP_UNLINK, WS_POWER_KILL_AFTER);
}

/*
 * A rename changes the inode of this name, and the directory that it is in. Either the name goes,
 * or another one comes into that directory: which one is known when the call returns
 * (ws_end_moved()). judged: that it goes has been judged. Returns 0 if there is no room: of a file
 * with many names in these directories all of them are judged, before and after. This and the next
 * functions are in file.bpf.c, global: their stacks do not add to their callers'.
 */
int ws_keep_moved(struct ws_task *t, u64 dentry, u32 judged);

/* Whether t->moved has dentry. */
static __always_inline bool ws_is_kept(struct ws_task *t, struct dentry *dentry)
{
	for (u32 i = 0; i < WS_MOVED; i++)
		if (t->moved[i] == dentry)
			return true;
	return false;
}

enum ws_moved_is { WS_MOVED_STAYS, WS_MOVED_GONE, WS_MOVED_ELSEWHERE };

/* Where t->moved[i] is after the call: enum ws_moved_is. */
int ws_look_at_moved(struct ws_task *t, u32 i);

/* Judge t->moved_leaf[i], or t->new_leaf_name if i is WS_MOVED, in the directory dir (a dentry).
 * Returns 0. */
int ws_judge_leaf(struct ws_task *t, u32 i, u64 dir, u32 flags);

struct ws_lost_name {
	struct ws_task *t;
};

static long ws_lost_step(u32 i, struct ws_lost_name *l)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct hlist_node *alias;
	struct ws_task *t = l->t;
	struct dentry *dentry;
	struct ws_object *o;

	if (!t)
		return 1;
	alias = t->lost_alias;
	if (!alias)
		return 1;
	t->lost_alias = BPF_CORE_READ(alias, next);
	dentry = ws_dentry_of(alias);
	if (BPF_CORE_READ(dentry, d_parent, d_inode) != t->lost_dir)
		return 0;
	if (t->lost_keep && ws_keep_moved(t, (u64)dentry, 0))
		return 0;
	o = ws_new_object(t);
	o->dentry = dentry;
	o->mnt = BPF_CORE_READ(task, fs, pwd.mnt);
	ws_judge_path(t, t->lost_op, WS_POWER_KILL_AFTER);
	return 0;
}

#define WS_NAMES_MAX 65536 /* of a file: more than ext4 (65,000) permits */

/* See ws_judge_lost(). */
static __always_inline void ws_each_lost(struct ws_task *t, struct inode *inode, struct inode *dir,
					 u32 op)
{
	struct ws_lost_name l = { .t = t };

	t->lost_alias = BPF_CORE_READ(inode, i_dentry.first);
	t->lost_dir = dir;
	t->lost_op = op;
	t->lost_keep = op == WS_OP_RENAME && t->pending;
	bpf_loop(WS_NAMES_MAX, ws_lost_step, &l, 0);
}

/*
 * Of the names that inode has, judge those in directory dir: the running call changed both, so it
 * takes one of them away. Of a rename they are kept for its end (ws_keep_moved()), unless that is
 * now (t->pending is 0). inode, dir: kernel addresses. Returns 0. In file.bpf.c.
 */
int ws_judge_lost(struct ws_task *t, u64 inode, u64 dir, u32 op);

/*
 * After a rename: judge the names that have gone, unless that was done while the kernel changed
 * them, and the names that what has moved has now. All by dentries: in which of the two directories
 * the new name is, no string of the caller's could tell.
 */
static __always_inline void ws_end_moved(struct ws_task *t, u32 flags)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct inode *inode, *dir;
	struct hlist_node *alias;
	struct ws_object *o;
	u32 is;

	t->any_gone = 0;
	for (u32 i = 0; i < WS_MOVED; i++) {
		if (!t->moved[i])
			break;
		is = ws_look_at_moved(t, i);
		t->moved_is[i] = is;
		if (is == WS_MOVED_STAYS)
			continue;
		t->any_gone = 1;
		if (t->moved_judged[i])
			continue;
		ws_judge_leaf(t, i, (u64)t->moved_dir[i], flags);
		if (is == WS_MOVED_ELSEWHERE && t->walk.places & WS_PLACE_BIT(WS_PLACE_OWN))
			ws_note_moved(t, (u64)t->moved[i]);
	}
	for (u32 i = 0; i < WS_MOVED; i++) {
		if (!t->moved[i])
			break;
		if (t->moved_is[i] != WS_MOVED_ELSEWHERE)
			continue;
		o = ws_new_object(t);
		o->dentry = t->moved[i];
		o->mnt = BPF_CORE_READ(task, fs, pwd.mnt);
		o->told = ws_fired_on(t, (u64)t->moved[i]);
		o->returned = 1;
		o->flags = flags;
		ws_judge_path(t, WS_OP_RENAME, WS_POWER_KILL_AFTER);
	}
	for (u32 i = 0; i < 8; i++) {
		inode = (struct inode *)t->moved_more[i / 4];
		dir = (struct inode *)t->changed[i % 4];
		if (!inode || !dir || (u64)dir & 3)
			continue;
		t->any_gone = 1;
		if (ws_is_marked(inode, t->moved_more_mark[i / 4], 0))
			ws_each_lost(t, inode, dir, WS_OP_RENAME);
	}
	if (t->any_gone || !t->new_leaf)
		return;
	/* file systems that leave a moved file's times alone: by the caller's string, in each
	 * directory that has changed */
	for (u32 i = 0; i < 4; i++) {
		dir = (struct inode *)t->changed[i];
		if (!dir || (u64)dir & 3)
			continue;
		alias = BPF_CORE_READ(dir, i_dentry.first);
		if (alias)
			ws_judge_leaf(t, WS_MOVED, (u64)ws_dentry_of(alias), flags ?: WS_F_LEXICAL);
	}
}

/*
 * The running unlink, rmdir or rename changes inode. Which of a file's names it takes away is known
 * by the directory that it changes, too; file systems differ in which of the two they change first.
 * For a directory the same tells the one that is removed or moved from the one above it. A file
 * with one name is judged by that (ws_inode_changes()).
 */
static __always_inline void ws_note_changed(struct ws_task *t, struct inode *inode, bool directory,
					    bool several, u32 op)
{
	u64 this = (u64)inode, other;

	for (u32 i = 0; i < 4; i++) {
		other = t->changed[i];
		if (!other) {
			t->changed[i] = this | (directory ? 0 : several ? 1 : 2);
			return;
		}
		if ((other & ~3ULL) == this)
			return;
		if ((directory || several) && !(other & 3))
			ws_judge_lost(t, this, other, op);
		if (directory && !(other & 2))
			ws_judge_lost(t, other & ~3ULL, this, op);
	}
}

#define OVERLAYFS_SUPER_MAGIC 0x794c7630

static __always_inline bool ws_on_overlay(struct inode *inode)
{
	return BPF_CORE_READ(inode, i_sb, s_magic) == OVERLAYFS_SUPER_MAGIC;
}

/*
 * An unlink or rmdir changes inode; alias: the name of a directory. parent: it may be the directory
 * of what is removed. If that itself is changed, too, it is judged as an inode. See ws_end_gone().
 */
static __always_inline void ws_note_gone(struct ws_task *t, struct inode *inode,
					 struct hlist_node *alias, bool parent)
{
	if (!alias || !BPF_CORE_READ(inode, i_nlink)) {
		t->gone_name = 0;
		t->gone_dir = NULL;
	} else if (parent && ws_on_overlay(inode)) {
		t->gone_leaf = ws_read_leaf(t, t->gone_name);
		t->gone_dir = t->gone_leaf ? ws_dentry_of(alias) : NULL;
	}
}

/*
 * The running task is a worker of io_uring: note which request it carries out, if that is one by
 * name. The path is the kernel's copy.
 */
static __always_inline void ws_look_at_request(struct ws_task *t, struct task_struct *task)
{
	struct io_worker *worker = BPF_CORE_READ(task, worker_private);
	struct io_wq_work *work = worker ? BPF_CORE_READ(worker, cur_work) : NULL;
	u64 request, *submitted, when;
	struct io_kiocb *req;

	t->pending = 0;
	if (!work)
		return;
	req = (void *)work - bpf_core_field_offset(struct io_kiocb, work);
	request = (u64)req;
	submitted = bpf_map_lookup_elem(&ring_names, &request);
	when = submitted ? *submitted : 0;
	if (t->request != request || t->submitted != when)
		ws_begin_change(t, WS_OP_NONE, ws_new_name_of_request(req));
	t->gone_name = ws_gone_name_of_request(req);
	t->new_directory = BPF_CORE_READ(req, opcode) == IORING_OP_MKDIRAT;
	t->new_link = BPF_CORE_READ(req, opcode) == IORING_OP_SYMLINKAT;
	t->request = request;
	t->submitted = when;
	t->pending = ws_op_of_request(req);
}

/*
 * Whether task is following a path to where the call does its work. FUSE and network file systems
 * get an inode's times from the server when it is looked up, and stamp what was not changed.
 */
static __always_inline bool ws_looks_up(struct task_struct *task)
{
	return bpf_core_field_exists(task->nameidata) && BPF_CORE_READ(task, nameidata);
}

#define RWSEM_READER_OWNED 1
#define RWSEM_FLAGS	   7

/* Whether task holds inode's lock for writing, as it does to change names in a directory, and to
 * truncate a file. On real-time kernels that cannot be seen, and each inode counts. */
static __always_inline bool ws_holds(struct task_struct *task, struct inode *inode)
{
	u64 owner;

	if (!bpf_core_field_exists(inode->i_rwsem.owner))
		return true;
	owner = BPF_CORE_READ(inode, i_rwsem.owner.counter);
	return !(owner & RWSEM_READER_OWNED) && (owner & ~(u64)RWSEM_FLAGS) == (u64)task;
}

/* With which credentials task does its work, unless a file system has changed them for a while. */
static __always_inline u64 ws_callers_cred(struct ws_task *t, struct task_struct *task)
{
	struct io_kiocb *req = (struct io_kiocb *)t->request;

	return (u64)(req ? BPF_CORE_READ(req, creds) : BPF_CORE_READ(task, real_cred));
}

/* Keep the caller's new name: io_uring frees its copy before the request ends. */
static __always_inline void ws_note_new_leaf(struct ws_task *t)
{
	t->new_leaf = ws_read_leaf(t, t->new_name);
	ws_try(LEAF, bpf_probe_read_kernel(t->new_leaf_name, WS_LEAF_MAX, t->leaf));
}

/*
 * File systems update the ctime of every inode that a system call changes. From 6.13 that has
 * tracepoints (three, for the ways of multigrain timestamps), which serve as hook for unlink,
 * rename, link, chmod and truncate.
 */
static __always_inline int ws_inode_changes(struct ws_task *t, struct inode *inode)
{
	struct hlist_node *alias;
	struct task_struct *task;
	struct dentry *dentry;
	struct ws_object *o;
	u32 op, leaf = 0, mode;
	bool directory, several, parent;

	task = bpf_get_current_task_btf();
	if (task->flags & PF_IO_WORKER && ws_sees_workers())
		ws_look_at_request(t, task);
	if (!t->pending)
		return 0;
	/* overlayfs changes its layers with the rights of who mounted it, and its own inodes as
	 * well: those are what the caller knows */
	if ((u64)BPF_CORE_READ(task, cred) != ws_callers_cred(t, task) && !ws_on_overlay(inode))
		return 0;
	op = t->pending;
	if (op != WS_PENDING_OPEN && ws_looks_up(task))
		return 0;
	mode = BPF_CORE_READ(inode, i_mode); /* after a chmod, the new one */
	directory = (mode & S_IFMT) == S_IFDIR;
	alias = BPF_CORE_READ(inode, i_dentry.first);
	if (op == WS_OP_CHMOD && t->mode_of == (u64)inode && t->mode_before == mode)
		return 0;
	if (op == WS_PENDING_OPEN) {
		if (!directory && alias && ws_holds(task, inode)) /* not merely looked up */
			t->made[0] = (u64)inode;
		return 0;
	}
	/* what has no name yet is being looked up, as the last component of a removed path is */
	if (op == WS_OP_UNLINK && !alias)
		return 0;
	if (t->new_name && op != WS_OP_RENAME && (!directory || !alias))
		ws_note_made(t, inode, alias);
	several = alias && BPF_CORE_READ(alias, next);
	/* overlayfs also changes the directories above, when it copies them up */
	parent = directory && (!ws_on_overlay(inode) || ws_holds(task, inode));
	if (t->gone_name)
		ws_note_gone(t, inode, directory ? alias : NULL, parent);
	if (op == WS_OP_UNLINK || op == WS_OP_RENAME) {
		ws_note_changed(t, inode, parent, several || directory != parent, op);
		if (several && !directory)
			return 0;
	}
	if (op == WS_OP_RENAME) {
		if (directory && !t->new_leaf)
			ws_note_new_leaf(t);
		if (directory || !alias)
			return 0;
		dentry = ws_dentry_of(alias);
		if (ws_is_kept(t, dentry)) /* tmpfs changes what is replaced twice */
			return 0;
		ws_keep_moved(t, (u64)dentry, 1);
	}
	if (directory && op != WS_OP_CHMOD) {
		/* changes when a name appears in it or leaves it; in the latter case the inode of
		 * that name changes, too, and is judged */
		if (!t->new_name || !alias || !ws_holds(task, inode))
			return 0;
		leaf = ws_read_leaf(t, t->new_name);
		if (!leaf) /* another thread took the string away: judged when the call returns */
			return 0;
	} else if (op == WS_OP_LINK) {
		op = WS_OP_READ; /* the source of a link is judged as read: see deny_path_link */
	}
	if (!alias)
		return 0;
	o = ws_new_object(t);
	o->leaf = leaf;
	o->linking = op == WS_OP_READ;
	o->new_directory = leaf && t->new_directory;
	o->new_link = leaf && t->new_link;
	if (op == WS_OP_CHMOD && t->sets_mode)
		o->mode = mode;
	if (t->request)
		o->flags = WS_F_IO_URING;
	else if (leaf)
		o->flags = WS_F_LEXICAL;
	dentry = ws_dentry_of(alias);
	o->dentry = dentry;
	o->mnt = BPF_CORE_READ(task, fs,
			       pwd.mnt); /* an inode has no mount; places are matched by identity */
	t->decision.out.rule = WS_RULE_NONE;
	ws_judge_path(t, op, WS_POWER_KILL_AFTER);
	if (t->decision.out.rule == WS_RULE_NONE)
		return 0;
	if (op == WS_OP_RENAME) {
		__builtin_memset(t->leaf, 0, sizeof(t->leaf));
		if (bpf_probe_read_kernel_str(t->leaf, sizeof(t->leaf),
					      BPF_CORE_READ(dentry, d_name.name)) < 0)
			return 0;
		inode = BPF_CORE_READ(dentry, d_parent, d_inode);
	}
	if (leaf || op == WS_OP_RENAME)
		ws_note_fired(t, (u64)inode);
	return 0;
}

#endif
