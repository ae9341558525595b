/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmlinux.h - the kernel types and fields the programs read, pruned by hand and relocated at load
 * (CO-RE): only names matter, offsets come from the running kernel's BTF. `scripts/check-vmlinux`
 * holds every name against a real BTF. A ___suffix is another kernel's flavour of the same type.
 */
#ifndef WORMSIGN_VMLINUX_H
#define WORMSIGN_VMLINUX_H
#define __VMLINUX_H__ /* tells bpf_tracing.h that registers have their kernel names */

#ifndef __bpf__
#error "vmlinux.h is for BPF programs only"
#endif

#include <linux/types.h>
#include <linux/bpf.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef _Bool bool;
enum { false = 0, true = 1 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long bx, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, sp, bp;
};
struct thread_info {
	unsigned long flags;
	u32 status;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31];
};
struct pt_regs {
	union {
		struct user_pt_regs user_regs;
		struct {
			u64 regs[31];
		};
	};
	u64 orig_x0;
	int syscallno;
};
struct thread_info {
	unsigned long flags;
};
#else
#error "add pt_regs of this architecture here and its accessors in bpf/lib/compat.bpf.h"
#endif

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	unsigned int val;
} kuid_t;
typedef struct {
	unsigned int val;
} kgid_t;

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t euid;
	kgid_t egid;
};

struct super_block {
	unsigned int s_dev;
	unsigned long s_magic;
};

struct hlist_node {
	struct hlist_node *next;
};
struct hlist_head {
	struct hlist_node *first;
};

typedef struct {
	long counter;
} atomic64_t;
typedef atomic64_t atomic_long_t;

struct rw_semaphore {
	atomic_long_t owner;
};

struct inode {
	struct hlist_head i_dentry; /* first member of an anonymous union */
	unsigned short i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
	long long i_size;
	u32 i_generation;
	atomic_t i_writecount;
	struct rw_semaphore i_rwsem;
	char *i_link; /* in an anonymous union; only of symbolic links */
	void *i_private;
};

struct timespec64 {
	long long tv_sec;
	long tv_nsec;
};

struct inode___until_6_6 {
	struct timespec64 i_ctime;
};

struct inode___until_6_11 { /* from 6.6 on */
	struct timespec64 __i_ctime;
};

struct inode___since_6_11 {
	long long i_ctime_sec;
	u32 i_ctime_nsec;
};

struct qstr {
	u32 hash;
	u32 len;
	const unsigned char *name;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

/* One of these: where an inode's list of names goes through a dentry. */
struct dentry___until_7 {
	union {
		struct hlist_node d_alias;
	} d_u;
};

struct dentry___since_7 {
	struct hlist_node d_alias;
};

struct list_head {
	struct list_head *next;
};

/* One of these: the names in a directory that the kernel knows. */
struct dentry___until_6_7 {
	struct list_head d_child;
	struct list_head d_subdirs;
};

struct dentry___since_6_8 {
	struct hlist_node d_sib;
	struct hlist_head d_children;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct fs_struct {
	struct path root;
	struct path pwd;
};

struct file_operations;

struct callback_head {
	struct callback_head *next;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_mode;
	unsigned int f_flags;
	void *private_data;
};

/* One of these: what puts a file on a task's list of things to do before it returns. */
struct file___until_6_9 {
	struct callback_head f_rcuhead;
};

struct file___since_6_9 {
	struct callback_head f_task_work;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	atomic_t count;
	struct fdtable *fdt;
};

struct mm_struct {
	unsigned long arg_start, arg_end, env_start, env_end;
	struct file *exe_file;
};

struct xarray {
	void *xa_head;
};

struct xa_node {
	unsigned char shift;
	void *slots[64];
};

struct idr {
	struct xarray idr_rt;
};

struct pid_namespace {
	struct idr idr;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct hlist_head tasks[4];
	struct upid numbers[1];
};

struct proc_inode {
	struct pid *pid;
	struct inode vfs_inode;
};

struct signal_struct {
	atomic_t live;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	unsigned int flags;
	int pid;
	int tgid;
	int exit_code;
	u64 start_time;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct fs_struct *fs;
	struct files_struct *files;
	struct signal_struct *signal;
	struct nameidata *nameidata;
	struct pid *thread_pid;
	struct hlist_node pid_links[4];
	const struct cred *real_cred;
	const struct cred *cred;
	struct bpf_local_storage *bpf_storage;
	void *worker_private;
	struct callback_head *task_works;
	char comm[16];
};

struct linux_binprm {
	struct file *file;
	const char *filename;
	const char *interp;
};

struct in6_addr {
	union {
		u32 u6_addr32[4];
	} in6_u;
};

struct net;
typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	possible_net_t skc_net;
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	u16 skc_dport;
	u16 skc_num;
	unsigned short skc_family;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct skb_shared_info {
	u8 flags;
};
struct sk_buff {
	unsigned int end;
	unsigned char *head;
};

struct sock {
	struct sock_common __sk_common;
	u16 sk_type;
	u16 sk_protocol;
	struct pid *sk_peer_pid;
	struct socket *sk_socket;
};

struct socket {
	short type;
	struct file *file;
	struct sock *sk;
};

struct sockaddr_un {
	__u16 sun_family;
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[0];
};

struct unix_sock {
	struct sock sk;
	struct unix_address *addr;
	struct path path;
	struct sock *peer;
};

struct mptcp_sock;

struct msghdr {
	void *msg_name;
	int msg_namelen;
};

struct sockaddr {
	unsigned short sa_family;
	char sa_data[14];
};

struct bpf_sock_addr_kern___unix { /* 6.7 */
	struct sock *sk;
	struct sockaddr *uaddr;
	u32 uaddrlen;
};

struct cgroup;

struct io_ring_ctx {
	unsigned int flags;
};
struct io_uring_cqe {
	__s32 res;
};
struct io_wq_work_node {
	struct io_wq_work_node *next;
};
struct io_wq_work {
	struct io_wq_work_node list;
};
struct io_worker {
	struct io_wq_work *cur_work;
};
struct io_kiocb {
	struct file *file;
	u8 opcode;
	u32 flags; /* wider since 6.8 */
	struct io_ring_ctx *ctx;
	const struct cred *creds;
	struct io_wq_work work;
};
struct filename {
	const char *name;
};
struct io_unlink {
	struct filename *filename;
};
struct io_rename {
	struct filename *newpath;
};
struct io_mkdir {
	struct filename *filename;
};
struct io_link {
	struct filename *newpath;
};
struct open_how {
	__u64 flags;
};
struct io_socket {
	int domain;
};
struct io_open {
	u32 file_slot;
	struct open_how how;
};

struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
};
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

/* Of a tracepoint, since 6.13. */
struct trace_event_raw_ctime_ns_xchg___6_13 {
	unsigned long ino;
};

#pragma clang attribute pop

#endif
