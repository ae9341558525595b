// SPDX-License-Identifier: GPL-2.0-only
/* ring.c - see ring.h. */
#include "kernel/ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "kernel/ring_check.h"

/*
 * One call delivers about this many records of a ring, so that a session which floods telemetry
 * cannot keep the caller from its signals, timers and children.
 */
#define BATCH 16384
/*
 * Records of different CPUs are slightly out of order. So telemetry is read for an alert until this
 * many records in a row are newer than the alert. Those are kept back and delivered after it.
 */
#define NEWER	  64
#define KEPT_MOST 1024
#define ROUNDS	  4 /* of alerts, then telemetry, in one call */

/* A callback returns this to make libbpf stop after the record; libbpf itself does not. */
#define ENOUGH (-ECANCELED)

struct kept { /* a telemetry record kept back */
	struct kept *next;
	size_t size;
	__u64 data[]; /* aligned as a record */
};

struct ring {
	struct ring_buffer *alerts, *telemetry;
	int epoll_fd;
	ring_fn fn;
	void *arg;
	unsigned long bad;
	struct kept *first, **last; /* in the order they were read in */
	size_t kept_count;
	/* of the current call */
	int budget_alerts, budget_telemetry; /* records that may still be delivered */
	int delivered;
	bool for_alert; /* telemetry is read because an alert is waiting for it */
	__u64 until;	/* ns: telemetry up to this time is wanted */
	int newer;	/* records in a row that were newer than that */
};

static void deliver(struct ring *r, const void *data, size_t size)
{
	if (ring_check(data, size) < 0)
		r->bad++;
	else
		r->fn(r->arg, data);
	r->delivered++;
}

/* Keep a copy back. False: there is no room, deliver it now; too early is better than not at all.
 */
static bool keep(struct ring *r, const void *data, size_t size)
{
	struct kept *k;

	if (r->kept_count >= KEPT_MOST)
		return false;
	k = malloc(sizeof(*k) + size);
	if (!k)
		return false;
	k->next = NULL;
	k->size = size;
	memcpy(k->data, data, size);
	*r->last = k;
	r->last = &k->next;
	r->kept_count++;
	return true;
}

/* Deliver what was kept back and is not newer than `until`. */
static void deliver_kept(struct ring *r, __u64 until)
{
	struct kept **at = &r->first, *k;

	while ((k = *at)) {
		if (((struct ws_head *)k->data)->time > until) {
			at = &k->next;
			continue;
		}
		*at = k->next;
		r->kept_count--;
		deliver(r, k->data, k->size);
		free(k);
	}
	r->last = at;
}

static int on_telemetry(void *arg, void *data, size_t size)
{
	const struct ws_head *head = data;
	struct ring *r = arg;
	bool newer = size >= sizeof(*head) && head->time > r->until;

	r->newer = newer ? r->newer + 1 : 0;
	if (!newer || !keep(r, data, size))
		deliver(r, data, size);
	if (r->newer >= NEWER)
		return ENOUGH;
	/* For an alert the budget does not count: the telemetry older than it is finite, and the
	 * alert is worth the wait. */
	return !r->for_alert && --r->budget_telemetry <= 0 ? ENOUGH : 0;
}

/* Read the telemetry there is, up to the time `until`. */
static int read_telemetry(struct ring *r, __u64 until, bool for_alert)
{
	int n;

	deliver_kept(r, until);
	r->until = until;
	r->for_alert = for_alert;
	r->newer = 0;
	n = ring_buffer__consume(r->telemetry);
	return n < 0 && n != ENOUGH ? n : 0;
}

static int on_alert(void *arg, void *data, size_t size)
{
	const struct ws_head *head = data;
	struct ring *r = arg;

	if (size >= sizeof(*head))
		read_telemetry(r, head->time, true);
	deliver(r, data, size);
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
		return error_set(e, -ENOMEM, "out of memory");
	r->fn = fn;
	r->arg = arg;
	r->last = &r->first;
	r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (r->epoll_fd < 0) {
		err = error_set(e, -errno, "poll the rings: %s", strerror(errno));
		goto fail;
	}
	r->alerts = ring_buffer__new(alerts_fd, on_alert, r, NULL);
	r->telemetry = r->alerts ? ring_buffer__new(telemetry_fd, on_telemetry, r, NULL) : NULL;
	if (!r->telemetry) {
		err = error_set(e, -errno, "map the rings: %s", strerror(errno));
		goto fail;
	}
	err = watch_map(r->epoll_fd, alerts_fd);
	if (!err)
		err = watch_map(r->epoll_fd, telemetry_fd);
	if (err) {
		error_set(e, err, "poll the rings: %s", strerror(-err));
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
	struct kept *k;

	if (!r)
		return;
	while ((k = r->first)) {
		r->first = k->next;
		free(k);
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

int ring_consume(struct ring *r)
{
	int n, err = 0;

	r->delivered = 0;
	r->budget_alerts = BATCH;
	r->budget_telemetry = BATCH;
	for (int round = 0; !err && round < ROUNDS; round++) {
		/* Telemetry newer than this may have to follow an alert that is written meanwhile.
		 */
		__u64 time = clock_ns(CLOCK_MONOTONIC);

		n = ring_buffer__consume(r->alerts);
		err = n < 0 && n != ENOUGH ? n : read_telemetry(r, time, false);
		if (!r->kept_count || r->budget_alerts <= 0 || r->budget_telemetry <= 0)
			break;
	}
	deliver_kept(r, ~0ULL);
	return err ? err : r->delivered;
}

unsigned long ring_bad(const struct ring *r)
{
	return r->bad;
}
