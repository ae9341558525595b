/* SPDX-License-Identifier: GPL-2.0-only */
/* net.bpf.h - destinations: addresses in one form, sockets tied to their scope, peers of AF_UNIX sockets. */
#ifndef WORMSIGN_NET_BPF_H
#define WORMSIGN_NET_BPF_H

#include "judge.bpf.h"

#include <bpf/bpf_endian.h>

static __always_inline void ws_address4(struct ws_address *a, u32 ip, u16 port, u32 protocol)
{
	__builtin_memset(a, 0, sizeof(*a));
	a->family = AF_INET;
	a->port = port;
	a->protocol = protocol;
	__builtin_memcpy(a->address, &ip, 4);
}

/* A v4-mapped address is an IPv4 address: one form, one rule. */
static __always_inline void ws_address6(struct ws_address *a, const u32 *ip, u16 port, u32 protocol)
{
	if (!ip[0] && !ip[1] && ip[2] == bpf_htonl(0xffff)) {
		ws_address4(a, ip[3], port, protocol);
		return;
	}
	a->family = AF_INET6;
	a->port = port;
	a->protocol = protocol;
	__builtin_memcpy(a->address, ip, 16);
}

/* Socket families that lead nowhere but to this machine's kernel; AF_UNIX is judged by path. */
static __always_inline bool ws_local_family(u32 family)
{
	return family == AF_UNIX || family == AF_NETLINK || family == AF_KEY || family == AF_ALG;
}

/*
 * From a sockaddr in kernel memory; false: it leads nowhere. A family without addresses that rules could name (AF_PACKET,
 * AF_VSOCK ...) is still a way out. `family`: what AF_UNSPEC stands for, which is the socket's own when it sends.
 */
static __always_inline bool ws_address_of(struct ws_address *a, void *sockaddr, u32 protocol, u32 family)
{
	u16 head[2] = {}; /* family, port */
	u32 ip[4] = {};

	if (bpf_probe_read_kernel(head, sizeof(head), sockaddr) < 0)
		return false;
	if (head[0])
		family = head[0];
	if (family == AF_INET) {
		bpf_probe_read_kernel(ip, 4, sockaddr + 4);
		ws_address4(a, ip[0], bpf_ntohs(head[1]), protocol);
		return true;
	}
	if (family == AF_INET6) {
		bpf_probe_read_kernel(ip, 16, sockaddr + 8);
		ws_address6(a, ip, bpf_ntohs(head[1]), protocol);
		return true;
	}
	__builtin_memset(a, 0, sizeof(*a));
	a->family = family;
	a->protocol = protocol;
	return family && !ws_local_family(family);
}

/* Whom a socket is connected to. */
static __always_inline void ws_address_of_peer(struct ws_address *a, struct sock *sk)
{
	u32 family = BPF_CORE_READ(sk, __sk_common.skc_family), protocol = BPF_CORE_READ(sk, sk_protocol);
	u32 port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport)), ip[4] = {};

	if (family == AF_INET6) {
		bpf_core_read(ip, sizeof(ip), &sk->__sk_common.skc_v6_daddr);
		ws_address6(a, ip, port, protocol);
		return;
	}
	ws_address4(a, BPF_CORE_READ(sk, __sk_common.skc_daddr), port, protocol);
	if (family == AF_INET)
		return;
	__builtin_memset(a, 0, sizeof(*a));
	a->family = family;
	a->protocol = protocol;
}

/* Tell a scope's destination the first time. */
static __always_inline void ws_tell_net(const struct ws_task *t, const struct ws_address *to)
{
	struct ws_counter_key key = {};
	struct ws_rec_net *r;
	u32 told = 1;
	int err; /* before 6.4 the upper half of what an update returns is not set */

	if (!t->scope)
		return;
	key.scope = t->scope;
	key.rule = 0x80000000u | (*(u32 *)to->address * 2654435761u ^ *(u32 *)(to->address + 12) ^ to->port);
	err = bpf_map_update_elem(&destinations, &key, &told, BPF_NOEXIST);
	if (err == -EEXIST)
		return;
	r = err ? NULL : bpf_ringbuf_reserve(&telemetry, sizeof(*r), 0);
	if (!r) {
		ws_lose(WS_LOST_NET);
		return;
	}
	ws_head(&r->head, WS_REC_NET, sizeof(*r), bpf_get_current_task_btf(), t);
	r->to = *to;
	r->bytes = 0;
	bpf_ringbuf_submit(r, 0);
}

/* Judge reaching for the address in t->to, by connect or by a datagram. */
static __always_inline int ws_judge_connect(struct ws_task *t, u32 power)
{
	struct ws_object *o = ws_object(t);

	o->has_to = 1;
	ws_tell_net(t, &t->to);
	return ws_judge_address(t, WS_OP_CONNECT, power);
}

/* Judge opening a server, by its own address; port 0: the kernel will choose one. */
static __always_inline int ws_judge_listen(struct ws_task *t, struct sock *sk, u32 power)
{
	u32 family = BPF_CORE_READ(sk, __sk_common.skc_family), protocol = BPF_CORE_READ(sk, sk_protocol), ip[4] = {};
	u16 port = BPF_CORE_READ(sk, __sk_common.skc_num);

	if (ws_local_family(family))
		return 0;
	if (family == AF_INET6) {
		bpf_core_read(ip, sizeof(ip), &sk->__sk_common.skc_v6_rcv_saddr);
		ws_address6(&t->to, ip, port, protocol);
	} else if (family == AF_INET) {
		ws_address4(&t->to, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr), port, protocol);
	} else {
		__builtin_memset(&t->to, 0, sizeof(t->to));
		t->to.family = family;
		t->to.protocol = protocol;
	}
	ws_object(t)->has_to = 1;
	return ws_judge_address(t, WS_OP_LISTEN, power);
}

/* A peer on an AF_UNIX socket: its bound path, a kernel object. Unnamed and abstract ones have none. */
static __always_inline int ws_judge_unix(struct ws_task *t, struct sock *peer, u32 power)
{
	struct ws_object *o;
	struct unix_sock *u = (struct unix_sock *)peer;

	if (!u)
		return 0;
	o = ws_object(t);
	o->mnt = BPF_CORE_READ(u, path.mnt);
	o->dentry = BPF_CORE_READ(u, path.dentry);
	if (!o->dentry)
		return 0;
	return ws_judge_path(t, WS_OP_UNIX, power);
}

#endif
