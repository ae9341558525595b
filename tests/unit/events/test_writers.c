// SPDX-License-Identifier: GPL-2.0-only
/* test_writers.c - who changed a path last, and that what was refused or only read changes nothing.
 */
#include "events/writers.h"

#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "records.h"

static struct ws_rec_verdict verdict(uint32_t op, uint32_t effect, const char *path, uint64_t scope)
{
	struct ws_rec_verdict v = {
		.head = { .kind = WS_REC_VERDICT, .scope = scope, .actor = WS_ACTOR_PACKAGE },
		.op = op,
		.action = WS_ALERT,
		.effect = effect
	};

	v.path.len = wire_path(v.path.bytes, path);
	return v;
}

static void last(void **state)
{
	CLEANUP(writers_free) struct writers w = { 0 };
	struct ws_rec_verdict v;
	uint64_t scope = 0;

	(void)state;
	assert_int_equal(writers_find(&w, "/a", &scope), WS_ACTOR_NONE);
	v = verdict(WS_OP_WRITE, WS_EFFECT_NONE, "/a", 5);
	writers_record(&w, &v.head);
	v = verdict(WS_OP_CREATE, WS_EFFECT_NONE, "/a", 6);
	writers_record(&w, &v.head);
	assert_int_equal(writers_find(&w, "/a", &scope), WS_ACTOR_PACKAGE);
	assert_int_equal(scope, 6);
	assert_int_equal(writers_find(&w, "/b", &scope), WS_ACTOR_NONE);
	v = verdict(WS_OP_WRITE, WS_EFFECT_REFUSED, "/a", 7);
	writers_record(&w, &v.head);
	v = verdict(WS_OP_READ, WS_EFFECT_NONE, "/a", 8);
	writers_record(&w, &v.head);
	v = verdict(WS_OP_CONNECT, WS_EFFECT_NONE, "/a", 9);
	writers_record(&w, &v.head);
	assert_int_equal(writers_find(&w, "/a", &scope), WS_ACTOR_PACKAGE);
	assert_int_equal(scope, 6);
}

/* The other name of a rename, and what was created without a verdict. */
static void other_records(void **state)
{
	CLEANUP(writers_free) struct writers w = { 0 };
	struct ws_rec_verdict v = verdict(WS_OP_RENAME, WS_EFFECT_NONE, "/from", 5);
	struct ws_rec_made m = {
		.head = { .kind = WS_REC_MADE, .scope = 6, .actor = WS_ACTOR_PACKAGE }
	};
	uint64_t scope = 0;

	(void)state;
	v.path2_valid = 1;
	v.path2.len = wire_path(v.path2.bytes, "/to");
	writers_record(&w, &v.head);
	assert_int_equal(writers_find(&w, "/to", &scope), WS_ACTOR_PACKAGE);
	assert_int_equal(scope, 5);
	m.path_len = wire_path(m.path, "/made");
	writers_record(&w, &m.head);
	assert_int_equal(writers_find(&w, "/made", &scope), WS_ACTOR_PACKAGE);
	assert_int_equal(scope, 6);
}

/* However many there are, it grows no more, and never names one for another's path. */
static void flood(void **state)
{
	CLEANUP(writers_free) struct writers w = { 0 };
	uint64_t scope;
	unsigned known = 0;
	char path[32];

	(void)state;
	for (unsigned i = 1; i <= 50000; i++) {
		struct ws_rec_verdict v;

		snprintf(path, sizeof(path), "/%u", i);
		v = verdict(WS_OP_WRITE, WS_EFFECT_NONE, path, i);
		writers_record(&w, &v.head);
	}
	for (unsigned i = 1; i <= 50000; i++) {
		snprintf(path, sizeof(path), "/%u", i);
		if (writers_find(&w, path, &scope) == WS_ACTOR_NONE)
			continue;
		assert_int_equal(scope, i);
		known++;
	}
	assert_true(known > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last),
		cmocka_unit_test(other_records),
		cmocka_unit_test(flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
