// SPDX-License-Identifier: GPL-2.0-only
/*
 * system.bpf.c - the deny backend's hooks on what reaches for the kernel itself: mounts, user namespaces, bpf, modules,
 * io_uring; and on opening a server. No argument after those named is read: their number differs between kernels.
 */
#include "net.bpf.h"
#include "system.bpf.h"

static __always_inline int ws_judge_mount(const struct path *on)
{
	struct ws_task *t = ws_self();
	struct ws_object *o;

	if (!t)
		return 0;
	o = ws_object(t);
	o->mnt = BPF_CORE_READ(on, mnt);
	o->dentry = BPF_CORE_READ(on, dentry);
	return ws_judge_path(t, WS_OP_MOUNT, WS_POWER_REFUSE) ? -EPERM : 0;
}

/* mount(2), asked before the caller's rights are looked at. */
SEC("?fmod_ret/security_sb_mount")
int WS_DENY_PROG(deny_mount, const char *device, const struct path *on)
{
	return ws_judge_mount(on);
}

/* What fsopen or open_tree made, given a place. */
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
	o = ws_object(t);
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
 * io_uring_setup asks no hook of its own before 6.15, but makes a file, whose nameless inode asks here with what it is
 * for. Programs that are refused go on without: containers refuse it everywhere.
 */
SEC("?fmod_ret/security_inode_init_security_anon")
int WS_DENY_PROG(deny_uring, struct inode *inode, const struct qstr *name)
{
	struct ws_task *t = ws_self();
	char what[12] = {};

	if (!t)
		return 0;
	bpf_probe_read_kernel_str(what, sizeof(what), BPF_CORE_READ(name, name));
	if (!ws_same(what, "[io_uring]", 11))
		return 0;
	return ws_judge_system(t, WS_OP_IO_URING, WS_POWER_REFUSE);
}

SEC("?fmod_ret/security_socket_listen")
int WS_DENY_PROG(deny_listen, struct socket *sock)
{
	struct ws_task *t = ws_self();

	return t ? ws_judge_listen(t, BPF_CORE_READ(sock, sk), WS_POWER_REFUSE) : 0;
}

char _license[] SEC("license") = "GPL";
