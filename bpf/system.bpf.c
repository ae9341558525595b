// SPDX-License-Identifier: GPL-2.0-only
/*
 * system.bpf.c - deny: hooks on operations on the kernel itself: mounts, user namespaces, bpf,
 * modules, io_uring. The programs declare only the arguments they read: the number of the others
 * differs between kernels.
 */
#include "system.bpf.h"

static __always_inline int ws_judge_mount(const struct path *on)
{
	struct ws_task *t = ws_self();
	struct ws_object *o;

	if (!t)
		return 0;
	o = ws_new_object(t);
	o->mnt = BPF_CORE_READ(on, mnt);
	o->dentry = BPF_CORE_READ(on, dentry);
	return ws_judge_path(t, WS_OP_MOUNT, WS_POWER_REFUSE) ? -EPERM : 0;
}

/* mount(2), called before the caller's capabilities are checked. */
SEC("?fmod_ret/security_sb_mount")
int WS_DENY_PROG(deny_mount, const char *device, const struct path *on)
{
	return ws_judge_mount(on);
}

/* A mount made by fsmount or open_tree is put in place. */
SEC("?fmod_ret/security_move_mount")
int WS_DENY_PROG(deny_move_mount, const struct path *from, const struct path *to)
{
	return ws_judge_mount(to);
}

SEC("?fmod_ret/security_sb_umount")
int WS_DENY_PROG(deny_umount, struct vfsmount *mnt, int flags)
{
	struct ws_task *t = ws_self();
	struct ws_object *o;

	if (!t)
		return 0;
	o = ws_new_object(t);
	o->mnt = mnt;
	o->dentry = BPF_CORE_READ(mnt, mnt_root);
	return ws_judge_path(t, WS_OP_MOUNT, WS_POWER_REFUSE) ? -EPERM : 0;
}

SEC("?fmod_ret/security_create_user_ns")
int WS_DENY_PROG(deny_user_ns)
{
	return ws_judge_system(ws_self(), WS_OP_NAMESPACE, WS_POWER_REFUSE);
}

SEC("?fmod_ret/security_bpf")
int WS_DENY_PROG(deny_bpf)
{
	return ws_judge_system(ws_self(), WS_OP_BPF, WS_POWER_REFUSE);
}

/* enum kernel_read_file_id and enum kernel_load_data_id: the same numbers. */
#define WS_LOADS_MODULE 2
#define WS_LOADS_KEXEC	4 /* 3: the image, 4: its initramfs */

static __always_inline int ws_judge_load(int what)
{
	if (what < WS_LOADS_MODULE || what > WS_LOADS_KEXEC)
		return 0;
	return ws_judge_system(ws_self(), WS_OP_MODULE, WS_POWER_REFUSE);
}

/* finit_module, kexec_file_load */
SEC("?fmod_ret/security_kernel_read_file")
int WS_DENY_PROG(deny_module_file, struct file *file, int what)
{
	return ws_judge_load(what);
}

/* init_module, kexec_load */
SEC("?fmod_ret/security_kernel_load_data")
int WS_DENY_PROG(deny_module_data, int what)
{
	return ws_judge_load(what);
}

/*
 * Before 6.15 io_uring_setup has no hook of its own, but it creates an anonymous inode with this
 * name. Programs that are refused do without: containers usually refuse it.
 */
SEC("?fmod_ret/security_inode_init_security_anon")
int WS_DENY_PROG(deny_uring, struct inode *inode, const struct qstr *name)
{
	struct ws_task *t = ws_self();
	char what[12] = {};

	if (!t)
		return 0;
	ws_try(ANON_INODE,
	       bpf_probe_read_kernel_str(what, sizeof(what), BPF_CORE_READ(name, name)));
	if (!ws_same(what, "[io_uring]", 11))
		return 0;
	return ws_judge_system(t, WS_OP_IO_URING, WS_POWER_REFUSE);
}

/* enum key_need_perm: since 5.8 */
#define KEY_NEED_READ	 2
#define KEY_NEED_SETATTR 6 /* who may change the permissions, may then read */

/* Called for a key that its permissions let the caller use in this way. */
SEC("?fmod_ret/security_key_permission")
int WS_DENY_PROG(deny_key, void *key, const void *cred, int need)
{
	if (need != KEY_NEED_READ && need != KEY_NEED_SETATTR)
		return 0;
	return ws_judge_key(ws_self(), WS_POWER_REFUSE);
}

char _license[] SEC("license") = "GPL";
