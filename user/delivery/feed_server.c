// SPDX-License-Identifier: GPL-2.0-only
/* feed_server.c - one loop; the sinks have threads of their own. */
#include "delivery/feed_server.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/tally.h"
#include "base/write_quietly.h"
#include "delivery/heartbeat.h"
#include "delivery/sink_set.h"
#include "delivery/spool_share.h"
#include "events/feed_message.h"

#define BURST	 512 /* packets taken before the spool is synced */
#define GROUP_MS 200 /* after which events that are no alerts are synced */
#define CLEAN_MS 2000
#define RETRY_MS 500 /* after which an alert is tried again that found no room */

struct server {
	const struct feed_server_options *o;
	struct spool *spool;
	struct sink_set sinks;
	struct heartbeat heartbeat;
	bool inventory; /* is to be sent */
	char *packet;
	uint64_t number; /* of the last event in the spool */
	uint64_t taken;	 /* of the last one that was reported as taken */
	uint64_t lost;	 /* events that found no room, not yet in a gap record */
	uint64_t lost_before, failures;
	bool alert;    /* one is not synced */
	bool own;      /* so is an event of this process's own */
	int64_t group; /* when the events that are not synced are to be */
	int64_t cleaned;
	int64_t ask_again; /* when to send FEED_HELLO after an alert found no room; 0: not */
	int64_t deadline;  /* 0: the session goes on */
	bool begun;	   /* FEED_BEGIN has come: what comes now is for this process */
	bool gone;	   /* the session's end of the socket is closed */
};

static void say(const char *text)
{
	_buf_ struct buf line = BUF_INIT;

	buf_addf(&line, "wormsign: %s\n", text);
	write_quietly(STDERR_FILENO, line.at, line.len);
}

static void reply(struct server *s, enum feed_kind kind, uint64_t number, const void *bytes,
		  size_t len)
{
	struct feed_head head = { .kind = kind, .number = number };
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)bytes, len } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };

	/* Blocks only while the session does not read, which costs the session nothing. */
	if (sendmsg(s->o->socket, &m, MSG_NOSIGNAL) < 0 && (errno == EPIPE || errno == ECONNRESET))
		s->gone = true;
}

/* ---- one packet ---- */

/* After the start of a session: what it runs on. */
static void look(struct server *s, const char *body, size_t len)
{
	struct error e = { 0 };
	int r = s->inventory ? heartbeat_look(&s->heartbeat, s->spool, body, len, &e) : 0;

	s->own |= r > 0;
	if (r < 0)
		say(e.text);
}

/* Put the event of s->packet into the spool. -ENOSPC and the like: it was not. */
static int take_event(struct server *s, size_t len)
{
	const struct feed_head *head = (const void *)s->packet;
	enum spool_stream stream = head->kind == FEED_ALERT ? SPOOL_ALERTS : SPOOL_EVENTS;
	const char *id = s->packet + sizeof(*head), *body = id + head->id_len + 1;
	struct error e = { 0 };
	int err;

	if (head->id_len > SPOOL_ID_MAX || sizeof(*head) + head->id_len + 1 > len ||
	    id[head->id_len] != '\0')
		return 0;
	if (s->lost && spool_append_gap(s->spool, s->lost, "there was no room for them", NULL) == 0)
		s->lost = 0;
	err = spool_append(s->spool, stream, id, body, len - (body - s->packet), &e);
	if (err == 0) {
		s->failures = 0;
		s->alert |= stream == SPOOL_ALERTS;
		if (stream == SPOOL_EVENTS)
			look(s, body, len - (body - s->packet));
	} else if (tally_worth(++s->failures, 1)) {
		say(e.text);
	}
	if (err < 0 && stream == SPOOL_EVENTS) {
		s->lost++;
		s->lost_before++;
		err = 0;
	}
	if (err == 0)
		s->number = head->number;
	return err;
}

/*
 * false: there is no (more) packet. When an alert finds no room, the rest is passed over, and the
 * session is asked for all of it again in a while: it keeps what was not taken.
 */
static bool take_packet(struct server *s)
{
	struct feed_head *head = (void *)s->packet;
	ssize_t n = recv(s->o->socket, s->packet, FEED_MOST, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		s->gone = true;
	if (n <= 0)
		return false;
	if ((size_t)n < sizeof(*head) ||
	    (!s->begun && head->kind != FEED_BEGIN && head->kind != FEED_END))
		return true;
	switch (head->kind) {
	case FEED_ALERT:
	case FEED_EVENT:
		if (take_event(s, n) < 0) {
			s->begun = false;
			s->ask_again = clock_ms() + RETRY_MS;
		}
		break;
	case FEED_BEGIN:
		s->begun = true;
		break;
	case FEED_LOST:
		s->lost += head->number;
		s->lost_before += head->number;
		break;
	case FEED_END:
		s->deadline = clock_ms() + (int64_t)head->number;
		break;
	}
	return true;
}

static void beat(struct server *s)
{
	struct spool_counts counts = spool_counts(s->spool);
	const struct heartbeat_counts n = { .alerts = counts.written[SPOOL_ALERTS],
					    .events = counts.written[SPOOL_EVENTS],
					    .lost = s->lost_before + counts.dropped };
	struct error e = { 0 };
	int r = heartbeat_beat(&s->heartbeat, s->spool, &n, &s->sinks, &e);

	s->own |= r > 0;
	if (r < 0)
		say(e.text);
}

/* ---- the loop ---- */

/* Sync if it is time, and say what was taken. */
static int settle(struct server *s, struct error *e)
{
	int64_t now = clock_ms();
	int err;

	if (s->number == s->taken && !s->own) {
		s->group = 0;
		return 0;
	}
	if (!s->group)
		s->group = now + GROUP_MS;
	if (!s->alert && now < s->group && !s->deadline && !s->gone)
		return 0;
	err = spool_sync(s->spool, e);
	if (err < 0)
		return err;
	s->alert = s->own = false;
	s->group = 0;
	s->taken = s->number;
	reply(s, FEED_TAKEN, s->taken, NULL, 0);
	return 0;
}

static void clean(struct server *s)
{
	struct error e = { 0 };

	if (clock_ms() < s->cleaned + CLEAN_MS)
		return;
	s->cleaned = clock_ms();
	if (spool_clean(s->spool, &e) < 0)
		say(e.text);
}

/* Whether there is nothing more to do. */
static bool is_over(struct server *s)
{
	if (s->gone && !s->deadline)
		s->deadline = clock_ms() + (int64_t)s->o->flush_ms;
	if (!s->deadline)
		return false;
	return clock_ms() >= s->deadline ||
	       (s->begun && s->number == s->taken && sink_set_done(&s->sinks));
}

static int pause_ms(const struct server *s)
{
	if (s->deadline)
		return 20;
	if (s->ask_again)
		return RETRY_MS / 2;
	return s->group ? GROUP_MS / 4 : heartbeat_pause(&s->heartbeat, CLEAN_MS);
}

static int serve(struct server *s, struct error *e)
{
	while (!is_over(s)) {
		struct pollfd p = { .fd = s->gone ? -1 : s->o->socket, .events = POLLIN };
		int err;

		poll(&p, 1, pause_ms(s));
		if (s->ask_again && clock_ms() >= s->ask_again) {
			s->ask_again = 0;
			reply(s, FEED_HELLO, 0, NULL, 0);
		}
		if (p.revents)
			for (int i = 0; i < BURST && take_packet(s); i++)
				;
		beat(s);
		err = settle(s, e);
		if (err < 0)
			return err;
		clean(s);
	}
	return 0;
}

/* What earlier processes have left, which ran at the same time as another. */
static void gather(struct server *s)
{
	struct error e = { 0 };
	uint64_t moved;

	if (s->o->gather && spool_share_gather(s->spool, s->o->dir, &moved, &e) < 0)
		say(e.text);
}

static void report(struct server *s)
{
	_buf_ struct buf text = BUF_INIT;
	struct feed_result result;
	struct sink_state all;

	sink_set_state(&s->sinks, &all);
	result = (struct feed_result){ .alerts = all.pending[SPOOL_ALERTS],
				       .events = all.pending[SPOOL_EVENTS],
				       .refused = all.refused,
				       .dropped = s->lost_before + spool_counts(s->spool).dropped };
	buf_add(&text, &result, sizeof(result));
	sink_set_explain(&s->sinks, &text);
	reply(s, FEED_RESULT, 0, text.at, text.len);
}

int feed_server(const struct feed_server_options *o, const struct delivery_config *c,
		struct error *e)
{
	struct server s = { .o = o, .packet = malloc(FEED_MOST) };
	struct sink_run_options so = { .dir = o->dir };
	int err = s.packet ? 0 : -ENOMEM;

	err = err ?: spool_open(&s.spool, o->dir, &c->limits, e);
	so.spool = s.spool;
	err = err ?: sink_set_start(&s.sinks, c, &so, e);
	if (err == 0) {
		heartbeat_open(&s.heartbeat, o->dir, c->heartbeat_ms);
		s.inventory = c->inventory;
		if (spool_counts(s.spool).torn)
			say("an unfinished record at the spool's end was cut");
		reply(&s, FEED_HELLO, 0, NULL, 0);
		gather(&s);
		err = serve(&s, e);
		if (err == 0) {
			spool_clean(s.spool, NULL);
			report(&s);
			/* A sink may be waiting for a receiver that does not answer: the time is
			 * up, and its cursor on disk says where to go on. */
			if (!sink_set_done(&s.sinks))
				_exit(0);
		}
		sink_set_end(&s.sinks, s.spool);
	}
	spool_close(s.spool);
	free(s.packet);
	return err;
}
