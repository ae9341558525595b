// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.bpf.c - network hooks. Connections and datagrams are refused by security_socket_* (deny) or
 * by programs of the session's cgroup (watch). What the sockets of a scope send is judged packet by
 * packet at the cgroup's egress, whichever process holds the socket by then, and dropped on both
 * backends. deny also refuses the send itself, which kills its caller.
 */
#include "unix.bpf.h"

/* ---- sockets are tied to a scope ---- */

static __always_inline void ws_tie_socket(struct ws_socket *w, const struct ws_task *t)
{
	if (!w) {
		ws_count_lost(WS_LOST_SOCKET);
		return;
	}
	w->session = t->session;
	w->scope = t->scope;
	w->script = t->script;
}

/* Tie a socket to the running task's scope if it is tied to none: it was inherited, or passed on.
 */
static __always_inline void ws_adopt_socket(struct sock *sk)
{
	struct ws_task *t = ws_self();

	if (!t || !t->scope || !sk)
		return;
	if (ws_local_family(BPF_CORE_READ(sk, __sk_common.skc_family)) ||
	    bpf_sk_storage_get(&sockets, sk, 0, 0))
		return;
	ws_tie_socket(bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE), t);
}

SEC("?fentry/security_socket_post_create")
int BPF_PROG(deny_tie, struct socket *sock)
{
	ws_adopt_socket(sock->sk);
	return 0;
}

SEC("?fentry/security_socket_sendmsg")
int BPF_PROG(deny_adopt, struct socket *sock)
{
	ws_adopt_socket(sock->sk);
	return 0;
}

/* A socket received over another socket: before 6.5 sendfile and splice into it call no hook. */
SEC("?fentry/security_file_receive")
int BPF_PROG(deny_receive, struct file *file)
{
	struct socket *sock = bpf_sock_from_file(file);

	if (sock)
		ws_adopt_socket(sock->sk);
	return 0;
}

#define TCP_SYN_SENT 2
#define TCP_LISTEN   10

/*
 * A connection begins, in the context of the task that asked for it; here the kernel's own sockets
 * below an MPTCP socket are seen. Or a server has begun to listen.
 */
SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(watch_connecting, struct sock *sk, int from, int to)
{
	struct ws_task *t;

	if (to == TCP_SYN_SENT)
		ws_adopt_socket(sk);
	if (to != TCP_LISTEN)
		return 0;
	t = ws_self();
	if (t)
		ws_judge_listen(t, sk, WS_POWER_KILL_BEFORE);
	return 0;
}

SEC("?tp_btf/tcp_sendmsg_locked")
int BPF_PROG(watch_adopt, struct sock *sk)
{
	ws_adopt_socket(sk);
	return 0;
}

SEC("?cgroup/sock_create")
int watch_tie(struct bpf_sock *sk)
{
	struct ws_task *t = ws_self();

	if (t && t->scope)
		ws_tie_socket(bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE), t);
	return 1;
}

/* ---- deny ---- */

SEC("?fmod_ret/security_socket_connect")
int WS_DENY_PROG(deny_connect, struct socket *sock, struct sockaddr *address, int length, int ret)
{
	struct ws_task *t = ws_self();
	u32 family;

	if (ret || !t)
		return ret;
	family = BPF_CORE_READ(sock, sk, __sk_common.skc_family);
	if (ws_foreign_family(family))
		return ws_judge_foreign(t, family, WS_POWER_REFUSE);
	if (!ws_address_of(&t->to, address, BPF_CORE_READ(sock, sk, sk_protocol), 0))
		return 0;
	return ws_judge_connect(t, WS_POWER_REFUSE);
}

/*
 * A datagram with an address of its own, and TCP fast open, which connects while it sends, are
 * judged as connecting to that address. Then the sending is; its packets are judged again and
 * counted at egress.
 */
SEC("?fmod_ret/security_socket_sendmsg")
int WS_DENY_PROG(deny_sendmsg, struct socket *sock, struct msghdr *msg, int size, int ret)
{
	struct ws_task *t = ws_self();
	struct ws_object *o;
	struct sock *sk;
	void *name;
	u32 family;

	if (ret || !t)
		return ret;
	sk = BPF_CORE_READ(sock, sk);
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (ws_local_family(family))
		return 0;
	name = BPF_CORE_READ(msg, msg_name);
	if (name && ws_foreign_family(family))
		return ws_judge_foreign(t, family, WS_POWER_REFUSE);
	if (name && ws_address_of(&t->to, name, BPF_CORE_READ(sk, sk_protocol), family)) {
		ret = ws_judge_connect(t, WS_POWER_REFUSE);
		if (ret)
			return ret;
	} else {
		ws_address_of_peer(&t->to, sk);
	}
	if (!t->scope)
		return 0;
	o = ws_new_object(t);
	o->has_to = 1;
	o->amount = size;
	o->only_refuse = 1;
	return ws_judge_address(t, WS_OP_SEND, WS_POWER_REFUSE);
}

SEC("?fmod_ret/security_unix_stream_connect")
int WS_DENY_PROG(deny_unix_connect, struct sock *sock, struct sock *other, struct sock *newsk,
		 int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_unix(t, other, BPF_CORE_READ(other, sk_peer_pid), WS_POWER_REFUSE);
}

SEC("?fmod_ret/security_unix_may_send")
int WS_DENY_PROG(deny_unix_send, struct socket *sock, struct socket *other, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_unix(t, BPF_CORE_READ(other, sk), NULL, WS_POWER_REFUSE);
}

/* Whose the listener is: see ws_own_peer(). */
SEC("?fentry/security_socket_bind")
int BPF_PROG(deny_note_bind, struct socket *sock)
{
	struct ws_task *t = ws_self();
	struct sock *sk = BPF_CORE_READ(sock, sk);

	if (t && sk && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX)
		ws_note_bind(t, sk);
	return 0;
}

SEC("?fentry/security_socket_listen")
int BPF_PROG(deny_note_listen, struct socket *sock)
{
	struct ws_task *t = ws_self();
	struct sock *sk = BPF_CORE_READ(sock, sk);

	if (t && sk && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX)
		ws_note_listen(t, sk);
	return 0;
}

SEC("?fmod_ret/security_socket_listen")
int WS_DENY_PROG(deny_listen, struct socket *sock)
{
	struct ws_task *t = ws_self();

	return t ? ws_judge_listen(t, BPF_CORE_READ(sock, sk), WS_POWER_REFUSE) : 0;
}

/* ---- watch: programs of the session's cgroup; they return 1 to allow, 0 for EPERM ---- */

static __always_inline int ws_cgroup4(struct bpf_sock_addr *ctx)
{
	struct ws_task *t = ws_self();

	if (!t) {
		ws_count_lost(WS_LOST_TASK); /* in the session's cgroup, and not tracked */
		return 0;
	}
	ws_address4(&t->to, ctx->user_ip4, bpf_ntohs(ctx->user_port), ctx->protocol);
	return !ws_judge_connect(t, WS_POWER_REFUSE);
}

static __always_inline int ws_cgroup6(struct bpf_sock_addr *ctx)
{
	struct ws_task *t = ws_self();
	u32 ip[4];

	if (!t) {
		ws_count_lost(WS_LOST_TASK); /* in the session's cgroup, and not tracked */
		return 0;
	}
	ip[0] = ctx->user_ip6[0];
	ip[1] = ctx->user_ip6[1];
	ip[2] = ctx->user_ip6[2];
	ip[3] = ctx->user_ip6[3];
	ws_address6(&t->to, ip, bpf_ntohs(ctx->user_port), ctx->protocol);
	return !ws_judge_connect(t, WS_POWER_REFUSE);
}

SEC("?cgroup/connect4")
int watch_connect4(struct bpf_sock_addr *ctx)
{
	return ws_cgroup4(ctx);
}

SEC("?cgroup/connect6")
int watch_connect6(struct bpf_sock_addr *ctx)
{
	return ws_cgroup6(ctx);
}

SEC("?cgroup/sendmsg4")
int watch_sendmsg4(struct bpf_sock_addr *ctx)
{
	return ws_cgroup4(ctx);
}

SEC("?cgroup/sendmsg6")
int watch_sendmsg6(struct bpf_sock_addr *ctx)
{
	return ws_cgroup6(ctx);
}

/*
 * AF_UNIX, from 6.7 on. The kernel holds the address, but has not looked for the socket of that
 * name. connect(2) is judged when it returns, by that socket; what has no such moment is judged
 * here: requests of io_uring, and datagrams with an address of their own.
 */
static __always_inline int ws_cgroup_unix(struct bpf_sock_addr *ctx, bool connects)
{
	struct bpf_sock_addr_kern___unix *kern = (void *)ctx;
	struct ws_task *t = ws_self();
	struct sock *sk;
	u64 name;
	u32 n;

	barrier_var(kern); /* not the context's fields, but the kernel's own */
	if (!t) {
		ws_count_lost(WS_LOST_TASK); /* in the session's cgroup, and not tracked */
		return 0;
	}
	if (t->actor != WS_ACTOR_PACKAGE)
		return 1;
	sk = BPF_CORE_READ(kern, sk);
	if (connects && t->socket == (u64)sk && t->socket_call == WS_SYS_CONNECT) {
		t->named = 1;
		return 1;
	}
	n = (BPF_CORE_READ(kern, uaddrlen) - WS_NAME_AT) & 127;
	if (ws_try(SOCKADDR,
		   bpf_probe_read_kernel(t->leaf, n,
					 (void *)BPF_CORE_READ(kern, uaddr) + WS_NAME_AT)) < 0)
		return 0;
	name = ws_clean_name(t->leaf, n);
	if (ws_own_name(t, name, sk))
		return 1;
	ws_new_object(t)->leaf = n;
	if (!t->leaf[0])
		t->leaf[0] = '@';
	return !ws_judge_process(t, WS_OP_UNIX, WS_POWER_REFUSE);
}

SEC("?cgroup/connect_unix")
int watch_connect_unix(struct bpf_sock_addr *ctx)
{
	return ws_cgroup_unix(ctx, true);
}

SEC("?cgroup/sendmsg_unix")
int watch_sendmsg_unix(struct bpf_sock_addr *ctx)
{
	return ws_cgroup_unix(ctx, false);
}

/* ---- both: packets of the sockets of a scope ---- */

struct ws_follow {
	struct __sk_buff *skb;
	struct ws_http_stream *http;
	u32 at, end;
	u32 methods;
	bool shared; /* see ws_is_shared() */
};

static long ws_follow_step(u32 i, struct ws_follow *f)
{
	struct ws_http_stream *http = f->http;
	u32 n;
	u8 c = 0;

	if (!http || f->at >= f->end)
		return 1;
	n = ws_http_skip(http, f->end - f->at);
	if (n) {
		f->at += n;
		return 0;
	}
	if (ws_try(PACKET, bpf_skb_load_bytes(f->skb, f->at, &c, 1)))
		return 1;
	f->at++;
	f->methods |= ws_http_step(http, c);
	if (f->shared)
		http->seen |= WS_HTTP_SEEN_CHANGEABLE;
	return 0;
}

/* skb_shared_info.flags: SKBFL_ZEROCOPY_ENABLE, SKBFL_SHARED_FRAG */
#define SHARED_FLAGS 3

/*
 * Whether the packet's bytes lie in pages that others can change until the receiver reads them:
 * those of a file (sendfile), of a pipe (splice), or of the sender (MSG_ZEROCOPY).
 */
static __always_inline bool ws_is_shared(struct __sk_buff *skb)
{
	struct sk_buff *kern = (void *)skb;
	struct skb_shared_info *info;

	barrier_var(kern); /* not the context's fields, but the kernel's own */
	info = (void *)BPF_CORE_READ(kern, head) + BPF_CORE_READ(kern, end);
	return BPF_CORE_READ(info, flags) & SHARED_FLAGS;
}

/*
 * The methods of requests that begin in these bytes of a TCP connection. Packets pass here in
 * order; retransmitted bytes are skipped by their sequence number. After a gap it is unclear where
 * a request begins.
 */
WS_SUB u32 ws_follow_packet(struct ws_http_stream *http, struct __sk_buff *skb, u32 at, u32 seq)
{
	struct ws_follow f = {
		.skb = skb, .http = http, .at = at, .end = skb->len, .shared = ws_is_shared(skb)
	};
	int ahead = seq - http->next;

	if (at >= f.end)
		return 0;
	if ((http->seen & WS_HTTP_SEEN_NEXT) && ahead > 0) {
		http->flags = 0;
		http->skip = 0;
		ws_http_go(http, WS_AT_SCAN);
	} else if ((http->seen & WS_HTTP_SEEN_NEXT) && ahead < 0) {
		if (-ahead >= (int)(f.end - at))
			return 0;
		f.at -= ahead;
		seq -= ahead;
	}
	http->seen |= WS_HTTP_SEEN_NEXT;
	http->next = seq + (f.end - f.at);
	bpf_loop(1 << 20, ws_follow_step, &f, 0);
	return f.methods;
}

/* The method with which n bytes at this place of the packet begin, as a set. */
static __always_inline u32 ws_first_method(struct __sk_buff *skb, u32 at)
{
	u64 first = 0;

	if (at >= skb->len || skb->len - at < sizeof(first))
		return 0;
	ws_try(PACKET, bpf_skb_load_bytes(skb, at, &first, sizeof(first)));
	/* the change to encryption, or encrypted data, of SSL 3 to TLS 1.3 */
	if ((first & 0xffff) == 0x0314 || (first & 0xffff) == 0x0317)
		return WS_SENDS_TLS;
	return 1u << ws_http_method(first);
}

/*
 * Number of bytes of an IP packet that its sender chooses, the packet's destination, and the
 * methods of requests in it. Options of an IPv4 header are counted, and after the IP header all
 * bytes of a protocol other than TCP and UDP.
 */
WS_SUB u32 ws_payload(struct __sk_buff *skb, struct ws_packet *k, struct ws_socket *w)
{
	u8 head[40] = {}, offset = 0, flags = 0;
	u16 ports[2] = {};
	u32 at, protocol, options = 0, ip[4], seq = 0;

	if (bpf_skb_load_bytes(skb, 0, head, 20) < 0)
		return skb->len;
	if (head[0] >> 4 == 4) {
		at = (head[0] & 15) * 4;
		options = at > 20 ? at - 20 : 0;
		protocol = head[9];
		__builtin_memcpy(ip, head + 16, 4);
		ws_try(PACKET, bpf_skb_load_bytes(skb, at, ports, sizeof(ports)));
		ws_address4(&k->to, ip[0], bpf_ntohs(ports[1]), protocol);
	} else {
		if (bpf_skb_load_bytes(skb, 0, head, 40) < 0)
			return skb->len;
		at = 40;
		protocol = head[6];
		__builtin_memcpy(ip, head + 24, 16);
		ws_try(PACKET, bpf_skb_load_bytes(skb, at, ports, sizeof(ports)));
		ws_address6(&k->to, ip, bpf_ntohs(ports[1]), protocol);
	}
	if (protocol == IPPROTO_TCP) {
		ws_try(PACKET, bpf_skb_load_bytes(skb, at + 4, &seq, sizeof(seq)));
		ws_try(PACKET, bpf_skb_load_bytes(skb, at + 12, &offset, 1));
		ws_try(PACKET, bpf_skb_load_bytes(skb, at + 13, &flags, 1));
		at += (offset >> 4) * 4;
		if (w->http.at == WS_AT_OPAQUE) /* a tunnel, or the like */
			k->methods = ws_first_method(skb, at);
		/* a receiver leaves urgent bytes out of the stream, or not, as it likes */
		if ((flags & 32) && w->http.at != WS_AT_OPAQUE)
			w->http.seen |= WS_HTTP_SEEN_CHANGEABLE;
		seq = bpf_ntohl(seq) + (flags & 2 ? 1 : 0); /* a SYN has a number of its own */
		k->methods |= ws_follow_packet(&w->http, skb, at, seq);
		if (w->http.seen & WS_HTTP_SEEN_CHANGEABLE) /* what is sent again, too */
			k->methods |= 1u << WS_HTTP_CHANGEABLE;
	} else {
		if (protocol == IPPROTO_UDP)
			at += 8;
		k->methods = ws_first_method(skb, at);
	}
	return options + (skb->len > at ? skb->len - at : 0);
}

/* The scope of a socket, NULL: none. MPTCP sends through sockets of the kernel's own, below the one
 * that the scope created; each of these gets a record when it is first seen. */
static __always_inline struct ws_socket *ws_owner(struct bpf_sock *sk)
{
	struct ws_socket *w = bpf_sk_storage_get(&sockets, sk, 0, 0), *above, *own;
	struct mptcp_sock *mptcp;

	if (w || !bpf_core_type_exists(struct mptcp_sock))
		return w;
	mptcp = bpf_skc_to_mptcp_sock(sk);
	above = mptcp ? bpf_sk_storage_get(&sockets, mptcp, 0, 0) : NULL;
	if (!above)
		return NULL;
	own = bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!own)
		return above;
	own->session = above->session;
	own->scope = above->scope;
	own->script = above->script;
	return own;
}

/* For user space, which destroys the socket: see struct ws_dropped. */
static __always_inline void ws_note_drop(struct __sk_buff *skb, struct bpf_sock *sk)
{
	u64 cookie = bpf_get_socket_cookie(skb);
	struct ws_dropped d = {};
	u32 ip[4];

	d.family = sk->family;
	d.from_port = bpf_htons(sk->src_port);
	d.to_port = sk->dst_port;
	if (sk->family == AF_INET) {
		ip[0] = sk->src_ip4;
		__builtin_memcpy(d.from, ip, 4);
		ip[0] = sk->dst_ip4;
		__builtin_memcpy(d.to, ip, 4);
	} else {
		ip[0] = sk->src_ip6[0];
		ip[1] = sk->src_ip6[1];
		ip[2] = sk->src_ip6[2];
		ip[3] = sk->src_ip6[3];
		__builtin_memcpy(d.from, ip, 16);
		ip[0] = sk->dst_ip6[0];
		ip[1] = sk->dst_ip6[1];
		ip[2] = sk->dst_ip6[2];
		ip[3] = sk->dst_ip6[3];
		__builtin_memcpy(d.to, ip, 16);
	}
	if (bpf_map_update_elem(&dropped, &cookie, &d, BPF_ANY))
		ws_count_lost(WS_LOST_SOCKET);
}

SEC("?cgroup_skb/egress")
int egress(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct ws_packet k = {};
	struct ws_socket *w;

	if (!sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	w = ws_owner(sk);
	if (!w)
		return 1;
	k.amount = ws_payload(skb, &k, w);
	if (!k.amount || !ws_judge_packet(w, &k))
		return 1;
	ws_note_drop(skb, sk);
	return 0;
}

char _license[] SEC("license") = "GPL";
