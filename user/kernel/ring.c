// SPDX-License-Identifier: GPL-2.0-only
/* ring.c - records out of the two rings, telemetry before the alerts that it explains. */
#include "ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "cleanup.h"

/*
 * One call hands on about this many records of a ring, so that a session which floods telemetry
 * cannot keep the caller from its signals, its timers and its children.
 */
#define BATCH 16384
/*
 * The CPUs' records are not strictly in the order of their times: only so many in a row that are
 * younger than wanted mean that nothing older is behind them. They wait until the alert is handed
 * on, which may be what explains them.
 */
#define YOUNGER	   64
#define LATER_MOST 1024
#define ROUNDS	   4

/* What a callback returns to make libbpf stop after this record. Not an errno that libbpf returns
 * by itself here. */
#define ENOUGH (-ECANCELED)

struct later { /* telemetry that waits for its turn */
	struct later *next;
	size_t size;
	__u64 data[]; /* aligned as a record */
};

struct ring {
	struct ring_buffer *alerts, *telemetry;
	int epoll_fd;
	ring_fn fn;
	void *arg;
	unsigned long bad;
	struct later *first, **last;
	size_t waiting;
	/* the call under way */
	int budget_alerts, budget_telemetry;
	int taken;
	bool catching_up;
	__u64 until; /* telemetry up to this time is wanted now */
	int younger;
};

static void hand_on(struct ring *r, const void *data, size_t size)
{
	if (ring_check(data, size) < 0)
		r->bad++;
	else
		r->fn(r->arg, data);
	r->taken++;
}

/* Keep a copy for later; false: hand it on now, too early rather than not at all. */
static bool keep(struct ring *r, const void *data, size_t size)
{
	struct later *l;

	if (r->waiting >= LATER_MOST)
		return false;
	l = malloc(sizeof(*l) + size);
	if (!l)
		return false;
	l->next = NULL;
	l->size = size;
	memcpy(l->data, data, size);
	*r->last = l;
	r->last = &l->next;
	r->waiting++;
	return true;
}

/* Hand on what waited and is not younger than `until`. */
static void hand_on_waiting(struct ring *r, __u64 until)
{
	struct later **at = &r->first, *l;

	while ((l = *at)) {
		if (((struct ws_head *)l->data)->time > until) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		r->waiting--;
		hand_on(r, l->data, l->size);
		free(l);
	}
	r->last = at;
}

static int on_telemetry(void *arg, void *data, size_t size)
{
	const struct ws_head *head = data;
	struct ring *r = arg;
	bool young = size >= sizeof(*head) && head->time > r->until;

	r->younger = young ? r->younger + 1 : 0;
	if (!young || !keep(r, data, size))
		hand_on(r, data, size);
	if (r->younger >= YOUNGER)
		return ENOUGH;
	/* What is older than an alert is finite, and the alert is worth the wait: no share applies
	 * then. */
	return !r->catching_up && --r->budget_telemetry <= 0 ? ENOUGH : 0;
}

/* Telemetry as far as it is there, or as far as `until`. */
static int take_telemetry(struct ring *r, __u64 until, bool catching_up)
{
	int n;

	hand_on_waiting(r, until);
	r->until = until;
	r->catching_up = catching_up;
	r->younger = 0;
	n = ring_buffer__consume(r->telemetry);
	return n < 0 && n != ENOUGH ? n : 0;
}

static int on_alert(void *arg, void *data, size_t size)
{
	const struct ws_head *head = data;
	struct ring *r = arg;

	if (size >= sizeof(*head))
		take_telemetry(r, head->time, true);
	hand_on(r, data, size);
	return --r->budget_alerts <= 0 ? ENOUGH : 0;
}

static int watch_map(int epoll_fd, int map_fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, map_fd, &event) < 0 ? -errno : 0;
}

int ring_open(struct ring **ret, int alerts_fd, int telemetry_fd, ring_fn fn, void *arg,
	      struct error *e)
{
	struct ring *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return error_set(e, -ENOMEM, "no memory for the rings");
	r->fn = fn;
	r->arg = arg;
	r->last = &r->first;
	r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (r->epoll_fd < 0) {
		err = error_set(e, -errno, "epoll");
		goto fail;
	}
	r->alerts = ring_buffer__new(alerts_fd, on_alert, r, NULL);
	r->telemetry = r->alerts ? ring_buffer__new(telemetry_fd, on_telemetry, r, NULL) : NULL;
	if (!r->telemetry) {
		err = error_set(e, -errno, "a ring could not be mapped");
		goto fail;
	}
	err = watch_map(r->epoll_fd, alerts_fd);
	if (!err)
		err = watch_map(r->epoll_fd, telemetry_fd);
	if (err) {
		error_set(e, err, "a ring could not be polled");
		goto fail;
	}
	*ret = r;
	return 0;
fail:
	ring_free(r);
	return err;
}

void ring_free(struct ring *r)
{
	struct later *l;

	if (!r)
		return;
	while ((l = r->first)) {
		r->first = l->next;
		free(l);
	}
	ring_buffer__free(r->alerts);
	ring_buffer__free(r->telemetry);
	if (r->epoll_fd >= 0)
		close(r->epoll_fd);
	free(r);
}

int ring_poll_fd(const struct ring *r)
{
	return r->epoll_fd;
}

static __u64 now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * 1000000000 + (__u64)ts.tv_nsec;
}

int ring_consume(struct ring *r)
{
	int n, err = 0;

	r->taken = 0;
	r->budget_alerts = BATCH;
	r->budget_telemetry = BATCH;
	for (int round = 0; !err && round < ROUNDS; round++) {
		/* What is younger than this may belong behind an alert that comes while we are at
		 * it. */
		__u64 time = now();

		n = ring_buffer__consume(r->alerts);
		err = n < 0 && n != ENOUGH ? n : take_telemetry(r, time, false);
		if (!r->waiting || r->budget_alerts <= 0 || r->budget_telemetry <= 0)
			break;
	}
	hand_on_waiting(r, ~0ULL);
	return err ? err : r->taken;
}

unsigned long ring_bad(const struct ring *r)
{
	return r->bad;
}
