// SPDX-License-Identifier: GPL-2.0-only
/*
 * tls.bpf.c - requests before they are encrypted: SSL_write(connection, buffer, length) and its
 * like. Attached to the executables and libraries in which user space finds the functions; the
 * process dies before the call does anything. A private copy of a library is not seen.
 */
#include "judge.bpf.h"

struct ws_written {
	u64 buffer, at, length;
	u32 methods, pad;
};

/* Follow w to the next byte that matters. Returns 1 at the end. Global: its branches are verified
 * once, and not for each of the ways to come to it. */
int ws_follow_byte(struct ws_http_stream *http, struct ws_written *w)
{
	u64 n;
	u8 c = 0;

	if (!http || !w || w->at >= w->length)
		return 1;
	n = w->length - w->at;
	n = ws_http_skip(http, n < 0x7fffffff ? n : 0x7fffffff);
	if (n) {
		w->at += n;
		return 0;
	}
	if (ws_try(TLS, bpf_probe_read_user(&c, 1, (void *)(w->buffer + w->at))))
		return 1;
	w->at++;
	w->methods |= ws_http_step(http, c);
	return 0;
}

struct ws_written_ctx {
	struct ws_http_stream *http;
	struct ws_written written;
};

static long ws_written_step(u32 i, struct ws_written_ctx *c)
{
	int end = ws_follow_byte(c->http, &c->written);

	barrier_var(end); /* the verifier does not know that it is 0 or 1 */
	return end ? 1 : 0;
}

/* The methods of requests that begin in this write. */
u32 ws_follow_write(struct ws_http_stream *http, u64 buffer, u64 length)
{
	struct ws_written_ctx c = { .http = http,
				    .written = { .buffer = buffer, .length = length } };
	u64 first = 0;

	if (!http)
		return 0;
	if (http->at == WS_AT_OPAQUE && length >= sizeof(first) &&
	    !ws_try(TLS, bpf_probe_read_user(&first, sizeof(first), (void *)buffer)))
		c.written.methods = 1u << ws_http_method(first);
	bpf_loop(1 << 23, ws_written_step, &c, 0);
	return c.written.methods;
}

static const struct ws_tls fresh; /* not on the stack */

static __always_inline struct ws_tls *ws_tls_of(const void *connection)
{
	struct ws_tls_key key = { .connection = (u64)connection,
				  .tgid = bpf_get_current_pid_tgid() >> 32 };
	struct ws_tls *t = bpf_map_lookup_elem(&tls_connections, &key);

	if (t)
		return t;
	ws_try_new(TLS, bpf_map_update_elem(&tls_connections, &key, &fresh, BPF_NOEXIST));
	return bpf_map_lookup_elem(&tls_connections, &key);
}

/* Whether this write repeats the last one, by its length, first and last bytes. Remembers it. */
static __always_inline bool ws_is_repeated(struct ws_tls *c, const char *buffer, u64 length)
{
	u64 first = 0, last = 0;
	u32 n = length < 8 ? length : 8;
	bool same;

	ws_try(TLS, bpf_probe_read_user(&first, n, buffer));
	ws_try(TLS, bpf_probe_read_user(&last, n, buffer + length - n));
	same = c->length == length && c->first == first && c->last == last;
	c->length = length;
	c->first = first;
	c->last = last;
	return same;
}

/* What t's package sends is seen. The end of a handshake is sent before, and looks like data. */
static __always_inline void ws_note_seen(struct ws_task *t)
{
	struct ws_subject s;

	if (!ws_subject_of(&s, t) || !s.scope || (s.scope->flags & WS_SCOPE_TLS_SEEN))
		return;
	__sync_fetch_and_or(&s.scope->flags, WS_SCOPE_TLS_SEEN);
	if (s.scope->flags & WS_SCOPE_TLS_SENT)
		__sync_fetch_and_add(&s.session->unseen_tls, -1);
}

SEC("?uprobe")
int BPF_KPROBE(tls_write, void *connection, const char *buffer, u32 length)
{
	struct ws_task *t = ws_self();
	struct ws_tls *c;
	u32 methods;

	if (!t || !t->scope || !length) /* some functions take an int: 32 bits */
		return 0;
	ws_note_seen(t);
	c = ws_tls_of(connection);
	if (!c) { /* no room: a request could be divided between writes */
		if (t->actor == WS_ACTOR_PACKAGE) {
			ws_new_object(t);
			ws_refuse_unresolved(t, WS_OP_SEND, WS_POWER_KILL_BEFORE);
		}
		return 0;
	}
	if (ws_is_repeated(c, buffer, length))
		c->once = c->before;
	else
		c->before = c->once;
	methods = ws_follow_write(&c->all, (u64)buffer, length);
	methods |= ws_follow_write(&c->once, (u64)buffer, length);
	if (!(methods & ~(1u << WS_HTTP_NONE)))
		return 0;
	ws_new_object(t)->methods = methods;
	__builtin_memset(&t->to, 0, sizeof(t->to)); /* the destination is not known here */
	ws_judge_address(t, WS_OP_SEND, WS_POWER_KILL_BEFORE);
	return 0;
}

/* A connection is freed, or used for another one: its address may be that of the next one. */
SEC("?uprobe")
int BPF_KPROBE(tls_end, void *connection)
{
	struct ws_tls_key key = { .connection = (u64)connection,
				  .tgid = bpf_get_current_pid_tgid() >> 32 };
	struct ws_task *t = ws_self();

	if (t && t->scope)
		bpf_map_delete_elem(&tls_connections, &key);
	return 0;
}

char _license[] SEC("license") = "GPL";
