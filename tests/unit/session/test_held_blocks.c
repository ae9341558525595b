// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_held_blocks.c - which verdicts get a block, what it waits for, and what it is asked about.
 * Printing and the reader are made up here; test_observer.c has them for real.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/scope_table.h"
#include "records.h"
#include "session/held_blocks.h"
#include "some_rules.h"

#define MS 1000000ULL

static const struct actor node = { 12, 10, 300 * MS, 7, WS_ACTOR_PACKAGE, "node" };

static struct {
	uint32_t rule;
	struct block_fate fate;
} printed[256];
static size_t printed_count, leftovers;
static char asked_left[128];
static size_t asked_above;
static uint64_t asked_since;
static int asked_dependents;
static struct reader_answer answer = { .left = "/home/ci/.config" };

void block_verdict(const struct block *b, const struct ws_rec_verdict *r,
		   const struct block_fate *f)
{
	assert_non_null(b);
	printed[printed_count].rule = r->rule;
	printed[printed_count++].fate = *f;
}

void block_leftover(const struct block *b, const struct session_leftover *l)
{
	(void)b;
	(void)l;
	leftovers++;
}

int reader_ask_dependents(struct reader *h, const char *project, size_t project_len,
			  const char *directory)
{
	(void)h;
	(void)project;
	(void)project_len;
	(void)directory;
	return asked_dependents++;
}

int reader_ask_left(struct reader *h, const char *path, size_t above, uint64_t since)
{
	(void)h;
	strcpy(asked_left, path);
	asked_above = above;
	asked_since = since;
	return 5;
}

const struct reader_answer *reader_answer(struct reader *h, int question, int ms)
{
	(void)h;
	(void)ms;
	return question == 5 ? &answer : NULL;
}

static struct event_context context;
static struct block block = { .context = &context };
static struct held_blocks blocks;
static struct reader reader;

static int make(void **state)
{
	(void)state;
	context = (struct event_context){ .rules = some_rules(false) };
	context.scopes = scope_table_new();
	blocks = (struct held_blocks)HELD_BLOCKS_INIT;
	blocks.block = &block;
	blocks.cwd = "/home/ci/project";
	blocks.home = "/home/ci";
	blocks.since = 77;
	printed_count = leftovers = 0;
	asked_left[0] = 0;
	asked_dependents = 0;
	return 0;
}

static int clear(void **state)
{
	(void)state;
	held_blocks_free(&blocks);
	scope_table_free(context.scopes);
	return 0;
}

static void verdict(uint64_t time, uint32_t op, uint32_t rule, uint32_t action, const char *path)
{
	struct ws_rec_verdict *r = calloc(1, sizeof(*r));

	record_verdict(r, &node, time, op, rule, action, WS_EFFECT_REFUSED, path);
	held_blocks_verdict(&blocks, r);
	free(r);
}

static void waits_for_the_death(void **state)
{
	struct ws_rec_exit death;

	(void)state;
	verdict(400 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, "/a");
	verdict(410 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, "/b");
	assert_int_equal(printed_count, 0);
	record_death(&death, &node, 420 * MS, 400 * MS);
	death.head.started++; /* another process, which has the pid now */
	held_blocks_died(&blocks, &death);
	assert_int_equal(printed_count, 0);
	death.head.started--;
	held_blocks_died(&blocks, &death);
	assert_int_equal(printed_count, 1);
	assert_int_equal(printed[0].fate.died_at, 420 * MS);
	assert_int_equal(printed[0].fate.condemned_at, 400 * MS);
	held_blocks_flush(&blocks);
	assert_int_equal(printed_count, 2);
	assert_int_equal(printed[1].fate.died_at, 0);
}

static void but_not_for_long(void **state)
{
	(void)state;
	assert_int_equal(held_blocks_tick(&blocks, 0), -1);
	verdict(400 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, "/a");
	verdict(440 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, "/b");
	assert_in_range(held_blocks_tick(&blocks, 450 * MS), 50, 51);
	assert_int_equal(printed_count, 0);
	assert_in_range(held_blocks_tick(&blocks, 500 * MS), 40, 41);
	assert_int_equal(printed_count, 1);
	assert_int_equal(held_blocks_tick(&blocks, 540 * MS), -1);
	assert_int_equal(printed_count, 2);
}

/* A refusal that kills nobody is printed at once; so is the oldest when too many wait. */
static void at_once(void **state)
{
	(void)state;
	verdict(400 * MS, WS_OP_READ, RULE_HOME, WS_DENY, "/a");
	assert_int_equal(printed_count, 1);
	for (uint32_t i = 0; i <= HELD_BLOCKS_MAX; i++)
		verdict(400 * MS + i, WS_OP_READ, 100 + i, WS_KILL, "/a");
	assert_int_equal(printed_count, 2);
	assert_int_equal(printed[1].rule, 100);
}

static void few_of_many(void **state)
{
	char path[16];

	(void)state;
	verdict(400 * MS, WS_OP_READ, RULE_NPMRC, WS_ALERT, "/a");
	assert_int_equal(printed_count, 0);
	blocks.verbose = true;
	verdict(400 * MS, WS_OP_READ, RULE_NPMRC, WS_ALERT, "/b");
	assert_int_equal(printed_count, 1);
	/* the same again; then others of the rule */
	for (int i = 0; i < 10; i++)
		verdict(400 * MS, WS_OP_READ, RULE_SECRET, WS_KILL, "/a");
	held_blocks_flush(&blocks);
	assert_int_equal(printed_count, 2);
	assert_int_equal(printed[1].fate.times, 10);
	for (int i = 0; i < 10; i++) {
		snprintf(path, sizeof(path), "/x%d", i);
		verdict(400 * MS, WS_OP_READ, RULE_SECRET, WS_DENY, path);
	}
	assert_int_equal(printed_count, 4); /* three of one rule */
	for (uint32_t i = 0; i < 200; i++)
		verdict(400 * MS, WS_OP_READ, 100 + i, WS_DENY, "/a");
	assert_int_equal(printed_count, 100); /* of one session */
}

static void leftover(void **state)
{
	struct session_leftover one = { .scope = 7 }, two = { .scope = 8 };

	(void)state;
	held_blocks_leftover(&blocks, &one);
	held_blocks_leftover(&blocks, &one);
	assert_int_equal(leftovers, 1);
	held_blocks_leftover(&blocks, &two);
	assert_int_equal(leftovers, 2);
}

/* A refused plant may have left directories behind: below home and project, and for operations that
 * make something. */
static void what_is_left(void **state)
{
	(void)state;
	verdict(400 * MS, WS_OP_CREATE, 50, WS_DENY, "/home/ci/.config/x/y");
	assert_null(printed[0].fate.left); /* no reader */
	blocks.reader = &reader;
	verdict(400 * MS, WS_OP_CREATE, 51, WS_DENY, "/home/ci/.config/x/y");
	assert_string_equal(asked_left, "/home/ci/.config/x/y");
	assert_int_equal(asked_above, strlen("/home/ci"));
	assert_int_equal(asked_since, 77);
	assert_string_equal(printed[1].fate.left, "/home/ci/.config");
	verdict(400 * MS, WS_OP_CREATE, 52, WS_DENY, "/home/ci/project/a/b");
	assert_int_equal(asked_above, strlen("/home/ci/project")); /* the nearer one */
	asked_left[0] = 0;
	verdict(400 * MS, WS_OP_READ, 53, WS_DENY, "/home/ci/.config/x/y");
	verdict(400 * MS, WS_OP_CREATE, 54, WS_DENY, "/etc/x");
	verdict(400 * MS, WS_OP_CREATE, 55, WS_DENY, "/home/circus/x");
	verdict(400 * MS, WS_OP_CREATE, 56, WS_DENY, "/home/ci/project/node_modules/a/b");
	assert_string_equal(asked_left, "");
	assert_null(printed[3].fate.left);
}

/* Which package brings it in: asked once for a package with a directory. */
static void what_brings_it_in(void **state)
{
	struct ws_rec_scope scope;

	(void)state;
	blocks.reader = &reader;
	verdict(400 * MS, WS_OP_READ, 60, WS_DENY, "/a");
	assert_int_equal(asked_dependents, 0); /* the scope is not known */
	record_scope(&scope, &node, 301 * MS, "color-tools-x", "1.4.2", "postinstall");
	scope.dir_len = wire_path(scope.dir, "/home/ci/project/node_modules/color-tools-x");
	scope_table_add(context.scopes, &scope);
	verdict(400 * MS, WS_OP_READ, 61, WS_DENY, "/a");
	verdict(400 * MS, WS_OP_READ, 62, WS_DENY, "/a");
	assert_int_equal(asked_dependents, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(waits_for_the_death, make, clear),
		cmocka_unit_test_setup_teardown(but_not_for_long, make, clear),
		cmocka_unit_test_setup_teardown(at_once, make, clear),
		cmocka_unit_test_setup_teardown(few_of_many, make, clear),
		cmocka_unit_test_setup_teardown(leftover, make, clear),
		cmocka_unit_test_setup_teardown(what_is_left, make, clear),
		cmocka_unit_test_setup_teardown(what_brings_it_in, make, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
