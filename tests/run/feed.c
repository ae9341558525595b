// SPDX-License-Identifier: GPL-2.0-only
/*
 * feed.c - hands events to the delivery process as a session does: for tests/run/delivery.test.sh.
 *
 *   feed COUNT PREFIX MS FLUSH SPOOL CONFIG SINK...
 *
 * COUNT alerts with the ids PREFIX-1 and so on, and an event that is none for every tenth, evenly
 * over MS milliseconds; then FLUSH ms for what is left. CONFIG may be "-". SPOOL may be "@SOCKET":
 * of a service that delivers. Prints what is left; status 0, or 75 if something is, 125 if delivery
 * does not start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/exit_status.h"
#include "session/delivery_feed.h"

static void send_event(struct delivery_feed *f, const char *prefix, const char *kind, int n)
{
	char id[64], line[1024];
	json_t *event;
	int len;

	snprintf(id, sizeof(id), "%s%s-%d", prefix, *kind == 'a' ? "" : "-event", n);
	event = json_pack("{s:{s:s,s:s}}", "event", "id", id, "kind", kind);
	len = snprintf(line, sizeof(line),
		       "{\"@timestamp\":\"2026-11-28T19:00:00.123456789Z\",\"message\":\"a script "
		       "read ~/.aws/credentials\",\"ecs\":{\"version\":\"8.17.0\"},\"event\":{"
		       "\"id\":\"%s\",\"kind\":\"%s\",\"action\":\"verdict\",\"severity\":99},"
		       "\"host\":{\"name\":\"runner-1\"},\"rule\":{\"id\":\"cloud-credentials\"},"
		       "\"process\":{\"pid\":42,\"args\":[\"node\",\"x.js\"]}}",
		       id, kind);
	delivery_feed_event(f, event, line, (size_t)len);
	json_decref(event);
}

int main(int argc, char **argv)
{
	struct delivery_options o = { 0 };
	struct delivery_end end;
	struct delivery_feed *f;
	struct error e = { 0 };
	int count, left;
	int64_t begun, ms;

	if (argc < 7)
		return 2;
	count = atoi(argv[1]);
	ms = atoi(argv[3]);
	o.flush_ms = strtoull(argv[4], NULL, 10);
	o.spool = argv[5];
	o.config = argv[6][0] == '-' ? NULL : argv[6];
	o.sinks = (const char *const *)argv + 7;
	if (o.spool[0] == '@' ? delivery_feed_connect(&f, o.spool + 1, &e) < 0
			      : delivery_feed_start(&f, &o, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return STATUS_TROUBLE;
	}
	begun = clock_ms();
	for (int i = 1; i <= count; i++) {
		struct timespec tick = { .tv_nsec = 5000000 };

		send_event(f, argv[2], "alert", i);
		if (i % 10 == 0)
			send_event(f, argv[2], "event", i);
		while (clock_ms() < begun + ms * i / count) {
			delivery_feed_pump(f);
			nanosleep(&tick, NULL);
		}
	}
	left = delivery_feed_finish(f, o.flush_ms, &end);
	printf("left %llu alerts %llu events, not taken %llu alerts %llu events, refused %llu, "
	       "dropped %llu%s\n%s",
	       (unsigned long long)end.result.alerts, (unsigned long long)end.result.events,
	       (unsigned long long)end.alerts_left, (unsigned long long)end.events_left,
	       (unsigned long long)end.result.refused, (unsigned long long)end.result.dropped,
	       end.died ? ", died" : "", end.text);
	delivery_feed_free(f);
	return left < 0 ? STATUS_UNDELIVERED : 0;
}
