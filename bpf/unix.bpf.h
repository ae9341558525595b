/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unix.bpf.h - judge what is at the other end of a socket that does not speak IP. What counts is
 * whose the listener is, not what it is called: a package may talk to what it started itself.
 */
#ifndef WORMSIGN_UNIX_BPF_H
#define WORMSIGN_UNIX_BPF_H

#include "judge.bpf.h"
#include "lib/path.bpf.h"
#include "net.bpf.h"
#include "syscalls.h"

#define SOCK_DGRAM   2
#define WS_NAME_ROOM 112 /* bytes of sun_path, zero-padded */
#define WS_NAME_AT   2	 /* offset of sun_path in a sockaddr_un */

/* The socket behind a file, NULL: it is none. */
static __always_inline struct sock *ws_sock_of(struct file *file)
{
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* Number of a socket's inode, which no other socket has had: memory of a socket may be another's by
 * now. 0: it has been closed. */
static __always_inline u64 ws_sock_ino(struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino);
}

/*
 * Families whose other end is a process here or on another machine, and that no rule has addresses
 * for: AF_VSOCK (the hypervisor), AF_TIPC, AF_BLUETOOTH ... AF_SMC is TCP below, AF_PACKET and
 * AF_XDP need root.
 */
static __always_inline bool ws_foreign_family(u32 family)
{
	return family && family != AF_INET && family != AF_INET6 && family != AF_PACKET &&
	       family != AF_SMC && family != AF_XDP && !ws_local_family(family);
}

/* Judge the use of such a socket: no rule can name its other end, and no package listens there. */
static __always_inline int ws_judge_foreign(struct ws_task *t, u32 family, u32 power)
{
	ws_new_object(t)->has_to = 1;
	__builtin_memset(&t->to, 0, sizeof(t->to));
	t->to.family = family;
	return ws_judge_process(t, WS_OP_UNIX, power);
}

/* ---- whose listener ---- */

static __always_inline void ws_note_listener(const struct ws_task *t, u64 key, u64 stamp)
{
	struct ws_listener l = { .session = t->session, .scope = t->scope, .stamp = stamp };

	if (!key || !stamp)
		return;
	ws_try(LISTENER, bpf_map_update_elem(&listeners, &key, &l, BPF_ANY));
}

/* t's scope owns the entry, and it is about what is at that address now. */
static __always_inline bool ws_listens(const struct ws_task *t, u64 key, u64 stamp)
{
	struct ws_listener *l = bpf_map_lookup_elem(&listeners, &key);

	return l && stamp && l->scope == t->scope && l->session == t->session && l->stamp == stamp;
}

/* t is about to bind sk. Noted before, so that no peer can be faster. */
static __always_inline void ws_note_bind(const struct ws_task *t, struct sock *sk)
{
	if (t->scope)
		ws_note_listener(t, (u64)sk, ws_sock_ino(sk));
}

/* t is about to listen on sk, which has a name. Connections share the name. */
static __always_inline void ws_note_listen(const struct ws_task *t, struct sock *sk)
{
	if (t->scope)
		ws_note_listener(t, (u64)BPF_CORE_READ((struct unix_sock *)sk, addr),
				 bpf_get_current_pid_tgid() >> 32);
}

/*
 * Whether t's own scope listens at the other end. peer: the listener, or the end of a connection
 * that its listener has not accepted yet. listener: process that called listen(), as the kernel
 * noted it in the socket that connected, or in the listener.
 */
static __always_inline bool ws_own_peer(const struct ws_task *t, struct sock *peer,
					struct pid *listener)
{
	if (!t->scope)
		return false;
	if (BPF_CORE_READ(peer, sk_type) == SOCK_DGRAM)
		return ws_listens(t, (u64)peer, ws_sock_ino(peer));
	return ws_listens(t, (u64)BPF_CORE_READ((struct unix_sock *)peer, addr),
			  BPF_CORE_READ(listener, numbers[0].nr));
}

/* ---- names of sockets ---- */

struct ws_clean {
	char *name; /* WS_LEAF_MAX bytes */
	u64 hash;
	u32 n;
	u32 is_path;
};

static long ws_clean_step(u32 i, struct ws_clean *c)
{
	char *name = c->name;

	if (!name || i >= WS_NAME_ROOM)
		return 1;
	if (i >= c->n || (c->is_path && !name[i])) {
		c->n = 0;
		name[i] = 0;
		return 0;
	}
	c->hash = (c->hash ^ (u8)name[i]) * 0x100000001b3ULL;
	return 0;
}

/*
 * Bring a name of n bytes into one form: nothing after the NUL that ends a path; zeros up to
 * WS_NAME_ROOM. Returns its hash, with the uppermost bit clear: no kernel address looks like it.
 */
static __always_inline u64 ws_clean_name(char *name, u32 n)
{
	struct ws_clean c = { .name = name, .hash = 0xcbf29ce484222325ULL, .n = n };

	c.is_path = name[0] != 0;
	bpf_loop(WS_NAME_ROOM, ws_clean_step, &c, 0);
	return c.hash & ~(1ULL << 63);
}

/* Read the name that socket sk is bound to. Returns its hash, 0: it has none. */
WS_SUB u64 ws_read_name(char *to, struct sock *sk)
{
	struct unix_address *a = BPF_CORE_READ((struct unix_sock *)sk, addr);
	u32 n;

	if (!a)
		return 0;
	n = BPF_CORE_READ(a, len) - WS_NAME_AT;
	if (n > 108)
		return 0;
	n &= 127;
	if (ws_try(SOCKADDR,
		   bpf_probe_read_kernel(
			   to, n, (void *)a + bpf_core_field_offset(a->name) + WS_NAME_AT)) < 0)
		return 0;
	return ws_clean_name(to, n);
}

/* t has bound sk: note the name, by which datagrams find it. */
static __always_inline void ws_note_name(struct ws_task *t, struct sock *sk)
{
	if (t->scope)
		ws_note_listener(t, ws_read_name(t->leaf, sk), (u64)sk);
}

/*
 * Whether the name in t->leaf is that of a living socket of t's own scope. Of a path only the text
 * is known: a link in its place could lead elsewhere. Relative paths do not count.
 */
static __always_inline bool ws_own_name(struct ws_task *t, u64 name, struct sock *sk)
{
	struct ws_listener *l = bpf_map_lookup_elem(&listeners, &name);
	struct sock *own;

	if (!l || !name || (t->leaf[0] && t->leaf[0] != '/'))
		return false;
	own = (struct sock *)l->stamp;
	if (!ws_listens(t, (u64)own, ws_sock_ino(own)) ||
	    BPF_CORE_READ(own, __sk_common.skc_net.net) !=
		    BPF_CORE_READ(sk, __sk_common.skc_net.net))
		return false;
	return ws_read_name(t->fired_leaf[0], own) == name &&
	       ws_same(t->leaf, t->fired_leaf[0], WS_NAME_ROOM);
}

/* ---- judging ---- */

/* Put the abstract name of sk into the object, for the report. */
static __always_inline void ws_show_name(struct ws_task *t, struct sock *sk)
{
	if (!ws_read_name(t->leaf, sk))
		return;
	t->leaf[0] = '@';
	t->object.leaf = BPF_CORE_READ((struct unix_sock *)sk, addr, len) - WS_NAME_AT;
}

/* Judge the use of an AF_UNIX socket whose other end is peer; listener: see ws_own_peer(). */
static __always_inline int ws_judge_unix(struct ws_task *t, struct sock *peer, struct pid *listener,
					 u32 power)
{
	struct ws_object *o;

	if (!peer || ws_own_peer(t, peer, listener))
		return 0;
	o = ws_new_object(t);
	o->mnt = BPF_CORE_READ((struct unix_sock *)peer, path.mnt);
	o->dentry = BPF_CORE_READ((struct unix_sock *)peer, path.dentry);
	if (o->dentry)
		return ws_judge_path(t, WS_OP_UNIX, power);
	ws_show_name(t, peer);
	return ws_judge_process(t, WS_OP_UNIX, power);
}

/* ---- watch: system calls ---- */

/* The call and its first argument; 32-bit programs have one system call for all. */
static __always_inline u32 ws_socket_call(u32 kind, u32 *ret_first, struct pt_regs *regs)
{
	struct task_struct *task = bpf_get_current_task_btf();

	*ret_first = ws_syscall_arg1(task, regs);
	if (kind != WS_SYS_SOCKETCALL)
		return kind;
	kind = *ret_first;
	if (kind < 1 || kind > 4 || /* their arguments are in memory */
	    ws_try(SOCKETCALL, bpf_probe_read_user(ret_first, sizeof(*ret_first),
						   (void *)ws_syscall_arg2(task, regs))))
		return WS_SYS_NONE;
	return kind == 1   ? WS_SYS_SOCKET
	       : kind == 2 ? WS_SYS_BIND
	       : kind == 3 ? WS_SYS_CONNECT
			   : WS_SYS_LISTEN;
}

/* Such a call begins. What it is about is the kernel's socket: another thread may change the table
 * of descriptors before it returns. */
static __always_inline void ws_begin_socket_call(struct ws_task *t, u32 kind, struct pt_regs *regs)
{
	struct sock *sk;
	u32 first, call = ws_socket_call(kind, &first, regs), family;

	t->socket = 0;
	t->socket_call = call;
	t->named = 0;
	if (call == WS_SYS_SOCKET) {
		if (first == AF_VSOCK)
			ws_judge_foreign(t, first, WS_POWER_KILL_BEFORE);
		return;
	}
	if (!call)
		return;
	sk = ws_sock_of(ws_file_of(first));
	if (!sk)
		return;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (family != AF_UNIX) {
		if (call == WS_SYS_CONNECT && ws_foreign_family(family))
			ws_judge_foreign(t, family, WS_POWER_KILL_BEFORE);
		return;
	}
	t->socket = (u64)sk;
	t->socket_ino = ws_sock_ino(sk);
	if (call == WS_SYS_BIND)
		ws_note_bind(t, sk);
	else if (call == WS_SYS_LISTEN)
		ws_note_listen(t, sk);
}

/* sk has been bound: a path is a new name in a directory, and whoever connects to it later talks to
 * t's package. */
static __always_inline void ws_judge_bound(struct ws_task *t, struct sock *sk)
{
	struct dentry *dentry = BPF_CORE_READ((struct unix_sock *)sk, path.dentry);
	struct ws_object *o;

	if (!dentry)
		return;
	o = ws_new_object(t);
	o->mnt = BPF_CORE_READ((struct unix_sock *)sk, path.mnt);
	o->dentry = dentry;
	ws_judge_path(t, WS_OP_CREATE, WS_POWER_KILL_AFTER);
}

/* Such a call has returned. */
static __always_inline void ws_end_socket_call(struct ws_task *t, long result)
{
	struct sock *sk = (struct sock *)t->socket, *peer = NULL;

	t->socket = 0;
	if (!sk || result)
		return;
	if (t->socket_call == WS_SYS_BIND) {
		ws_note_name(t, sk);
		if (ws_sock_ino(sk) == t->socket_ino)
			ws_judge_bound(t, sk);
		else if (t->actor == WS_ACTOR_PACKAGE) /* closed meanwhile: the name stays */
			ws_refuse_unresolved(t, WS_OP_CREATE, WS_POWER_KILL_AFTER);
	}
	if (t->socket_call != WS_SYS_CONNECT)
		return;
	if (ws_sock_ino(sk) == t->socket_ino)
		peer = BPF_CORE_READ((struct unix_sock *)sk, peer);
	else
		t->named = 1; /* closed meanwhile; what was sent before cannot be known */
	if (peer)
		ws_judge_unix(t, peer, BPF_CORE_READ(sk, sk_peer_pid), WS_POWER_KILL_BEFORE);
	else if (t->named && t->actor == WS_ACTOR_PACKAGE)
		ws_refuse_unresolved(t, WS_OP_UNIX, WS_POWER_KILL_BEFORE);
}

/* A request of io_uring has connected sk. */
static __always_inline void ws_end_ring_connect(struct ws_task *t, struct sock *sk)
{
	u32 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	if (family == AF_UNIX)
		ws_judge_unix(t, BPF_CORE_READ((struct unix_sock *)sk, peer),
			      BPF_CORE_READ(sk, sk_peer_pid), WS_POWER_KILL_AFTER);
	else if (ws_foreign_family(family))
		ws_judge_foreign(t, family, WS_POWER_KILL_AFTER);
}

#endif
