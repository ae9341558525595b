// SPDX-License-Identifier: GPL-2.0-only
/*
 * file.bpf.c - the deny backend's file hooks: on the kernel's own security_* calls, before the effect.
 * What the watch backend sees of the same operations is in watch.bpf.c.
 */
#include "file.bpf.h"

SEC("?fmod_ret/security_file_open")
int WS_DENY_PROG(deny_file_open, struct file *file, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_open(t, file, WS_POWER_REFUSE, 0);
}

SEC("?fmod_ret/security_path_truncate")
int WS_DENY_PROG(deny_path_truncate, const struct path *path, int ret)
{
	struct ws_object *o;
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	o = ws_object(t);
	o->mnt = BPF_CORE_READ(path, mnt);
	o->dentry = BPF_CORE_READ(path, dentry);
	return ws_judge_path(t, WS_OP_WRITE, WS_POWER_REFUSE);
}

/* Since 6.2 truncating an open file asks here instead. One that may be written was judged when it was opened. */
SEC("?fmod_ret/security_file_truncate")
int WS_DENY_PROG(deny_file_truncate, struct file *file, int ret)
{
	struct ws_object *o;
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	if (BPF_CORE_READ(file, f_mode) & FMODE_WRITE)
		return 0;
	o = ws_object(t);
	o->mnt = BPF_CORE_READ(file, f_path.mnt);
	o->dentry = BPF_CORE_READ(file, f_path.dentry);
	return ws_judge_path(t, WS_OP_WRITE, WS_POWER_REFUSE);
}

/* Names that come into being below a directory: file, directory, symbolic link, device. */
static __always_inline int ws_judge_new(struct ws_task *t, u32 op, const struct path *dir, struct dentry *dentry)
{
	struct ws_object *o;

	o = ws_object(t);
	o->mnt = BPF_CORE_READ(dir, mnt);
	o->dentry = dentry;
	return ws_judge_path(t, op, WS_POWER_REFUSE);
}

SEC("?fmod_ret/security_path_mknod")
int WS_DENY_PROG(deny_path_mknod, const struct path *dir, struct dentry *dentry, unsigned short mode, unsigned int dev, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_new(t, WS_OP_CREATE, dir, dentry);
}

SEC("?fmod_ret/security_path_mkdir")
int WS_DENY_PROG(deny_path_mkdir, const struct path *dir, struct dentry *dentry, unsigned short mode, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_new(t, WS_OP_CREATE, dir, dentry);
}

SEC("?fmod_ret/security_path_symlink")
int WS_DENY_PROG(deny_path_symlink, const struct path *dir, struct dentry *dentry, const char *target, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_new(t, WS_OP_CREATE, dir, dentry);
}

SEC("?fmod_ret/security_path_unlink")
int WS_DENY_PROG(deny_path_unlink, const struct path *dir, struct dentry *dentry, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_new(t, WS_OP_UNLINK, dir, dentry);
}

SEC("?fmod_ret/security_path_rmdir")
int WS_DENY_PROG(deny_path_rmdir, const struct path *dir, struct dentry *dentry, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_new(t, WS_OP_UNLINK, dir, dentry);
}

/* Both names of a rename or link are judged: taking a protected name away, and putting something in its place. */
static __always_inline int ws_judge_pair(struct ws_task *t, u32 op, struct vfsmount *mnt, struct dentry *from,
					 struct vfsmount *mnt2, struct dentry *to)
{
	struct ws_object *o;
	int ret;

	o = ws_object(t);
	o->mnt = mnt;
	o->dentry = from;
	o->mnt2 = mnt2;
	o->dentry2 = to;
	ret = ws_judge_path(t, op, WS_POWER_REFUSE);
	if (ret)
		return ret;
	o->mnt = mnt2;
	o->dentry = to;
	o->mnt2 = mnt;
	o->dentry2 = from;
	return ws_judge_path(t, op, WS_POWER_REFUSE);
}

SEC("?fmod_ret/security_path_rename")
int WS_DENY_PROG(deny_path_rename, const struct path *old_dir, struct dentry *old_dentry, const struct path *new_dir,
	     struct dentry *new_dentry, unsigned int flags, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_pair(t, WS_OP_RENAME, BPF_CORE_READ(old_dir, mnt), old_dentry, BPF_CORE_READ(new_dir, mnt),
			     new_dentry);
}

/*
 * A link gives its source another name, by which it can be read later: so the source is judged as a read (esbuild
 * links another package's binary into its own directory), the new name as what comes into being. Writing to it by that
 * name is judged by the first one: ws_note_link().
 */
SEC("?fmod_ret/security_path_link")
int WS_DENY_PROG(deny_path_link, struct dentry *old_dentry, const struct path *new_dir, struct dentry *new_dentry, int ret)
{
	struct ws_task *t = ws_self();
	struct ws_object *o;

	if (ret || !t)
		return ret;
	/* the old name comes without its mount; a link never crosses one, so the new one's is the same */
	o = ws_object(t);
	o->mnt = BPF_CORE_READ(new_dir, mnt);
	o->dentry = old_dentry;
	o->linking = 1;
	ret = ws_judge_path(t, WS_OP_READ, WS_POWER_REFUSE);
	if (ret)
		return ret;
	return ws_judge_new(t, WS_OP_LINK, new_dir, new_dentry);
}

SEC("?fmod_ret/security_path_chmod")
int WS_DENY_PROG(deny_path_chmod, const struct path *path, unsigned short mode, int ret)
{
	struct ws_object *o;
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	o = ws_object(t);
	o->mnt = BPF_CORE_READ(path, mnt);
	o->dentry = BPF_CORE_READ(path, dentry);
	return ws_judge_path(t, WS_OP_CHMOD, WS_POWER_REFUSE);
}

char _license[] SEC("license") = "GPL";
