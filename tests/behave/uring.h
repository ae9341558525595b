/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uring.h - minimal io_uring by raw syscalls: a ring, a submission, its results. Without liburing,
 * so that a sensor sees nothing else.
 */
#ifndef URING_H
#define URING_H

#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ring {
	int fd;
	unsigned int flags;
	struct io_uring_params p;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
	unsigned int queued;
};

#define RING_FIELD(base, offset) ((unsigned int *)((base) + (offset)))

/* Returns 0 or a negative errno. With IORING_SETUP_SQPOLL a kernel thread submits: no syscall of
 * ours does. */
static int ring_open(struct ring *r, unsigned int flags)
{
	size_t size;

	memset(r, 0, sizeof(*r));
	r->p.flags = flags;
	r->p.sq_thread_idle = 2000;
	r->flags = flags;
	r->fd = syscall(__NR_io_uring_setup, 16, &r->p);
	if (r->fd < 0)
		return -errno;
	size = r->p.sq_off.array + r->p.sq_entries * sizeof(unsigned int);
	r->sq = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQ_RING);
	size = r->p.cq_off.cqes + r->p.cq_entries * sizeof(struct io_uring_cqe);
	r->cq = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_CQ_RING);
	size = r->p.sq_entries * sizeof(struct io_uring_sqe);
	r->sqes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQES);
	if (r->sq == MAP_FAILED || r->cq == MAP_FAILED || (void *)r->sqes == MAP_FAILED)
		return -errno;
	return 0;
}

/* The next free entry, zeroed; the next ring_submit submits it. */
static struct io_uring_sqe *ring_next(struct ring *r, int opcode, int fd, const void *address,
				      uint32_t length)
{
	unsigned int mask = *RING_FIELD(r->sq, r->p.sq_off.ring_mask);
	unsigned int at = (*RING_FIELD(r->sq, r->p.sq_off.tail) + r->queued) & mask;
	struct io_uring_sqe *s = &r->sqes[at];

	memset(s, 0, sizeof(*s));
	s->opcode = opcode;
	s->fd = fd;
	s->addr = (uintptr_t)address;
	s->len = length;
	s->user_data = r->queued;
	RING_FIELD(r->sq, r->p.sq_off.array)[at] = at;
	r->queued++;
	return s;
}

/* Submits what is queued and waits for it; ret_results[user_data] is each one's result. 0 or a
 * negative errno. */
static int ring_submit(struct ring *r, int *ret_results)
{
	unsigned int count = r->queued, got = 0, head, flags = IORING_ENTER_GETEVENTS;
	struct io_uring_cqe *c;
	int n;

	r->queued = 0;
	__atomic_fetch_add(RING_FIELD(r->sq, r->p.sq_off.tail), count, __ATOMIC_RELEASE);
	if (r->flags & IORING_SETUP_SQPOLL) {
		if (__atomic_load_n(RING_FIELD(r->sq, r->p.sq_off.flags), __ATOMIC_ACQUIRE) &
		    IORING_SQ_NEED_WAKEUP)
			flags |= IORING_ENTER_SQ_WAKEUP;
	}
	do {
		n = syscall(__NR_io_uring_enter, r->fd, count, count, flags, NULL, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	while (got < count) {
		head = *RING_FIELD(r->cq, r->p.cq_off.head);
		if (head ==
		    __atomic_load_n(RING_FIELD(r->cq, r->p.cq_off.tail), __ATOMIC_ACQUIRE)) {
			if (syscall(__NR_io_uring_enter, r->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL,
				    0) < 0 &&
			    errno != EINTR)
				return -errno;
			continue;
		}
		c = (struct io_uring_cqe *)(r->cq + r->p.cq_off.cqes) +
		    (head & *RING_FIELD(r->cq, r->p.cq_off.ring_mask));
		ret_results[c->user_data] = c->res;
		__atomic_store_n(RING_FIELD(r->cq, r->p.cq_off.head), head + 1, __ATOMIC_RELEASE);
		got++;
	}
	return 0;
}

/* One operation by itself: its result (>= 0) or a negative errno. */
static int __attribute__((unused)) ring_one(struct ring *r)
{
	int result = -EIO;
	int n = ring_submit(r, &result);

	return n < 0 ? n : result;
}

#endif
