// SPDX-License-Identifier: GPL-2.0-only
/* test_sink_run.c - pauses; and a file sink at work on a spool, with what it leaves out. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "event_kind.h"
#include "delivery/sink_run.h"

static void pauses(void **state)
{
	(void)state;
	for (uint64_t tries = 0; tries < 100; tries++) {
		uint64_t most = tries > 6 ? 60000 : 500ULL << tries;

		if (most > 60000)
			most = 60000;
		for (uint32_t random = 0; random < 200000; random += 777) {
			uint64_t ms = sink_run_pause(tries, random);

			assert_true(ms <= most && ms >= most / 2);
		}
	}
}

static void append(struct spool *s, enum spool_stream stream, const char *id, const char *body)
{
	assert_int_equal(spool_append(s, stream, id, body, strlen(body), NULL), 0);
}

static void wait_until_done(struct sink_run *r, struct sink_state *state)
{
	for (int i = 0; i < 1000; i++) {
		sink_run_state(r, state);
		if (!state->pending[SPOOL_ALERTS] && !state->pending[SPOOL_EVENTS])
			return;
		usleep(10000);
	}
	fail_msg("it does not end");
}

static void end_run(struct sink_run *r, struct spool *s)
{
	sink_run_stop(r);
	spool_wake(s);
	sink_run_free(r);
}

static void filters(void **unused)
{
	const struct spool_limits limits = SPOOL_LIMITS;
	char top[64] = "/tmp/sink-run.XXXXXX", target[96], dead[96], text[512] = { 0 },
	     command[128];
	struct sink_settings settings = { .name = "f",
					  .type = "file",
					  .target = target,
					  .min_severity = 50,
					  .batch_events = 2,
					  .batch_bytes = 1000,
					  .rotate_bytes = 1 << 20,
					  .rotate_files = 1 };
	struct sink_run_options o = { 0 };
	struct sink_state state;
	struct sink_run *r;
	FILE *f;

	(void)unused;
	assert_non_null(mkdtemp(top));
	snprintf(target, sizeof(target), "%s/out", top);
	o.dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(spool_open(&o.spool, o.dir, &limits, NULL), 0);
	append(o.spool, SPOOL_ALERTS, "1", "{\"event\":{\"severity\":99},\"n\":1}");
	append(o.spool, SPOOL_ALERTS, "2", "{\"event\":{\"severity\":21},\"n\":2}");
	append(o.spool, SPOOL_ALERTS, "3", "not JSON");
	append(o.spool, SPOOL_ALERTS, "4\r\nx", "{\"event\":{\"severity\":99},\"n\":4}");
	append(o.spool, SPOOL_EVENTS, "5", "{\"event\":{\"severity\":73},\"n\":5}");
	assert_int_equal(spool_sync(o.spool, NULL), 0);
	assert_int_equal(sink_run_start(&r, &settings, &o, NULL), 0);
	wait_until_done(r, &state);
	assert_int_equal(state.delivered, 2);
	assert_int_equal(state.refused, 2);
	end_run(r, o.spool);
	/* another process goes on where the cursor is */
	append(o.spool, SPOOL_ALERTS, "6", "{\"event\":{\"severity\":99},\"n\":6}");
	assert_int_equal(spool_sync(o.spool, NULL), 0);
	assert_int_equal(sink_run_start(&r, &settings, &o, NULL), 0);
	wait_until_done(r, &state);
	assert_int_equal(state.delivered, 1);
	end_run(r, o.spool);
	/* and a replay begins anew */
	o.since = 1;
	settings.alerts_only = true;
	assert_int_equal(sink_run_start(&r, &settings, &o, NULL), 0);
	wait_until_done(r, &state);
	assert_int_equal(state.delivered, 2);
	end_run(r, o.spool);
	/* a cursor that the spool has not come to says nothing: better twice than never */
	o.since = 0;
	assert_int_equal(spool_cursor_write(o.dir, "f", &(struct spool_cursor){ { 100, 1 } }, NULL),
			 0);
	settings.min_severity = 100;
	assert_int_equal(sink_run_start(&r, &settings, &o, NULL), 0);
	sink_run_state(r, &state);
	wait_until_done(r, &state);
	end_run(r, o.spool);
	{
		struct spool_cursor c;

		assert_int_equal(spool_cursor_read(&c, o.dir, "f", NULL), 0);
		assert_int_equal(c.next[SPOOL_ALERTS], 6);
	}
	spool_close(o.spool);
	close(o.dir);
	f = fopen(target, "re");
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	assert_string_equal(text, "{\"event\":{\"severity\":99},\"n\":1}\n"
				  "{\"event\":{\"severity\":73},\"n\":5}\n"
				  "{\"event\":{\"severity\":99},\"n\":6}\n"
				  "{\"event\":{\"severity\":99},\"n\":1}\n"
				  "{\"event\":{\"severity\":99},\"n\":6}\n");
	snprintf(dead, sizeof(dead), "%s/f.dead", top);
	assert_int_equal(access(dead, R_OK), 0);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	assert_int_equal(system(command), 0);
}

/* By kinds and rules: an event without a rule has none that is listed; what is delivery's own
 * passes rules. */
static void kinds_and_rules(void **unused)
{
	const struct spool_limits limits = SPOOL_LIMITS;
	char top[64] = "/tmp/sink-run.XXXXXX", target[96], command[128];
	char *ids[] = { "a", "b" };
	struct sink_settings settings = { .name = "f",
					  .type = "file",
					  .target = target,
					  .batch_events = 10,
					  .batch_bytes = 1000,
					  .rotate_bytes = 1 << 20,
					  .rotate_files = 1 };
	const uint64_t verdict = event_kind("verdict"), exec = event_kind("exec"),
		       own = event_kind("gap") | event_kind("heartbeat");
	const struct {
		uint64_t kinds; /* of sink_event_kinds */
		size_t rules;
		uint64_t delivered;
	} cases[] = {
		{ 0, 0, 6 }, { verdict, 0, 3 }, { verdict | exec, 0, 4 }, { 0, 1, 3 },
		{ 0, 2, 4 }, { verdict, 1, 1 }, { exec, 1, 0 },		  { own, 1, 1 },
	};
	static const char body[] = "{\"event\":{\"action\":\"heartbeat\"}}";
	const struct spool_record beat = { .kind = SPOOL_OWN,
					   .id = "6",
					   .id_len = 1,
					   .body = body,
					   .body_len = sizeof(body) - 1,
					   .time = 2 };
	struct sink_run_options o = { .since = 1 };
	struct sink_state state;
	struct sink_run *r;

	(void)unused;
	assert_non_null(mkdtemp(top));
	snprintf(target, sizeof(target), "%s/out", top);
	o.dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(spool_open(&o.spool, o.dir, &limits, NULL), 0);
	append(o.spool, SPOOL_ALERTS, "1",
	       "{\"event\":{\"action\":\"verdict\"},\"rule\":{\"id\":\"a\"}}");
	append(o.spool, SPOOL_ALERTS, "2",
	       "{\"event\":{\"action\":\"verdict\"},\"rule\":{\"id\":\"b\"}}");
	append(o.spool, SPOOL_ALERTS, "3",
	       "{\"event\":{\"action\":\"verdict\"},\"rule\":{\"id\":\"aa\"}}");
	append(o.spool, SPOOL_ALERTS, "4",
	       "{\"event\":{\"action\":\"leftover\"},\"rule\":{\"id\":\"a\"}}");
	append(o.spool, SPOOL_EVENTS, "5", "{\"event\":{\"action\":\"exec\"}}");
	assert_int_equal(spool_append_record(o.spool, SPOOL_EVENTS, &beat, NULL), 0);
	assert_int_equal(spool_sync(o.spool, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		settings.kinds = cases[i].kinds;
		settings.rules = (struct json_form_list){ ids, cases[i].rules };
		assert_int_equal(sink_run_start(&r, &settings, &o, NULL), 0);
		wait_until_done(r, &state);
		if (state.delivered != cases[i].delivered)
			fail_msg("case %zu: %d", i, (int)state.delivered);
		end_run(r, o.spool);
	}
	spool_close(o.spool);
	close(o.dir);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	assert_int_equal(system(command), 0);
}

/* One sink's directory is missing and its cursor is damaged: it waits, and the other delivers. */
static void one_cannot_be_opened(void **unused)
{
	const struct spool_limits limits = SPOOL_LIMITS;
	char top[64] = "/tmp/sink-run.XXXXXX", good[96], bad[96], command[128];
	struct sink_settings settings[2];
	struct sink_run_options o = { 0 };
	struct sink_state state;
	struct sink_run *r[2];
	int fd;

	(void)unused;
	assert_non_null(mkdtemp(top));
	snprintf(good, sizeof(good), "%s/good", top);
	snprintf(bad, sizeof(bad), "%s/missing/bad", top);
	for (int i = 0; i < 2; i++)
		settings[i] = (struct sink_settings){ .name = i ? "good" : "bad",
						      .type = "file",
						      .target = i ? good : bad,
						      .batch_events = 2,
						      .batch_bytes = 1000,
						      .rotate_bytes = 1 << 20,
						      .rotate_files = 1 };
	o.dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(spool_open(&o.spool, o.dir, &limits, NULL), 0);
	fd = openat(o.dir, "bad.cursor", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	append(o.spool, SPOOL_ALERTS, "1", "{\"n\":1}");
	assert_int_equal(spool_sync(o.spool, NULL), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(sink_run_start(&r[i], &settings[i], &o, NULL), 0);
	wait_until_done(r[1], &state);
	assert_int_equal(state.delivered, 1);
	sink_run_state(r[0], &state);
	assert_int_equal(state.pending[SPOOL_ALERTS], 1);
	bad[strlen(bad) - strlen("/bad")] = 0;
	assert_int_equal(mkdir(bad, 0700), 0);
	bad[strlen(bad)] = '/';
	wait_until_done(r[0], &state);
	assert_int_equal(state.delivered, 1);
	for (int i = 0; i < 2; i++)
		end_run(r[i], o.spool);
	spool_close(o.spool);
	close(o.dir);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses),
		cmocka_unit_test(filters),
		cmocka_unit_test(kinds_and_rules),
		cmocka_unit_test(one_cannot_be_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
