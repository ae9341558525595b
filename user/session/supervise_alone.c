// SPDX-License-Identifier: GPL-2.0-only
/* supervise_alone.c - the ways of a lone `run`. */
#include "session/supervise_alone.h"

#include <string.h>

#include "base/clock.h"
#include "report/message.h"

static int consume(void *arg)
{
	struct supervise_alone *s = arg;

	return ring_consume(s->ring);
}

static void drain(void *arg, int rounds)
{
	while (rounds-- > 0 && consume(arg) > 0)
		;
}

static void record(void *arg, const struct ws_head *rec)
{
	struct supervise_alone *s = arg;

	if (s->look)
		s->look(s->look_arg, rec);
	observer_record(s->observer, rec);
}

static int tick(void *arg)
{
	struct supervise_alone *s = arg;

	int64_t unsaved = observer_unsaved_ms(s->observer);

	if (!s->supervise.broken && unsaved) {
		message("the session is ended: delivery could not put an alert on disk for %d s",
			(int)(unsaved / 1000));
		s->supervise.broken = true;
	}
	return observer_tick(s->observer, clock_ns(CLOCK_MONOTONIC));
}

static void take_admitted(struct supervise_alone *s)
{
	struct admitter *admitter = s->attend.admitter;
	struct admitted a;

	while (admitter->socket >= 0 && admitted_read(admitter->socket, &a) == 0) {
		if (a.failed)
			message("a script was killed: its environment could not be freed of "
				"secrets: %s",
				strerror((int)a.failed));
		if (a.is_refusal)
			observer_record(s->observer, &a.refusal.head);
		supervise_admitted(&s->supervise, &a);
	}
}

static void take_news(void *arg)
{
	struct supervise_alone *s = arg;

	attend_take(&s->attend);
	s->supervise.ended = s->attend.ended;
	s->supervise.hurry = s->attend.hurry;
	s->supervise.broken |= s->attend.watchdog_died || s->attend.admitter_died;
	take_admitted(s);
}

static void leftover(void *arg, const struct session_leftover *left)
{
	struct supervise_alone *s = arg;

	observer_leftover(s->observer, left);
}

static void before_stop(void *arg)
{
	drain(arg, 64);
}

int supervise_alone(struct supervise_alone *s, struct error *e)
{
	s->attend.before_stop = before_stop;
	s->attend.arg = s;
	s->supervise.ways = (struct supervise_ways){
		.records = ring_poll_fd(s->ring),
		.news = s->attend.signals,
		.other = s->attend.watchdog->pidfd,
		.admitter = s->attend.admitter->pidfd,
		.admitted = s->attend.admitter->socket,
		.consume = consume,
		.drain = drain,
		.record = record,
		.tick = tick,
		.take_news = take_news,
		.leftover = leftover,
		.arg = s,
	};
	return supervise(&s->supervise, e);
}
