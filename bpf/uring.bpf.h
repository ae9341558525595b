/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uring.bpf.h - watch: requests to io_uring by name (rename, unlink, mkdir, symlink, link). The
 * kernel carries them out in a worker, a task of the same process, where the inodes that they
 * change are judged like those of a system call (names.bpf.h).
 */
#ifndef WORMSIGN_URING_BPF_H
#define WORMSIGN_URING_BPF_H

#include "lib/subject.bpf.h"

#define IORING_OP_OPENAT	   18
#define IORING_OP_OPENAT2	   28
#define IORING_OP_RENAMEAT	   35
#define IORING_OP_UNLINKAT	   36
#define IORING_OP_MKDIRAT	   37
#define IORING_OP_SYMLINKAT	   38
#define IORING_OP_LINKAT	   39
#define IORING_SETUP_IOPOLL	   (1u << 0)
#define IORING_SETUP_DEFER_TASKRUN (1u << 13)
#define PF_IO_WORKER		   0x10u
#define REQ_F_CQE_SKIP		   (1u << 6)

/* The operation of a request by name, WS_OP_NONE: it is none. */
static __always_inline u32 ws_op_of_request(struct io_kiocb *req)
{
	switch (BPF_CORE_READ(req, opcode)) {
	case IORING_OP_RENAMEAT:
		return WS_OP_RENAME;
	case IORING_OP_UNLINKAT:
		return WS_OP_UNLINK;
	case IORING_OP_MKDIRAT:
	case IORING_OP_SYMLINKAT:
		return WS_OP_CREATE;
	case IORING_OP_LINKAT:
		return WS_OP_LINK;
	}
	return WS_OP_NONE;
}

/* Kernel address of the path that it creates, 0: it creates none. */
static __always_inline u64 ws_new_name_of_request(struct io_kiocb *req)
{
	switch (BPF_CORE_READ(req, opcode)) {
	case IORING_OP_RENAMEAT:
		return (u64)BPF_CORE_READ((struct io_rename *)req, newpath, name);
	case IORING_OP_MKDIRAT:
		return (u64)BPF_CORE_READ((struct io_mkdir *)req, filename, name);
	case IORING_OP_SYMLINKAT:
	case IORING_OP_LINKAT:
		return (u64)BPF_CORE_READ((struct io_link *)req, newpath, name);
	}
	return 0;
}

/* Kernel address of the path that it removes, 0: it removes none. */
static __always_inline u64 ws_gone_name_of_request(struct io_kiocb *req)
{
	return BPF_CORE_READ(req, opcode) == IORING_OP_UNLINKAT
		       ? (u64)BPF_CORE_READ((struct io_unlink *)req, filename, name)
		       : 0;
}

/* Whether the work of a worker can be observed, and changes of inodes are seen (from 6.13 on). */
static __always_inline bool ws_sees_workers(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return bpf_core_field_exists(task->worker_private) &&
	       bpf_core_type_exists(struct io_worker) &&
	       bpf_core_type_exists(struct trace_event_raw_ctime_ns_xchg___6_13);
}

/* Whether the end of req is reported where it is carried out, in the worker. */
static __always_inline bool ws_ends_in_worker(struct io_kiocb *req)
{
	return !(BPF_CORE_READ(req, ctx, flags) &
		 (IORING_SETUP_IOPOLL | IORING_SETUP_DEFER_TASKRUN)) &&
	       !(BPF_CORE_READ_BITFIELD_PROBED(req, flags) & REQ_F_CQE_SKIP);
}

#endif
