// SPDX-License-Identifier: GPL-2.0-only
/*
 * file.bpf.c - file hooks. deny: on the kernel's security_* calls, before the effect. watch: opens
 * are judged when they return (watch.bpf.c), changes of directories while they happen.
 */
#include "file.bpf.h"
#include "links.bpf.h"
#include "names.bpf.h"
#include "object.bpf.h"

SEC("?fmod_ret/security_file_open")
int WS_DENY_PROG(deny_file_open, struct file *file, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	ws_take_opened(t, file);
	return ws_judge_open(t, file, WS_POWER_REFUSE, 0);
}

SEC("?fmod_ret/security_path_truncate")
int WS_DENY_PROG(deny_path_truncate, const struct path *path, int ret)
{
	struct ws_object *o;
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	o = ws_new_object(t);
	o->mnt = BPF_CORE_READ(path, mnt);
	o->dentry = BPF_CORE_READ(path, dentry);
	return ws_judge_path(t, WS_OP_WRITE, WS_POWER_REFUSE);
}

/* Since 6.2 ftruncate() calls this hook instead. A file open for writing was judged at its open. */
SEC("?fmod_ret/security_file_truncate")
int WS_DENY_PROG(deny_file_truncate, struct file *file, int ret)
{
	struct ws_object *o;
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	if (BPF_CORE_READ(file, f_mode) & FMODE_WRITE)
		return 0;
	o = ws_new_object(t);
	o->mnt = BPF_CORE_READ(file, f_path.mnt);
	o->dentry = BPF_CORE_READ(file, f_path.dentry);
	return ws_judge_path(t, WS_OP_WRITE, WS_POWER_REFUSE);
}

/* Judge the creation or removal of dentry, a name in directory dir. t->object is new. */
static __always_inline int ws_judge_new(struct ws_task *t, u32 op, const struct path *dir,
					struct dentry *dentry)
{
	struct ws_object *o = &t->object;

	o->mnt = BPF_CORE_READ(dir, mnt);
	o->dentry = dentry;
	return ws_judge_path(t, op, WS_POWER_REFUSE);
}

/* ... and note a creation that is permitted, for deny_instantiate(): the inode comes later. */
static __always_inline int ws_judge_created(struct ws_task *t, const struct path *dir,
					    struct dentry *dentry)
{
	int ret = ws_judge_new(t, WS_OP_CREATE, dir, dentry);

	t->creating = ret || t->walk.shared ? 0 : (u64)dentry;
	t->creating_mnt = t->object.mnt;
	t->creating_places = t->object.places;
	t->creating_guarded = t->object.guarded;
	if (t->object.own_command && t->object.link_to)
		/* remember it, though it lies in `own`: what it holds may not say whose it is */
		t->creating_places = WS_PLACE_BIT(WS_PLACE_MODULES);
	t->creating_hash = BPF_CORE_READ(dentry, d_name.hash);
	t->creating_length = BPF_CORE_READ(dentry, d_name.len);
	return ret;
}

/*
 * A dentry gets its inode. Also happens when a name is looked up; if the creation failed and the
 * dentry's memory holds another name now, that has another hash, which the directory's address is
 * part of.
 */
SEC("?fentry/security_d_instantiate")
int BPF_PROG(deny_instantiate, struct dentry *dentry, struct inode *inode)
{
	struct ws_task *t = ws_self();
	struct ws_object *o;
	struct ws_id id;

	if (!t || !inode || t->creating != (u64)dentry)
		return 0;
	t->creating = 0;
	if (t->creating_hash != BPF_CORE_READ(dentry, d_name.hash) ||
	    t->creating_length != BPF_CORE_READ(dentry, d_name.len))
		return 0;
	ws_id_of(&id, inode);
	o = ws_new_object(t);
	o->mnt = t->creating_mnt;
	o->dentry = dentry;
	ws_remember_created(t, t->creating_places, t->creating_guarded, id.ino, id.dev);
	return 0; /* fentry: whatever else it could be is refused by the verifier */
}

SEC("?fmod_ret/security_path_mknod")
int WS_DENY_PROG(deny_path_mknod, const struct path *dir, struct dentry *dentry,
		 unsigned short mode, unsigned int dev, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	ws_new_object(t);
	return ws_judge_created(t, dir, dentry);
}

SEC("?fmod_ret/security_path_mkdir")
int WS_DENY_PROG(deny_path_mkdir, const struct path *dir, struct dentry *dentry,
		 unsigned short mode, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	ws_new_object(t)->mode = S_IFDIR;
	t->object.new_directory = 1;
	return ws_judge_created(t, dir, dentry);
}

SEC("?fmod_ret/security_path_symlink")
int WS_DENY_PROG(deny_path_symlink, const struct path *dir, struct dentry *dentry,
		 const char *target, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	ws_new_object(t)->link_to = target;
	t->object.new_link = 1;
	ret = ws_judge_created(t, dir, dentry);
	if (!ret && t->actor == WS_ACTOR_MANAGER)
		ws_note_link(t, (u64)target, 0);
	return ret;
}

SEC("?fmod_ret/security_path_unlink")
int WS_DENY_PROG(deny_path_unlink, const struct path *dir, struct dentry *dentry, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	ws_new_object(t);
	return ws_judge_new(t, WS_OP_UNLINK, dir, dentry);
}

SEC("?fmod_ret/security_path_rmdir")
int WS_DENY_PROG(deny_path_rmdir, const struct path *dir, struct dentry *dentry, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	ws_new_object(t);
	return ws_judge_new(t, WS_OP_UNLINK, dir, dentry);
}

/* Judge both names of a rename: one could take a protected name away, or put something in its
 * place. */
static __always_inline int ws_judge_pair(struct ws_task *t, u32 op, struct vfsmount *mnt,
					 struct dentry *from, struct vfsmount *mnt2,
					 struct dentry *to)
{
	struct ws_object *o;
	int ret;

	o = ws_new_object(t);
	o->mnt = mnt;
	o->dentry = from;
	o->mnt2 = mnt2;
	o->dentry2 = to;
	o->leaves = 1;
	ret = ws_judge_path(t, op, WS_POWER_REFUSE);
	o->leaves = 0;
	o->flags = 0;
	o->mnt = mnt2;
	o->dentry = to;
	o->mnt2 = mnt;
	o->dentry2 = from;
	return ws_stronger(ws_judge_path(t, op, WS_POWER_REFUSE), ret);
}

SEC("?fmod_ret/security_path_rename")
int WS_DENY_PROG(deny_path_rename, const struct path *old_dir, struct dentry *old_dentry,
		 const struct path *new_dir, struct dentry *new_dentry, unsigned int flags, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_pair(t, WS_OP_RENAME, BPF_CORE_READ(old_dir, mnt), old_dentry,
			     BPF_CORE_READ(new_dir, mnt), new_dentry);
}

/*
 * A link gives its source another name, through which it can be read later. So the source is judged
 * as read (esbuild links another package's binary into its own directory), and the new name as
 * linked. Later writes through the new name: ws_remember_link().
 */
SEC("?fmod_ret/security_path_link")
int WS_DENY_PROG(deny_path_link, struct dentry *old_dentry, const struct path *new_dir,
		 struct dentry *new_dentry, int ret)
{
	struct ws_task *t = ws_self();
	struct ws_object *o;

	if (ret || !t)
		return ret;
	/* the hook has no mount of the old name; a link never crosses mounts, so it is the new
	 * name's */
	o = ws_new_object(t);
	o->mnt = BPF_CORE_READ(new_dir, mnt);
	o->dentry = old_dentry;
	o->linking = 1;
	ret = ws_judge_path(t, WS_OP_READ, WS_POWER_REFUSE);
	ws_new_object(t);
	return ws_stronger(ws_judge_new(t, WS_OP_LINK, new_dir, new_dentry), ret);
}

SEC("?fmod_ret/security_path_chmod")
int WS_DENY_PROG(deny_path_chmod, const struct path *path, unsigned short mode, int ret)
{
	struct ws_object *o;
	struct ws_task *t = ws_self();
	u32 before, after;

	if (ret || !t)
		return ret;
	before = BPF_CORE_READ(path, dentry, d_inode, i_mode);
	after = (before & S_IFMT) | (mode & ~S_IFMT);
	if (before == after)
		return 0;
	o = ws_new_object(t);
	o->mode = after;
	o->mnt = BPF_CORE_READ(path, mnt);
	o->dentry = BPF_CORE_READ(path, dentry);
	return ws_judge_path(t, WS_OP_CHMOD, WS_POWER_REFUSE);
}

/* Judge a change of dentry's attributes. The hooks on inodes have no mount; places are matched by
 * identity. */
WS_SUB int ws_judge_attributes(struct dentry *dentry)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_task *t = ws_self();
	struct ws_object *o;

	if (!t)
		return 0;
	o = ws_new_object(t);
	o->mnt = BPF_CORE_READ(task, fs, pwd.mnt);
	o->dentry = dentry;
	return ws_judge_path(t, WS_OP_CHMOD, WS_POWER_REFUSE);
}

/*
 * The hook on a file's times, security_inode_setattr, takes one argument more as a function than as
 * an LSM hook, before 6.9: not judged on deny.
 */
SEC("?fmod_ret/security_path_chown")
int WS_DENY_PROG(deny_path_chown, const struct path *path, u64 uid, u64 gid, int ret)
{
	return ret ? ret : ws_judge_attributes(BPF_CORE_READ(path, dentry));
}

SEC("?fmod_ret/security_inode_setxattr")
int WS_DENY_PROG(deny_setxattr, void *idmap, struct dentry *dentry, const char *name,
		 const void *value, unsigned long size, int flags, int ret)
{
	return ret ? ret : ws_judge_attributes(dentry);
}

SEC("?fmod_ret/security_inode_removexattr")
int WS_DENY_PROG(deny_removexattr, void *idmap, struct dentry *dentry, const char *name, int ret)
{
	return ret ? ret : ws_judge_attributes(dentry);
}

/* Since 6.2 access lists have hooks of their own. */
SEC("?fmod_ret/security_inode_set_acl")
int WS_DENY_PROG(deny_set_acl, void *idmap, struct dentry *dentry, const char *name, void *acl,
		 int ret)
{
	return ret ? ret : ws_judge_attributes(dentry);
}

SEC("?fmod_ret/security_inode_remove_acl")
int WS_DENY_PROG(deny_remove_acl, void *idmap, struct dentry *dentry, const char *name, int ret)
{
	return ret ? ret : ws_judge_attributes(dentry);
}

/* Since 6.17: flags of the file system (file_setattr, and the ioctl FS_IOC_SETFLAGS). */
SEC("?fmod_ret/security_inode_file_setattr")
int WS_DENY_PROG(deny_file_setattr, struct dentry *dentry, void *attributes, int ret)
{
	return ret ? ret : ws_judge_attributes(dentry);
}

/* ---- watch ---- */

__noinline int ws_note_fired(struct ws_task *t, u64 dir)
{
	if (!t)
		return 0;
	for (u32 i = 0; i < 2; i++) {
		if (t->fired_dir[i])
			continue;
		__builtin_memset(t->fired_leaf[i], 0, WS_LEAF_MAX);
		if (bpf_probe_read_kernel_str(t->fired_leaf[i], WS_LEAF_MAX, t->leaf) > 0) {
			t->fired_dir[i] = dir;
			t->fired_rule[i] = t->decision.out.rule + 1;
		}
		return 0;
	}
	return 0;
}

__noinline u32 ws_fired_on(struct ws_task *t, u64 address)
{
	struct dentry *dentry = (struct dentry *)address;
	u64 dir;

	if (!t)
		return 0;
	dir = (u64)BPF_CORE_READ(dentry, d_parent, d_inode);
	for (u32 i = 0; i < 2; i++) {
		if (!t->fired_dir[i] || t->fired_dir[i] != dir)
			continue;
		__builtin_memset(t->leaf, 0, sizeof(t->leaf));
		if (bpf_probe_read_kernel_str(t->leaf, sizeof(t->leaf),
					      BPF_CORE_READ(dentry, d_name.name)) < 0)
			continue;
		if (ws_same(t->leaf, t->fired_leaf[i], sizeof(t->leaf)))
			return t->fired_rule[i];
	}
	return 0;
}

__noinline int ws_keep_moved(struct ws_task *t, u64 address, u32 judged)
{
	struct dentry *dentry = (struct dentry *)address;
	struct inode *inode;

	if (!t)
		return 0;
	inode = BPF_CORE_READ(dentry, d_inode);
	for (u32 i = 0; i < WS_MOVED; i++) {
		if (t->moved[i] == dentry)
			return 1;
		if (t->moved[i])
			continue;
		t->moved[i] = dentry;
		t->moved_dir[i] = BPF_CORE_READ(dentry, d_parent);
		t->moved_inode[i] = (u64)inode;
		t->moved_mark[i] = ws_mark_of(inode);
		t->moved_generation[i] = BPF_CORE_READ(inode, i_generation);
		t->moved_judged[i] = judged;
		__builtin_memset(t->moved_leaf[i], 0, WS_LEAF_MAX);
		ws_try(LEAF, bpf_probe_read_kernel_str(t->moved_leaf[i], WS_LEAF_MAX,
						       BPF_CORE_READ(dentry, d_name.name)));
		return 1;
	}
	for (u32 i = 0; i < 2; i++) {
		if (t->moved_more[i] && t->moved_more[i] != (u64)inode)
			continue;
		t->moved_more[i] = (u64)inode;
		t->moved_more_mark[i] = ws_mark_of(inode);
		break;
	}
	return 0;
}

__noinline int ws_look_at_moved(struct ws_task *t, u32 i)
{
	struct dentry *dentry;
	struct inode *inode;

	if (!t || i >= WS_MOVED)
		return WS_MOVED_STAYS;
	inode = (struct inode *)t->moved_inode[i];
	dentry = t->moved[i];
	/* its memory may hold another name by now */
	if (!BPF_CORE_READ(dentry, d_hash.pprev) || BPF_CORE_READ(dentry, d_inode) != inode ||
	    !ws_is_marked(inode, t->moved_mark[i], t->moved_generation[i]))
		return WS_MOVED_GONE;
	if (BPF_CORE_READ(dentry, d_parent) != t->moved_dir[i])
		return WS_MOVED_ELSEWHERE;
	__builtin_memset(t->leaf, 0, sizeof(t->leaf));
	if (bpf_probe_read_kernel_str(t->leaf, sizeof(t->leaf),
				      BPF_CORE_READ(dentry, d_name.name)) < 0)
		return WS_MOVED_ELSEWHERE;
	return ws_same(t->leaf, t->moved_leaf[i], sizeof(t->leaf)) ? WS_MOVED_STAYS
								   : WS_MOVED_ELSEWHERE;
}

__noinline int ws_judge_leaf(struct ws_task *t, u32 i, u64 address, u32 flags)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct dentry *dir = (struct dentry *)address;
	const char *text;
	struct ws_object *o;
	long n;

	if (!t || i > WS_MOVED)
		return 0;
	text = i < WS_MOVED ? t->moved_leaf[i] : t->new_leaf_name;
	__builtin_memset(t->leaf, 0, sizeof(t->leaf));
	n = bpf_probe_read_kernel_str(t->leaf, sizeof(t->leaf), text);
	if (n <= 1)
		return 0;
	o = ws_new_object(t);
	o->dentry = dir;
	o->mnt = BPF_CORE_READ(task, fs, pwd.mnt);
	o->leaf = n - 1;
	o->flags = flags;
	t->decision.out.rule = WS_RULE_NONE;
	ws_judge_path(t, WS_OP_RENAME, WS_POWER_KILL_AFTER);
	if (t->decision.out.rule != WS_RULE_NONE)
		ws_note_fired(t, (u64)BPF_CORE_READ(dir, d_inode));
	return 0;
}

__noinline int ws_judge_lost(struct ws_task *t, u64 inode, u64 dir, u32 op)
{
	if (t)
		ws_each_lost(t, (struct inode *)inode, (struct inode *)dir, op);
	return 0;
}

/* Attached to three tracepoints whose first argument is the inode: three programs would be verified
 * three times. */
SEC("?raw_tp/inode_set_ctime_to_ts")
int BPF_PROG(watch_stamp, struct inode *inode)
{
	struct ws_task *t = ws_self();

	return t ? ws_inode_changes(t, inode) : 0;
}

char _license[] SEC("license") = "GPL";
