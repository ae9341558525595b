// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.bpf.c - what leaves the tree by network. Reaching for an address is refused at connect and at datagrams: by
 * security_socket_* (deny), by the session's cgroup programs (watch). What a scope's sockets send is judged packet by
 * packet in the cgroup's egress, whoever holds the socket by then; packets are dropped for real on both backends. deny
 * also refuses the send itself, so that its caller dies there, with whatever socket.
 */
#include "net.bpf.h"
#include "opening.bpf.h"

/* ---- sockets know their scope ---- */

static __always_inline void ws_tie(struct ws_socket *w, const struct ws_task *t)
{
	if (!w) {
		ws_lose(WS_LOST_SOCKET);
		return;
	}
	w->session = t->session;
	w->scope = t->scope;
}

/* A socket that the running scope uses, and that belongs to none yet: inherited, or passed on. */
static __always_inline void ws_adopt(struct sock *sk)
{
	struct ws_task *t = ws_self();

	if (!t || !t->scope || !sk)
		return;
	if (ws_local_family(BPF_CORE_READ(sk, __sk_common.skc_family)) || bpf_sk_storage_get(&sockets, sk, 0, 0))
		return;
	ws_tie(bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE), t);
}

SEC("?fentry/security_socket_post_create")
int BPF_PROG(deny_tie, struct socket *sock)
{
	ws_adopt(sock->sk);
	return 0;
}

SEC("?fentry/security_socket_sendmsg")
int BPF_PROG(deny_adopt, struct socket *sock)
{
	ws_adopt(sock->sk);
	return 0;
}

/* Passed over a socket: before 6.5 sendfile and splice into it ask no hook. */
SEC("?fentry/security_file_receive")
int BPF_PROG(deny_receive, struct file *file)
{
	struct socket *sock = bpf_sock_from_file(file);

	if (sock)
		ws_adopt(sock->sk);
	return 0;
}

#define TCP_SYN_SENT 2
#define TCP_LISTEN   10

/*
 * A connection's beginning, in the context of who asks for it: MPTCP makes a socket of the kernel's own for it. And a
 * server's, which is listening by now.
 */
SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(watch_connecting, struct sock *sk, int from, int to)
{
	struct ws_task *t;

	if (to == TCP_SYN_SENT)
		ws_adopt(sk);
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
	ws_adopt(sk);
	return 0;
}

SEC("?cgroup/sock_create")
int watch_tie(struct bpf_sock *sk)
{
	struct ws_task *t = ws_self();

	if (t && t->scope)
		ws_tie(bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE), t);
	return 1;
}

/* ---- deny: the kernel's own checks ---- */

SEC("?fmod_ret/security_socket_connect")
int WS_DENY_PROG(deny_connect, struct socket *sock, struct sockaddr *address, int length, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	if (!ws_address_of(&t->to, address, BPF_CORE_READ(sock, sk, sk_protocol), 0)) /* AF_UNSPEC: disconnects */
		return 0;
	return ws_judge_connect(t, WS_POWER_REFUSE);
}

/*
 * Datagrams with an address of their own, and TCP fast open, which connects while it sends: reaching for that address.
 * Then the sending: its packets are judged again, and counted, on their way out.
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
	if (name && ws_address_of(&t->to, name, BPF_CORE_READ(sk, sk_protocol), family)) {
		ret = ws_judge_connect(t, WS_POWER_REFUSE);
		if (ret)
			return ret;
	} else {
		ws_address_of_peer(&t->to, sk);
	}
	if (!t->scope)
		return 0;
	o = ws_object(t);
	o->has_to = 1;
	o->amount = size;
	o->again = 1;
	return ws_judge_address(t, WS_OP_SEND, WS_POWER_REFUSE);
}

SEC("?fmod_ret/security_unix_stream_connect")
int WS_DENY_PROG(deny_unix_connect, struct sock *sock, struct sock *other, struct sock *newsk, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_unix(t, other, WS_POWER_REFUSE);
}

SEC("?fmod_ret/security_unix_may_send")
int WS_DENY_PROG(deny_unix_send, struct socket *sock, struct socket *other, int ret)
{
	struct ws_task *t = ws_self();

	if (ret || !t)
		return ret;
	return ws_judge_unix(t, BPF_CORE_READ(other, sk), WS_POWER_REFUSE);
}

/* ---- watch: the session's cgroup; 1 lets pass, 0 refuses with EPERM ---- */

static __always_inline int ws_cgroup4(struct bpf_sock_addr *ctx)
{
	struct ws_task *t = ws_self();

	if (!t)
		return 1;
	ws_address4(&t->to, ctx->user_ip4, bpf_ntohs(ctx->user_port), ctx->protocol);
	return !ws_judge_connect(t, WS_POWER_REFUSE);
}

static __always_inline int ws_cgroup6(struct bpf_sock_addr *ctx)
{
	struct ws_task *t = ws_self();
	u32 ip[4];

	if (!t)
		return 1;
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

/* ---- both: packets of a scope's sockets ---- */

/*
 * Bytes that an IP packet carries for its sender, and where it goes. Options of the IPv4 header are the sender's, too;
 * of a protocol that is not TCP or UDP all counts that follows the IP header.
 */
static __always_inline u32 ws_payload(struct __sk_buff *skb, struct ws_address *to)
{
	u8 head[40] = {}, offset = 0;
	u16 ports[2] = {};
	u32 at, protocol, options = 0, ip[4];

	if (bpf_skb_load_bytes(skb, 0, head, 20) < 0)
		return skb->len;
	if (head[0] >> 4 == 4) {
		at = (head[0] & 15) * 4;
		options = at > 20 ? at - 20 : 0;
		protocol = head[9];
		__builtin_memcpy(ip, head + 16, 4);
		bpf_skb_load_bytes(skb, at, ports, sizeof(ports));
		ws_address4(to, ip[0], bpf_ntohs(ports[1]), protocol);
	} else {
		if (bpf_skb_load_bytes(skb, 0, head, 40) < 0)
			return skb->len;
		at = 40;
		protocol = head[6];
		__builtin_memcpy(ip, head + 24, 16);
		bpf_skb_load_bytes(skb, at, ports, sizeof(ports));
		ws_address6(to, ip, bpf_ntohs(ports[1]), protocol);
	}
	if (protocol == IPPROTO_TCP) {
		bpf_skb_load_bytes(skb, at + 12, &offset, 1);
		at += (offset >> 4) * 4;
	} else if (protocol == IPPROTO_UDP) {
		at += 8;
	}
	return options + (skb->len > at ? skb->len - at : 0);
}

/* Whose is a socket? Of MPTCP, the kernel's own sockets carry what the one that the scope made sends. */
static __always_inline struct ws_socket *ws_owner(struct bpf_sock *sk)
{
	struct ws_socket *w = bpf_sk_storage_get(&sockets, sk, 0, 0);
	struct mptcp_sock *mptcp;

	if (w || !bpf_core_type_exists(struct mptcp_sock))
		return w;
	mptcp = bpf_skc_to_mptcp_sock(sk);
	return mptcp ? bpf_sk_storage_get(&sockets, mptcp, 0, 0) : NULL;
}

/* A packet's verdict is told without a task: whoever runs now may only be carrying it. */
static __always_inline void ws_tell_packet(const struct ws_socket *w, struct ws_session *session, struct ws_scope *scope,
					   const struct ws_outcome *out, u32 effect, u32 op, const struct ws_address *to,
					   u32 amount)
{
	struct ws_rec_verdict *r = bpf_ringbuf_reserve(&alerts, sizeof(*r), 0);

	if (!r) {
		ws_lose(WS_LOST_ALERT);
		return;
	}
	__builtin_memset(&r->head, 0, sizeof(r->head));
	r->head.size = sizeof(*r);
	r->head.version = WS_WIRE_VERSION;
	r->head.kind = WS_REC_VERDICT;
	r->head.time = bpf_ktime_get_ns();
	r->head.session = w->session;
	r->head.scope = w->scope;
	r->head.pid = scope->pid; /* the script's first process: the sender is not known here */
	r->head.started = scope->started;
	r->head.actor = scope->actor;
	r->head.backend = ws_backend;
	r->op = op;
	r->rule = out->rule;
	r->action = out->action;
	r->effect = effect;
	r->place = WS_PLACE_ELSEWHERE;
	r->mode = session->mode;
	r->labels = scope->labels;
	r->session_labels = session->labels;
	r->fired = out->fired;
	r->target_pid = 0;
	r->amount = amount;
	r->to = *to;
	r->argv_valid = r->path2_valid = 0;
	r->argv.len = r->argv.total = 0;
	r->path.len = r->path.pad = r->path2.len = r->path2.pad = 0;
	bpf_ringbuf_submit(r, 0);
}

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
		ws_lose(WS_LOST_SOCKET);
}

SEC("?cgroup_skb/egress")
int egress(struct __sk_buff *skb)
{
	struct ws_policy *p = ws_policy();
	struct bpf_sock *sk = skb->sk;
	struct ws_session *session;
	struct ws_address to = {};
	struct ws_loop loop = {};
	struct ws_loop_ctx ctx = {.l = &loop};
	struct ws_socket *w;
	struct ws_scope *scope;
	struct ws_mask *by_address = NULL, *by_port;
	u32 amount, port, actor, http, effect = WS_EFFECT_NONE, op = WS_OP_SEND, rule;
	u64 id, first = 0;

	if (!p || !sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	w = ws_owner(sk);
	if (!w)
		return 1;
	id = w->session;
	session = bpf_map_lookup_elem(&sessions, &id);
	id = w->scope;
	scope = bpf_map_lookup_elem(&scopes, &id);
	if (!session || !scope)
		return 1;
	amount = ws_payload(skb, &to);
	if (!amount)
		return 1;
	__sync_fetch_and_add(&scope->bytes_out, amount);
	if (skb->len > amount && amount >= sizeof(first))
		bpf_skb_load_bytes(skb, skb->len - amount, &first, sizeof(first));
	if ((session->flags & WS_SESSION_CONDEMNED) || (scope->flags & WS_SCOPE_CONDEMNED)) {
		ws_note_drop(skb, sk);
		return 0;
	}
	if (session->mode != WS_MODE_AUDIT && ws_opens(scope)) {
		ws_note_drop(skb, sk); /* for now: TCP tries again soon, a datagram's sender is told */
		return 0;
	}
	actor = scope->actor;
	if (actor >= WS_ACTOR_MAX)
		return 1;
	loop.left = p->by_op[WS_OP_SEND][actor];
	if (to.protocol != IPPROTO_TCP && to.protocol != IPPROTO_UDP) /* ping and raw sockets ask no hook of watch's before */
		ws_mask_or(&loop.left, &p->by_op[WS_OP_CONNECT][actor]);
	ws_mask_and(&loop.left, &session->enabled);
	ws_mask_and(&loop.left, &scope->package);
	ws_mask_and(&loop.left, &p->any_exe);
	ws_mask_and(&loop.left, &p->any_path);
	ws_mask_and(&loop.left, &p->any_argv);
	http = ws_http_method(first);
	if (http >= WS_HTTP_MAX)
		return 1;
	ws_mask_and(&loop.left, &p->by_http[http]);
	if (ws_mask_empty(&loop.left))
		return 1;
	if (to.family == AF_INET) {
		struct ws_lpm4 key = {.prefix = 32};

		__builtin_memcpy(key.address, to.address, 4);
		by_address = bpf_map_lookup_elem(&lpm4, &key);
	} else {
		struct ws_lpm6 key = {.prefix = 128};

		__builtin_memcpy(key.address, to.address, 16);
		by_address = bpf_map_lookup_elem(&lpm6, &key);
	}
	port = to.port;
	by_port = bpf_map_lookup_elem(&ports, &port);
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		loop.left.w[i] &= p->any_address.w[i] | (by_address ? by_address->w[i] : 0);
		loop.left.w[i] &= p->any_port.w[i] | (by_port ? by_port->w[i] : 0);
	}
	loop.scope = w->scope;
	loop.facts.now = bpf_ktime_get_ns();
	loop.facts.scope_labels = scope->labels;
	loop.facts.session_labels = session->labels;
	loop.facts.amount = amount;
	ws_outcome_init(&loop.out);
	bpf_loop(WS_RULES_MAX, ws_decide_step, &ctx, 0);
	if (loop.out.rule == WS_RULE_NONE)
		return 1;
	rule = loop.out.rule;
	if (rule < WS_RULES_MAX && !(p->by_op[WS_OP_SEND][actor].w[rule / 64] & (1ULL << (rule & 63))))
		op = WS_OP_CONNECT;
	if (loop.out.labels) {
		__sync_fetch_and_or(&scope->labels, loop.out.labels);
		__sync_fetch_and_or(&session->labels, loop.out.labels);
	}
	if (session->mode == WS_MODE_AUDIT || loop.out.action < WS_HIDE) {
		if (ws_tell_id(w->scope, loop.out.rule, loop.out.action))
			ws_tell_packet(w, session, scope, &loop.out, effect, op, &to, amount);
		return 1;
	}
	if (loop.out.action == WS_STOP)
		__sync_fetch_and_or(&session->flags, WS_SESSION_CONDEMNED);
	if (loop.out.action >= WS_KILL) {
		if (!scope->condemned_at)
			scope->condemned_at = bpf_ktime_get_ns();
		__sync_fetch_and_or(&scope->flags, WS_SCOPE_CONDEMNED);
	}
	__sync_fetch_and_add(&session->verdicts, 1);
	ws_tell_packet(w, session, scope, &loop.out, WS_EFFECT_DROPPED, op, &to, amount);
	ws_note_drop(skb, sk);
	return 0;
}

/*
 * SSL_write(ssl, buffer, length) of a TLS library, before it encrypts: attached to the executables that user space finds
 * to have it. The process dies before the call does anything; a private copy of the library is not seen.
 */
SEC("?uprobe")
int BPF_KPROBE(tls_write, void *ssl, const void *buffer, int length)
{
	struct ws_task *t = ws_self();
	struct ws_object *o;
	u64 first = 0;

	if (!t || !t->scope || bpf_probe_read_user(&first, sizeof(first), buffer) < 0)
		return 0;
	o = ws_object(t);
	o->http = ws_http_method(first);
	if (!o->http)
		return 0;
	__builtin_memset(&t->to, 0, sizeof(t->to)); /* where to, only the connection knows */
	ws_judge_address(t, WS_OP_SEND, WS_POWER_KILL_BEFORE);
	return 0;
}

char _license[] SEC("license") = "GPL";
