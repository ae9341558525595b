// SPDX-License-Identifier: GPL-2.0-only
/* supervise.c - the loop of a running session. */
#include "session/supervise.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "kernel/sessions.h"
#include "report/message.h"
#include "session/tasks.h"

/* How often condemned processes are searched and killed: soon after a verdict, and each second in
 * case its record was lost. */
#define SWEEP_SOON_MS  20
#define SWEEP_LATER_MS 1000

void supervise_record(void *arg, const struct ws_head *rec)
{
	struct supervise *s = arg;
	const struct ws_rec_verdict *v = (const void *)rec;

	s->ways.record(s->ways.arg, rec);
	if (rec->kind != WS_REC_VERDICT || v->mode != WS_MODE_ENFORCE)
		return;
	/* on `watch` deny means kill: the scope's other processes are to be killed, too */
	if (v->action >= WS_DENY && v->effect != WS_EFFECT_NONE)
		s->sweep = true;
	halted_add(&s->halted, v);
	if (v->action == WS_STOP)
		s->stop = true;
}

void supervise_admitted(struct supervise *s, const struct admitted *a)
{
	if (a->unguarded)
		s->withheld.unguarded++;
	if (a->failed)
		s->withheld.failed++;
	else if (!a->is_refusal)
		withheld_add(&s->withheld, a->names, a->len);
}

/* ---- the end ---- */

static bool session_empty(struct supervise *s)
{
	CLEANUP(tasks_free) struct task_list list = { 0 };

	if (cgroup_populated(s->cgroup) > 0)
		return false;
	/* root can move a process to another cgroup; the kernel's list still has it */
	return tasks_list(s->loader, s->session, false, &list) < 0 || list.count == 0;
}

/* Kill until no process lives. One in an uninterruptible system call dies only after it: wait. */
static void end_session(struct supervise *s)
{
	long warned = clock_ms();

	for (;;) {
		cgroup_kill(s->cgroup);
		tasks_kill(s->loader, s->session, true);
		cgroup_wait_empty(s->cgroup, 20);
		s->ways.take_news(s->ways.arg);
		if (s->ways.consume(s->ways.arg) <= 0)
			s->ways.tick(s->ways.arg);
		if (s->ended && session_empty(s))
			return;
		if (clock_ms() - warned > 5000) {
			message("waiting for a killed process to end");
			warned = clock_ms();
		}
	}
}

/* ---- the loop ---- */

enum { P_NEWS, P_RECORDS, P_OTHER, P_ADMITTER, P_ADMITTED, P_CGROUP, P_COUNT };

static void stop_session(struct supervise *s)
{
	loader_session_condemn(s->loader, s->session);
	cgroup_kill(s->cgroup);
	s->stop = false;
}

static bool is_time_to_end(struct supervise *s)
{
	long now = clock_ms();

	if (!s->ended)
		return false;
	if (!s->grace_ends)
		s->grace_ends = now + s->grace_ms;
	return s->hurry || (s->grace_ms >= 0 && now >= s->grace_ends) || session_empty(s);
}

/* Wait for an event, for the next sweep, for the end of the grace, or for `tick` ms (-1: not). */
static int wait_for_event(struct supervise *s, struct pollfd *p, int tick)
{
	long now = clock_ms(), until = s->next_sweep;

	if (s->ended && s->grace_ms >= 0 && s->grace_ends < until)
		until = s->grace_ends;
	if (tick >= 0 && now + tick < until)
		until = now + tick;
	if (s->ended)
		p[P_CGROUP].fd = s->cgroup->events;
	return poll(p, P_COUNT, until > now ? until - now : 0) < 0 && errno != EINTR ? -errno : 0;
}

/* Kill what is condemned, if it is time. */
static void sweep(struct supervise *s)
{
	bool after_verdict = s->sweep;
	long now = clock_ms();

	if (after_verdict && s->next_sweep > now + SWEEP_SOON_MS)
		s->next_sweep = now + SWEEP_SOON_MS;
	if (now < s->next_sweep)
		return;
	/* children forked during the listing are found by the next sweep */
	s->sweep = tasks_kill(s->loader, s->session, false) > 0;
	if (after_verdict)
		loader_destroy_sockets(s->loader);
	if (!s->sweep)
		halted_continue(&s->halted);
	s->next_sweep = now + (s->sweep ? SWEEP_SOON_MS : SWEEP_LATER_MS);
}

int supervise(struct supervise *s, struct error *e)
{
	struct pollfd p[P_COUNT] = {
		[P_NEWS] = { .fd = s->ways.news, .events = POLLIN },
		[P_RECORDS] = { .fd = s->ways.records, .events = POLLIN },
		[P_OTHER] = { .fd = s->ways.other, .events = POLLIN },
		[P_ADMITTER] = { .fd = s->ways.admitter, .events = POLLIN },
		[P_ADMITTED] = { .fd = s->ways.admitted, .events = POLLIN },
		[P_CGROUP] = { .fd = -1, .events = POLLPRI }, /* once the command has ended */
	};
	int r = 0, tick = -1; /* ms until ways.tick wants to be called; -1: no need */

	s->next_sweep = clock_ms() + SWEEP_LATER_MS;
	while (!s->broken && !is_time_to_end(s)) {
		r = wait_for_event(s, p, tick);
		if (r < 0) {
			error_set(e, r, "poll: %s", strerror(-r));
			break;
		}
		if (p[P_RECORDS].revents && s->ways.consume(s->ways.arg) > 0)
			tick = SWEEP_SOON_MS; /* there may be more */
		else
			tick = s->ways.tick(s->ways.arg);
		if (s->stop)
			stop_session(s);
		if (p[P_NEWS].revents || p[P_ADMITTED].revents)
			s->ways.take_news(s->ways.arg);
		if (p[P_OTHER].revents || p[P_ADMITTER].revents)
			s->broken = true;
		sweep(s);
	}
	if (s->broken)
		loader_session_condemn(s->loader, s->session);
	s->ways.drain(s->ways.arg,
		      64); /* their records say which package the leftovers belong to */
	if (s->ended && !s->broken && !session_empty(s))
		leftovers_report(&s->leftovers, s->loader, s->session, s->cgroup, s->ways.leftover,
				 s->ways.arg);
	end_session(s);
	halted_continue(&s->halted);
	s->ways.take_news(s->ways.arg);
	s->ways.drain(s->ways.arg,
		      INT_MAX); /* no process of the session is left that could add to it */
	return r;
}
