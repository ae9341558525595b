// SPDX-License-Identifier: GPL-2.0-only
/* test_delivery_feed.c - the other side is played here: it dies, comes again, and takes in part. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "session/delivery_feed.h"

static struct delivery_feed *feed;
static int other;

static int setup(void **state)
{
	int pair[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	other = pair[1];
	return delivery_feed_adopt(&feed, pair[0]);
}

static int teardown(void **state)
{
	(void)state;
	delivery_feed_free(feed);
	if (other >= 0)
		close(other);
	return 0;
}

static void event(const char *kind, const char *id)
{
	json_t *e = json_pack("{s:{s:s,s:s}}", "event", "id", id, "kind", kind);

	delivery_feed_event(feed, e, "{}", 2);
	json_decref(e);
}

static void says(enum feed_kind kind, uint64_t number)
{
	struct feed_head head = { .kind = kind, .number = number };

	assert_int_equal(send(other, &head, sizeof(head), 0), sizeof(head));
	delivery_feed_pump(feed);
}

/* The next packet: "KIND NUMBER ID BODY", "" if there is none. */
static const char *next(void)
{
	static char text[1200];
	char bytes[512] = { 0 };
	struct feed_head *head = (void *)bytes;
	ssize_t n = recv(other, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);

	if (n < (ssize_t)sizeof(*head))
		return "";
	snprintf(text, sizeof(text), "%u %llu %s %s", head->kind, (unsigned long long)head->number,
		 bytes + sizeof(*head),
		 n > (ssize_t)sizeof(*head) ? bytes + sizeof(*head) + head->id_len + 1 : "");
	return text;
}

static void sends_again(void **state)
{
	struct delivery_end end;

	(void)state;
	event("alert", "a");
	event("event", "b");
	assert_string_equal(next(), ""); /* nobody listens yet */
	says(FEED_HELLO, 0);
	assert_string_equal(next(), "3 0  ");
	assert_string_equal(next(), "1 1 a {}");
	assert_string_equal(next(), "2 2 b {}");
	assert_string_equal(next(), "");
	says(FEED_TAKEN, 1);
	event("alert", "c");
	assert_string_equal(next(), "1 3 c {}");
	/* another process: all that was not taken, and only that */
	says(FEED_HELLO, 0);
	assert_string_equal(next(), "3 0  ");
	assert_string_equal(next(), "2 2 b {}");
	assert_string_equal(next(), "1 3 c {}");
	assert_string_equal(next(), "");
	says(FEED_TAKEN, 2);
	close(other); /* it dies for good */
	other = -1;
	event("alert", "d");
	assert_true(delivery_feed_finish(feed, 0, &end) < 0);
	assert_true(end.died);
	assert_int_equal(end.alerts_left, 2);
	assert_int_equal(end.events_left, 0);
}

/* Whether and when the session is to end is what delivery's configuration says. */
static void unsaved(void **state)
{
	struct timespec tick = { .tv_nsec = 20000000 };

	(void)state;
	says(FEED_HELLO, 0);
	event("alert", "a");
	nanosleep(&tick, NULL);
	delivery_feed_pump(feed);
	assert_int_equal(delivery_feed_unsaved_ms(feed), 0);
	says(FEED_HELLO, 10);
	delivery_feed_pump(feed);
	assert_true(delivery_feed_unsaved_ms(feed) >= 20);
	says(FEED_HELLO, 3600000);
	delivery_feed_pump(feed);
	assert_int_equal(delivery_feed_unsaved_ms(feed), 0);
	says(FEED_HELLO, 10);
	says(FEED_TAKEN, 1);
	event("event", "b"); /* which may be lost */
	nanosleep(&tick, NULL);
	delivery_feed_pump(feed);
	assert_int_equal(delivery_feed_unsaved_ms(feed), 0);
}

static void reports_the_end(void **state)
{
	struct {
		struct feed_head head;
		struct feed_result result;
		char text[8];
	} packet = { .head = { .kind = FEED_RESULT }, .result = { .events = 4 }, .text = "s: x\n" };
	struct delivery_end end;

	(void)state;
	event("alert", "a");
	says(FEED_HELLO, 0);
	says(FEED_TAKEN, 1);
	assert_int_equal(send(other, &packet, sizeof(packet) - 3, 0), sizeof(packet) - 3);
	assert_true(delivery_feed_finish(feed, 0, &end) < 0);
	assert_false(end.died);
	assert_int_equal(end.alerts_left, 0);
	assert_int_equal(end.result.events, 4);
	assert_string_equal(end.text, "s: x\n");
	packet.result.events = 0;
	assert_int_equal(send(other, &packet, sizeof(packet.head) + sizeof(packet.result), 0),
			 sizeof(packet.head) + sizeof(packet.result));
	assert_int_equal(delivery_feed_finish(feed, 0, &end), 0);
}

/* Nobody reads: nothing waits, alerts are kept, and other events beyond a limit are counted. */
static void never_waits(void **state)
{
	static char line[60000];
	struct delivery_end end;
	json_t *e = json_pack("{s:{s:s,s:s}}", "event", "id", "x", "kind", "event");

	(void)state;
	memset(line, 'x', sizeof(line));
	says(FEED_HELLO, 0);
	for (int i = 0; i < 1000; i++)
		delivery_feed_event(feed, e, line, sizeof(line));
	json_decref(e);
	for (int i = 0; i < 1000; i++)
		event("alert", "a");
	close(other);
	other = -1;
	assert_true(delivery_feed_finish(feed, 0, &end) < 0);
	assert_int_equal(end.alerts_left, 1000);
	assert_in_range(end.events_left, 500, 600);
}

static void too_long(void **state)
{
	static char line[FEED_MOST];
	json_t *e = json_pack("{s:{s:s,s:s}}", "event", "id", "x", "kind", "alert");
	struct delivery_end end;

	(void)state;
	delivery_feed_event(feed, e, line, sizeof(line));
	json_decref(e);
	close(other);
	other = -1;
	assert_true(delivery_feed_finish(feed, 0, &end) < 0);
	assert_int_equal(end.alerts_left, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sends_again, setup, teardown),
		cmocka_unit_test_setup_teardown(unsaved, setup, teardown),
		cmocka_unit_test_setup_teardown(reports_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(never_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(too_long, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
