// SPDX-License-Identifier: GPL-2.0-only
/* test_heartbeat.c - counted from process to process; the inventory once, and when it changes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "delivery/heartbeat.h"
#include "delivery/json_path.h"
#include "delivery/spool_reader.h"
#include "json_schema.h"

static char top[64];
static int dir;
static struct spool *spool;
static const struct spool_limits limits = SPOOL_LIMITS;
static const struct sink_set no_sinks;

static int setup(void **state)
{
	(void)state;
	strcpy(top, "/tmp/heartbeat.XXXXXX");
	if (!mkdtemp(top))
		return -1;
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : spool_open(&spool, dir, &limits, NULL);
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	spool_close(spool);
	close(dir);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

/* The n-th event of the spool, which is one by the schema. */
static json_t *event(uint64_t n)
{
	_json_ json_t *schema = json_load_file("user/event.schema.json", 0, NULL);
	struct spool_record record;
	struct spool_reader r;
	char why[512] = "";
	json_t *v;

	assert_int_equal(spool_sync(spool, NULL), 0);
	spool_reader_open(&r, dir, SPOOL_EVENTS, n);
	assert_int_equal(spool_reader_next(&r, UINT64_MAX, &record, NULL), 1);
	assert_int_equal(record.kind, SPOOL_OWN);
	v = json_loadb(record.body, record.body_len, 0, NULL);
	assert_int_equal(record.id_len, json_string_length(json_path_get(v, "event.id")));
	spool_reader_close(&r);
	if (json_schema_check(schema, v, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	return v;
}

static json_int_t number(const json_t *v, const char *path)
{
	return json_integer_value(json_path_get(v, path));
}

static void beats(void **state)
{
	const struct heartbeat_counts n = { .alerts = 3, .events = 4, .lost = 5 };
	struct heartbeat h;
	uint64_t origin;

	(void)state;
	heartbeat_open(&h, dir, 60000);
	assert_int_equal(heartbeat_beat(&h, spool, &n, &no_sinks, NULL), 0); /* not yet */
	assert_in_range(heartbeat_pause(&h, 100000), 50000, 60000);
	assert_int_equal(heartbeat_pause(&h, 100), 100);
	for (int i = 1; i <= 2; i++) {
		h.next = clock_ms();
		assert_int_equal(heartbeat_pause(&h, 100), 0);
		assert_int_equal(heartbeat_beat(&h, spool, &n, &no_sinks, NULL), 1);
		assert_true(h.next > clock_ms() + 50000);
	}
	origin = h.origin;
	{
		_json_ json_t *one = event(1), *two = event(2);

		assert_int_equal(number(one, "event.sequence"), 1);
		assert_int_equal(number(two, "event.sequence"), 2);
		assert_string_equal(json_string_value(json_path_get(one, "event.action")),
				    "heartbeat");
		assert_int_equal(number(one, "wormsign.counts.alerts"), 3);
		assert_int_equal(number(one, "wormsign.counts.events"), 4);
		assert_int_equal(number(one, "wormsign.lost.events"), 5);
	}
	/* the next process goes on counting */
	heartbeat_open(&h, dir, 1);
	h.next = clock_ms();
	assert_int_equal(heartbeat_beat(&h, spool, &n, &no_sinks, NULL), 1);
	assert_true(h.origin == origin);
	assert_int_equal(h.sequence, 3);
	/* none are wanted */
	heartbeat_open(&h, dir, 0);
	assert_int_equal(heartbeat_beat(&h, spool, &n, &no_sinks, NULL), 0);
	assert_int_equal(heartbeat_pause(&h, 100), 100);
}

#define START(kernel)                                                                         \
	"{\"event\":{\"action\":\"session-start\"},\"host\":{\"architecture\":\"x\",\"os\":{" \
	"\"type\":\"linux\",\"kernel\":\"" kernel "\"}},\"wormsign\":{\"backend\":\"deny\","  \
	"\"rules\":5,\"session\":\"0123456789abcdef\"}}"

static int look(struct heartbeat *h, const char *text)
{
	return heartbeat_look(h, spool, text, strlen(text), NULL);
}

static void inventory(void **state)
{
	struct heartbeat h;

	(void)state;
	heartbeat_open(&h, dir, 0);
	assert_int_equal(look(&h, "{\"event\":{\"action\":\"exec\"}}"), 0);
	assert_int_equal(look(&h, "{\"message\":\"\\\"session-start\\\"\"}"), 0);
	assert_int_equal(look(&h, START("6.1")), 1);
	{
		_json_ json_t *v = event(1);

		assert_string_equal(json_string_value(json_path_get(v, "host.os.kernel")), "6.1");
		assert_string_equal(json_string_value(json_path_get(v, "wormsign.backend")),
				    "deny");
		assert_string_equal(json_string_value(json_path_get(v, "wormsign.version")),
				    WORMSIGN_VERSION);
		assert_int_equal(number(v, "wormsign.rules"), 5);
		assert_null(json_path_get(v, "wormsign.session"));
	}
	/* once, in the next process, too; but at once when something else is there */
	assert_int_equal(look(&h, START("6.1")), 0);
	heartbeat_open(&h, dir, 0);
	assert_int_equal(look(&h, START("6.1")), 0);
	assert_int_equal(look(&h, START("6.12")), 1);
	/* a day later */
	assert_int_equal(look(&h, START("6.12")), 0);
	h.inventory_at -= UINT64_C(86400) * 1000000000;
	assert_int_equal(look(&h, START("6.12")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(beats, setup, teardown),
		cmocka_unit_test_setup_teardown(inventory, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
