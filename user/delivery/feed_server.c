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

#define MOST_CLIENTS 4096 /* the agent has at most 1024, and some of those it replaces */
#define BURST	     512  /* packets taken before the spool is synced */
#define GROUP_MS     200  /* after which events that are no alerts are synced */
#define CLEAN_MS     2000
#define RETRY_MS     500 /* after which an alert is tried again that found no room */

/* Of one session. */
struct client {
	int socket;	   /* -1: it has closed, or does not read */
	uint64_t number;   /* of its last event in the spool */
	uint64_t taken;	   /* of the last one that was reported as taken */
	uint64_t lost;	   /* events of it that found no room */
	int64_t ask_again; /* when to send FEED_HELLO after an alert found no room; 0: not */
	int64_t deadline;  /* 0: the session goes on */
	bool begun;	   /* FEED_BEGIN has come: what comes now is for this process */
};

struct server {
	const struct feed_server_options *o;
	struct spool *spool;
	struct sink_set sinks;
	struct heartbeat heartbeat;
	bool inventory; /* is to be sent */
	uint64_t stop;	/* what FEED_HELLO says: see feed_message.h */
	char *packet;
	struct client *clients;
	struct pollfd *polls; /* of the clients, the listener and `quit` */
	size_t count, room;
	uint64_t lost; /* events that found no room, not yet in a gap record */
	uint64_t lost_before, failures;
	bool unsynced; /* an event of a session, or of this process's own */
	bool alert;    /* ... and an alert among them */
	int64_t group; /* when they are to be synced */
	int64_t cleaned;
	bool quits;	  /* the service is to end */
	int64_t deadline; /* ... by then; 0: it goes on */
};

static void say(const char *text)
{
	_buf_ struct buf line = BUF_INIT;

	buf_addf(&line, "wormsign: %s\n", text);
	write_quietly(STDERR_FILENO, line.at, line.len);
}

/* The only session of a lone `run` is waited for; of many, none holds up the others: one that does
 * not read is let go, and comes again. */
static void reply(struct server *s, struct client *c, enum feed_kind kind, uint64_t number,
		  const void *bytes, size_t len)
{
	struct feed_head head = { .kind = kind, .number = number };
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)bytes, len } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
	bool serves = s->o->listener >= 0;

	if (c->socket < 0 ||
	    sendmsg(c->socket, &m, MSG_NOSIGNAL | (serves ? MSG_DONTWAIT : 0)) >= 0)
		return;
	if (serves || errno == EPIPE || errno == ECONNRESET)
		close(TAKE_FD(c->socket));
}

static int add_client(struct server *s, int socket)
{
	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : 8;
		struct client *clients = reallocarray(s->clients, room, sizeof(*clients));
		struct pollfd *polls = clients ? reallocarray(s->polls, room + 2, sizeof(*polls))
					       : NULL;

		s->clients = clients ?: s->clients;
		s->polls = polls ?: s->polls;
		if (!clients || !polls)
			return -ENOMEM;
		s->room = room;
	}
	s->clients[s->count++] = (struct client){ .socket = socket };
	reply(s, &s->clients[s->count - 1], FEED_HELLO, s->stop, NULL, 0);
	return 0;
}

/* The socket is root's, and so is who connects; the file's mode alone says so, too. */
static void accept_one(struct server *s)
{
	_close_ int fd = accept4(s->o->listener, NULL, NULL, SOCK_CLOEXEC);
	socklen_t len = sizeof(struct ucred);
	struct ucred peer;

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return;
	if (peer.uid != s->o->owner || s->count >= MOST_CLIENTS)
		return;
	if (add_client(s, fd) == 0)
		TAKE_FD(fd);
}

/* ---- one packet ---- */

/* After the start of a session: what it runs on. */
static void look(struct server *s, const char *body, size_t len)
{
	struct error e = { 0 };
	int r = s->inventory ? heartbeat_look(&s->heartbeat, s->spool, body, len, &e) : 0;

	s->unsynced |= r > 0;
	if (r < 0)
		say(e.text);
}

/* Put the event of s->packet into the spool. -ENOSPC and the like: it was not. */
static int take_event(struct server *s, struct client *c, size_t len)
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
		s->unsynced = true;
		s->alert |= stream == SPOOL_ALERTS;
		if (stream == SPOOL_EVENTS)
			look(s, body, len - (body - s->packet));
	} else if (tally_worth(++s->failures, 1)) {
		say(e.text);
	}
	if (err < 0 && stream == SPOOL_EVENTS) {
		s->lost++;
		s->lost_before++;
		c->lost++;
		err = 0;
	}
	if (err == 0)
		c->number = head->number;
	return err;
}

/*
 * false: there is no (more) packet. When an alert finds no room, the rest is passed over, and the
 * session is asked for all of it again in a while: it keeps what was not taken.
 */
static bool take_packet(struct server *s, struct client *c)
{
	struct feed_head *head = (void *)s->packet;
	ssize_t n = recv(c->socket, s->packet, FEED_MOST, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close(TAKE_FD(c->socket));
	if (n <= 0)
		return false;
	if ((size_t)n < sizeof(*head) ||
	    (!c->begun && head->kind != FEED_BEGIN && head->kind != FEED_END))
		return true;
	switch (head->kind) {
	case FEED_ALERT:
	case FEED_EVENT:
		if (take_event(s, c, n) < 0) {
			c->begun = false;
			c->ask_again = clock_ms() + RETRY_MS;
		}
		break;
	case FEED_BEGIN:
		c->begun = true;
		break;
	case FEED_LOST:
		s->lost += head->number;
		s->lost_before += head->number;
		c->lost += head->number;
		break;
	case FEED_END:
		c->deadline = clock_ms() + (int64_t)head->number;
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

	s->unsynced |= r > 0;
	if (r < 0)
		say(e.text);
}

/* ---- the loop ---- */

/* Whether a session waits for its end. */
static bool hurries(const struct server *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->clients[i].deadline || s->clients[i].socket < 0)
			return true;
	return s->deadline;
}

/* Sync if it is time, and say what was taken. */
static int settle(struct server *s, struct error *e)
{
	int64_t now = clock_ms();
	int err = 0;

	if (s->unsynced) {
		if (!s->group)
			s->group = now + GROUP_MS;
		if (!s->alert && now < s->group && !hurries(s))
			return 0;
		err = spool_sync(s->spool, e);
	}
	if (err < 0)
		return err;
	s->unsynced = s->alert = false;
	s->group = 0;
	for (struct client *c = s->clients; c < s->clients + s->count; c++) {
		if (c->number == c->taken)
			continue;
		c->taken = c->number;
		reply(s, c, FEED_TAKEN, c->taken, NULL, 0);
	}
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

/* Whether there is nothing more to do for the only session. */
static bool is_over_alone(struct server *s)
{
	struct client *c = s->clients;

	if (c->socket < 0 && !c->deadline)
		c->deadline = clock_ms() + (int64_t)s->o->flush_ms;
	if (!c->deadline)
		return false;
	return clock_ms() >= c->deadline ||
	       (c->begun && c->number == c->taken && sink_set_done(&s->sinks));
}

static bool is_over(struct server *s)
{
	if (s->o->listener < 0)
		return is_over_alone(s);
	if (s->quits && !s->deadline)
		s->deadline = clock_ms() + (int64_t)s->o->flush_ms;
	return s->deadline && (clock_ms() >= s->deadline || sink_set_done(&s->sinks));
}

static int pause_ms(const struct server *s)
{
	int ms = s->group ? GROUP_MS / 4 : heartbeat_pause(&s->heartbeat, CLEAN_MS);

	if (hurries(s))
		return 20;
	for (size_t i = 0; i < s->count; i++)
		if (s->clients[i].ask_again && ms > RETRY_MS / 2)
			ms = RETRY_MS / 2;
	return ms;
}

static void take(struct server *s, struct client *c)
{
	if (c->ask_again && clock_ms() >= c->ask_again) {
		c->ask_again = 0;
		reply(s, c, FEED_HELLO, s->stop, NULL, 0);
	}
	for (int i = 0; i < BURST && c->socket >= 0 && take_packet(s, c); i++)
		;
}

/* Of many sessions: one that has ended waits only until its events are on disk. What the sinks have
 * not had is delivered later. */
static void let_go(struct server *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct client *c = &s->clients[i];
		const struct feed_result result = { .dropped = c->lost };

		if (c->socket >= 0 && c->deadline &&
		    ((c->begun && c->number == c->taken) || clock_ms() >= c->deadline)) {
			reply(s, c, FEED_RESULT, 0, &result, sizeof(result));
			if (c->socket >= 0)
				close(TAKE_FD(c->socket));
		}
		if (c->socket < 0)
			s->clients[i--] = s->clients[--s->count];
	}
}

static int serve(struct server *s, struct error *e)
{
	bool serves = s->o->listener >= 0;

	while (!is_over(s)) {
		size_t count = s->count;
		int err;

		for (size_t i = 0; i < count; i++)
			s->polls[i] =
				(struct pollfd){ .fd = s->clients[i].socket, .events = POLLIN };
		s->polls[count] = (struct pollfd){ .fd = s->deadline ? -1 : s->o->listener,
						   .events = POLLIN };
		s->polls[count + 1] = (struct pollfd){ .fd = s->quits ? -1 : s->o->quit };
		poll(s->polls, count + 2, pause_ms(s));
		s->quits |= s->polls[count + 1].revents != 0;
		if (s->polls[count].revents)
			accept_one(s);
		for (size_t i = 0; i < count; i++)
			take(s, &s->clients[i]);
		beat(s);
		err = settle(s, e);
		if (err < 0)
			return err;
		if (serves)
			let_go(s);
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
	if (s->o->listener < 0)
		reply(s, s->clients, FEED_RESULT, 0, text.at, text.len);
}

/* The client of a lone `run`, or room for those that connect. */
static int begin(struct server *s)
{
	s->polls = calloc(2, sizeof(*s->polls));
	if (!s->polls)
		return -ENOMEM;
	if (s->o->listener < 0)
		return add_client(s, s->o->socket);
	return 0;
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
		if (c->unsaved == UNSAVED_STOP ||
		    (c->unsaved == UNSAVED_DEFAULT && o->listener >= 0))
			s.stop = c->unsaved_after_ms ?: UNSAVED_AFTER_MS;
		if (spool_counts(s.spool).torn)
			say("an unfinished record at the spool's end was cut");
		err = begin(&s);
		if (err == 0) {
			gather(&s);
			err = serve(&s, e);
		}
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
	free(s.clients);
	free(s.polls);
	free(s.packet);
	return err;
}
