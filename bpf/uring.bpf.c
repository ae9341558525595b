// SPDX-License-Identifier: GPL-2.0-only
/*
 * uring.bpf.c - watch: what a package does through io_uring, seen in three places: when a request
 * is submitted, when it takes its file, and when it completes.
 */
#include "lib/due.bpf.h"
#include "names.bpf.h"
#include "unix.bpf.h"

#define IORING_OP_CONNECT 16
#define IORING_OP_SOCKET  45
#define IORING_OP_BIND	  56
#define O_ACCMODE	  3

/*
 * The operation to refuse as unresolvable at its submission, WS_OP_NONE: none. A file is not seen
 * of an open into a direct descriptor, of an open without a completion (CQE_SKIP), nor the effect
 * of O_RDONLY | O_TRUNC; and no request by name where a worker's work, or its end, cannot be
 * observed. Runtimes do none of these by default.
 */
static __always_inline u32 ws_uring_op(struct io_kiocb *req)
{
	u32 op = ws_op_of_request(req);
	u64 flags;

	if (op)
		return ws_sees_workers() && ws_ends_in_worker(req) ? WS_OP_NONE : op;
	switch (BPF_CORE_READ(req, opcode)) {
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
		if (BPF_CORE_READ((struct io_open *)req, file_slot) ||
		    (BPF_CORE_READ_BITFIELD_PROBED(req, flags) & REQ_F_CQE_SKIP))
			return WS_OP_READ;
		flags = BPF_CORE_READ((struct io_open *)req, how.flags);
		return (flags & O_TRUNC) && !(flags & O_ACCMODE) ? WS_OP_WRITE : WS_OP_NONE;
	}
	return WS_OP_NONE;
}

/* A request by name is submitted: the memory of an earlier one may be used again. */
static __always_inline void ws_mark_request(struct io_kiocb *req)
{
	u64 request = (u64)req, now = bpf_ktime_get_ns();

	ws_try(RING_NAME, bpf_map_update_elem(&ring_names, &request, &now, BPF_ANY));
}

/* A request by name has ended in t, the worker that carried it out. Not inlined: its stack is free
 * again when watch_judge() judges an open. */
static __noinline void ws_end_request(struct ws_task *t, struct io_kiocb *req, int res)
{
	u32 op = ws_op_of_request(req);
	u64 request = (u64)req;

	if (t->request == request) {
		t->pending = 0;
		if (!res && op && op != WS_OP_RENAME && t->new_name)
			ws_end_name(t, op);
		if (!res && op == WS_OP_RENAME)
			ws_end_moved(t, WS_F_IO_URING);
		if (!res && op == WS_OP_UNLINK && t->gone_dir)
			ws_end_gone(t, WS_F_IO_URING);
		t->request = 0;
	}
	bpf_map_delete_elem(&ring_names, &request); /* it may not be there */
}

SEC("?tp_btf/io_uring_submit_req")
int BPF_PROG(watch_uring_submit, struct io_kiocb *req)
{
	struct ws_task *t = ws_self();
	u32 op, opcode;

	if (!t || t->actor != WS_ACTOR_PACKAGE)
		return 0;
	op = ws_uring_op(req);
	if (!op) {
		opcode = BPF_CORE_READ(req, opcode);
		if (opcode == IORING_OP_SOCKET &&
		    BPF_CORE_READ((struct io_socket *)req, domain) == AF_VSOCK)
			ws_judge_foreign(t, AF_VSOCK, WS_POWER_KILL_BEFORE);
		if (opcode == IORING_OP_OPENAT || opcode == IORING_OP_OPENAT2)
			ws_mark_ring_open(t, (u64)req);
		else if (ws_op_of_request(req))
			ws_mark_request(req);
		return 0;
	}
	ws_new_object(t)->flags = WS_F_IO_URING;
	ws_refuse_unresolved(t, op, WS_POWER_KILL_BEFORE);
	return 0;
}

/*
 * A request takes its file by descriptor. Completions are posted in batches, so that a chain of
 * open, read and send has run before the open's own completion is seen below. Here the scope is
 * condemned before its send, and the packets are dropped.
 */
SEC("?raw_tp/io_uring_file_get")
int BPF_PROG(watch_uring_file, struct io_kiocb *req, int fd)
{
	struct ws_task *t = ws_self();

	if (!t || t->actor != WS_ACTOR_PACKAGE)
		return 0;
	return ws_let_judge(ctx, t, WS_DUE_RING_FILE);
}

static __always_inline int ws_ring_file(struct ws_task *t, u32 fd)
{
	struct file *file;

	file = ws_file_of(fd);
	if (file && (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) !=
			    S_IFSOCK) /* sockets are not opened, and have no path */
		ws_judge_open(t, file, WS_POWER_KILL_BEFORE, WS_F_IO_URING);
	return 0;
}

/* An open has completed with a descriptor, or failed; or a connection has been made. */
SEC("?raw_tp/io_uring_complete")
int BPF_PROG(watch_uring, struct io_ring_ctx *ring, struct io_kiocb *req)
{
	struct ws_task *t = ws_self();
	u8 opcode;

	if (!t || !req)
		return 0;
	opcode = BPF_CORE_READ(req, opcode);
	if ((opcode >= IORING_OP_RENAMEAT && opcode <= IORING_OP_LINKAT) ||
	    opcode == IORING_OP_CONNECT || opcode == IORING_OP_BIND || opcode == IORING_OP_OPENAT ||
	    opcode == IORING_OP_OPENAT2)
		return ws_let_judge(ctx, t, WS_DUE_RING_END);
	return 0;
}

static __always_inline int ws_ring_end(struct ws_task *t, u64 request, u64 cqe)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	u8 opcode = BPF_CORE_READ(req, opcode);
	int res = BPF_CORE_READ((struct io_uring_cqe *)cqe, res);
	struct file *file;
	struct sock *sk;

	if (opcode >= IORING_OP_RENAMEAT && opcode <= IORING_OP_LINKAT)
		ws_end_request(t, req, res);
	if (opcode == IORING_OP_CONNECT && !res) {
		sk = ws_sock_of(BPF_CORE_READ(req, file));
		if (sk)
			ws_end_ring_connect(t, sk);
		return 0;
	}
	if (opcode == IORING_OP_BIND && !res) {
		sk = ws_sock_of(BPF_CORE_READ(req, file));
		if (sk && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX)
			ws_judge_bound(t, sk);
		return 0;
	}
	if (opcode != IORING_OP_OPENAT && opcode != IORING_OP_OPENAT2)
		return 0;
	file = res < 0 ? NULL : ws_file_of(res);
	if (file)
		ws_judge_open(t, file, WS_POWER_KILL_BEFORE, WS_F_IO_URING);
	ws_unmark_ring_open((u64)req);
	return 0;
}

/*
 * Called by the programs of both hooks, with their arguments: see lib/due.bpf.h. What they do is
 * inlined, as the stacks of functions that call one another add up: Linux 6.1 has 512 bytes.
 */
SEC("?raw_tp")
int watch_judge(struct bpf_raw_tracepoint_args *ctx)
{
	struct ws_task *t = ws_self();

	if (!t)
		return 0;
	switch (t->due) {
	case WS_DUE_RING_FILE:
		return ws_ring_file(t, ctx->args[1]);
	case WS_DUE_RING_END:
		return ws_ring_end(t, ctx->args[1], ctx->args[2]);
	}
	return 0;
}

char _license[] SEC("license") = "GPL";
