/* SPDX-License-Identifier: GPL-2.0-only */
/* net.bpf.h - judge destinations: addresses in one form, servers. */
#ifndef WORMSIGN_NET_BPF_H
#define WORMSIGN_NET_BPF_H

#include "judge.bpf.h"
#include "lib/event.bpf.h"

#include <bpf/bpf_endian.h>

static __always_inline void ws_address4(struct ws_address *a, u32 ip, u16 port, u32 protocol)
{
	__builtin_memset(a, 0, sizeof(*a));
	a->family = AF_INET;
	a->port = port;
	a->protocol = protocol;
	__builtin_memcpy(a->address, &ip, 4);
}

/* A v4-mapped address is given as IPv4, so that rules need one form only. */
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

/* Socket families that do not leave the machine; AF_UNIX is judged in unix.bpf.h. */
static __always_inline bool ws_local_family(u32 family)
{
	return family == AF_UNIX || family == AF_NETLINK || family == AF_KEY || family == AF_ALG;
}

/*
 * Set a from a sockaddr in kernel memory. Returns false for AF_UNSPEC (disconnect) and local
 * families. Of families that rules have no addresses for (AF_PACKET, AF_VSOCK ...) only the family
 * is set. `family` replaces AF_UNSPEC in sendmsg(2), where it means the socket's own family; else
 * 0.
 */
static __always_inline bool ws_address_of(struct ws_address *a, void *sockaddr, u32 protocol,
					  u32 family)
{
	u16 head[2] = {}; /* family, port */
	u32 ip[4] = {};

	if (ws_try(SOCKADDR, bpf_probe_read_kernel(head, sizeof(head), sockaddr)) < 0)
		return false;
	if (head[0])
		family = head[0];
	if (family == AF_INET) {
		ws_try(SOCKADDR, bpf_probe_read_kernel(ip, 4, sockaddr + 4));
		ws_address4(a, ip[0], bpf_ntohs(head[1]), protocol);
		return true;
	}
	if (family == AF_INET6) {
		ws_try(SOCKADDR, bpf_probe_read_kernel(ip, 16, sockaddr + 8));
		ws_address6(a, ip, bpf_ntohs(head[1]), protocol);
		return true;
	}
	__builtin_memset(a, 0, sizeof(*a));
	a->family = family;
	a->protocol = protocol;
	return family && !ws_local_family(family);
}

/* The address that a socket is connected to. */
static __always_inline void ws_address_of_peer(struct ws_address *a, struct sock *sk)
{
	u32 family = BPF_CORE_READ(sk, __sk_common.skc_family),
	    protocol = BPF_CORE_READ(sk, sk_protocol);
	u32 port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport)), ip[4] = {};

	if (family == AF_INET6) {
		ws_try(SOCKET_ADDRESS,
		       bpf_core_read(ip, sizeof(ip), &sk->__sk_common.skc_v6_daddr));
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

/* Report the destination of t's scope, the first time only. */
static __always_inline void ws_report_net(const struct ws_task *t, const struct ws_address *to)
{
	struct ws_destination_key key = { .scope = t->scope, .to = *to };
	u32 reported = 1;
	int err; /* before 6.4 the upper half of what an update returns is not set */

	if (!t->scope)
		return;
	err = bpf_map_update_elem(&destinations, &key, &reported, BPF_NOEXIST);
	if (err == -EEXIST)
		return;
	if (err) {
		ws_count_lost(WS_LOST_NET);
		return;
	}
	with_record(ws_rec_net, r, WS_REC_NET, sizeof(*r)) {
		ws_head_of_task(&r->head, bpf_get_current_task_btf(), t);
		r->to = *to;
		r->bytes = 0;
	}
}

/* Judge a connection or a datagram to the address t->to. */
static __always_inline int ws_judge_connect(struct ws_task *t, u32 power)
{
	struct ws_object *o = ws_new_object(t);

	o->has_to = 1;
	ws_report_net(t, &t->to);
	return ws_judge_address(t, WS_OP_CONNECT, power);
}

/* Judge the opening of a server by its own address; port 0: the kernel will choose one. */
static __always_inline int ws_judge_listen(struct ws_task *t, struct sock *sk, u32 power)
{
	u32 family = BPF_CORE_READ(sk, __sk_common.skc_family),
	    protocol = BPF_CORE_READ(sk, sk_protocol), ip[4] = {};
	u16 port = BPF_CORE_READ(sk, __sk_common.skc_num);

	if (ws_local_family(family))
		return 0;
	if (family == AF_INET6) {
		ws_try(SOCKET_ADDRESS,
		       bpf_core_read(ip, sizeof(ip), &sk->__sk_common.skc_v6_rcv_saddr));
		ws_address6(&t->to, ip, port, protocol);
	} else if (family == AF_INET) {
		ws_address4(&t->to, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr), port, protocol);
	} else {
		__builtin_memset(&t->to, 0, sizeof(t->to));
		t->to.family = family;
		t->to.protocol = protocol;
	}
	ws_new_object(t)->has_to = 1;
	return ws_judge_address(t, WS_OP_LISTEN, power);
}

#endif
