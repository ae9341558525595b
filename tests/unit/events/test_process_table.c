// SPDX-License-Identifier: GPL-2.0-only
/* test_process_table.c - lineages that are complete or say that they are not, within bounds. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/process_lineage.h"
#include "events/process_table.h"
#include "policy/managers.h"
#include "records.h"

#define MS 1000000ULL

static void exec_as(struct process_table *t, const struct actor *who, uint64_t time,
		    const char *exe, const char *words)
{
	struct ws_rec_exec r;

	record_exec(&r, who, time, exe, words);
	assert_non_null(process_table_exec(t, &r));
}

static void exit_of(struct process_table *t, const struct actor *who, uint64_t time)
{
	struct ws_rec_exit r;

	record_exit(&r, who, time);
	process_table_exit(t, &r.head);
}

static void assert_lineage(struct process_table *t, uint32_t pid, uint64_t started,
			   const char *want)
{
	struct buf out = BUF_INIT;
	struct process *p = process_table_find(t, pid, started);

	assert_non_null(p);
	process_lineage(&out, p, 400);
	assert_string_equal(out.at, want);
	buf_free(&out);
}

static const struct actor npm = { 10, 5, 100 * MS, 0, WS_ACTOR_MANAGER, "npm" };
static const struct actor sh = { 11, 10, 200 * MS, 7, WS_ACTOR_PACKAGE, "sh" };
static const struct actor node = { 12, 11, 300 * MS, 7, WS_ACTOR_PACKAGE, "node" };
static const struct actor curl = { 13, 12, 400 * MS, 7, WS_ACTOR_PACKAGE, "curl" };

static struct process_table *usual(void)
{
	struct process_table *t = process_table_new(NULL);

	exec_as(t, &npm, 101 * MS, "/usr/bin/npm", "npm|install");
	exec_as(t, &sh, 201 * MS, "/usr/bin/dash", "sh|-c|node install.js");
	exec_as(t, &node, 301 * MS, "/usr/bin/node", "node|install.js");
	exec_as(t, &curl, 401 * MS, "/usr/bin/curl", "/usr/bin/curl");
	return t;
}

static void a_usual_line(void **state)
{
	struct process_table *t = usual();

	(void)state;
	assert_lineage(t, 13, 400 * MS,
		       "npm install > sh -c node install.js > node install.js > curl");
	process_table_free(t);
}

/* The dead stay in the lines of the living. */
static void ancestors_that_ended(void **state)
{
	struct process_table *t = usual();

	(void)state;
	exit_of(t, &node, 500 * MS);
	exit_of(t, &sh, 501 * MS);
	assert_lineage(t, 13, 400 * MS,
		       "npm install > sh -c node install.js > node install.js > curl");
	process_table_free(t);
}

/* A daemon's child runs exec after its parent is gone. */
static void an_orphan(void **state)
{
	struct actor late = { 20, 12, 450 * MS, 7, WS_ACTOR_PACKAGE, "bun" };
	struct process_table *t = usual();

	(void)state;
	exit_of(t, &curl, 500 * MS);
	exit_of(t, &node, 500 * MS);
	exit_of(t, &sh, 500 * MS);
	exec_as(t, &late, 600 * MS, "/tmp/bun", "bun|run|x.js");
	assert_lineage(t, 20, 450 * MS,
		       "npm install > sh -c node install.js > node install.js > bun run x.js");
	process_table_free(t);
}

/* The same pid, another process: neither inherits from the other. */
static void a_pid_used_again(void **state)
{
	struct actor again = { 12, 10, 900 * MS, 8, WS_ACTOR_PACKAGE, "sh" };
	struct actor child = { 14, 12, 950 * MS, 8, WS_ACTOR_PACKAGE, "cat" };
	struct actor old_child = { 15, 12, 450 * MS, 7, WS_ACTOR_PACKAGE, "ls" };
	struct process_table *t = usual();

	(void)state;
	exec_as(t, &again, 901 * MS, "/bin/sh", "sh|-c|other"); /* the exit of the first was lost */
	exec_as(t, &child, 951 * MS, "/bin/cat", "cat");
	exec_as(t, &old_child, 952 * MS, "/bin/ls", "ls");
	assert_lineage(t, 14, 950 * MS, "npm install > sh -c other > cat");
	assert_lineage(t, 15, 450 * MS,
		       "npm install > sh -c node install.js > node install.js > ls");
	assert_true(process_table_find(t, 12, 300 * MS)->exited);
	process_table_free(t);
}

/* Two programs in one process: a child has only those before it for ancestors. */
static void exec_in_place(void **state)
{
	struct actor before = { 30, 11, 250 * MS, 7, WS_ACTOR_PACKAGE, "tee" };
	struct process_table *t = usual();

	(void)state;
	exec_as(t, &sh, 600 * MS, "/usr/bin/python3", "python3|x.py");
	exec_as(t, &before, 601 * MS, "/usr/bin/tee", "tee");
	assert_lineage(t, 11, 200 * MS, "npm install > sh -c node install.js > python3 x.py");
	assert_lineage(t, 30, 250 * MS, "npm install > sh -c node install.js > tee");
	process_table_free(t);
}

static void a_manager_has_one_name(void **state)
{
	struct process_table *t = process_table_new(NULL);
	struct ws_rec_exec r;

	(void)state;
	assert_true(manager_count > 0);
	exec_as(t, &npm, 101 * MS, "/usr/bin/env", "/usr/bin/env|node|/usr/bin/npm|ci");
	record_exec(&r, &npm, 102 * MS, "/usr/bin/node", "node|/usr/bin/npm|ci");
	for (size_t i = 0; i < manager_count; i++)
		if (strcmp(managers[i].name, "npm") == 0)
			r.manager = i + 1;
	assert_true(r.manager > 0);
	process_table_exec(t, &r);
	assert_lineage(t, 10, 100 * MS, "npm ci");
	process_table_free(t);
}

static void a_gap_is_reported(void **state)
{
	struct actor lonely = { 99, 98, 700 * MS, 7, WS_ACTOR_PACKAGE, "x" };
	struct process_table *t = usual();

	(void)state;
	exec_as(t, &lonely, 701 * MS, "/x", "x");
	assert_lineage(t, 99, 700 * MS, "x (lineage incomplete)");
	process_table_free(t);
}

static void a_fork_without_exec(void **state)
{
	struct actor fork = { 40, 12, 350 * MS, 7, WS_ACTOR_PACKAGE, "node" };
	struct actor renamed = { 41, 12, 351 * MS, 7, WS_ACTOR_PACKAGE, "wget" };
	struct process_table *t = usual();
	struct ws_rec_exit r;

	(void)state;
	record_exit(&r, &fork, 400 * MS);
	process_table_see(t, &r.head);
	assert_lineage(t, 40, 350 * MS,
		       "npm install > sh -c node install.js > node install.js > node (fork)");
	record_exit(&r, &renamed, 400 * MS);
	process_table_see(t, &r.head);
	assert_lineage(t, 41, 351 * MS,
		       "npm install > sh -c node install.js > node install.js > wget");
	assert_string_equal(process_image(process_table_find(t, 40, 350 * MS))->label,
			    "node install.js");
	process_table_free(t);
}

/* The subshell between sh and cat left no record; the system knows it. */
static int look(uint32_t pid, uint32_t *ret_parent, uint64_t *ret_started)
{
	if (pid != 50)
		return -ESRCH;
	*ret_parent = 11;
	*ret_started = 249 * MS; /* in truth 250 */
	return 0;
}

static void the_system_is_asked(void **state)
{
	struct actor subshell = { 50, 11, 250 * MS, 7, WS_ACTOR_PACKAGE, "sh" };
	struct actor cat = { 51, 50, 260 * MS, 7, WS_ACTOR_PACKAGE, "cat" };
	struct process_table *t = process_table_new(look);
	size_t count;

	(void)state;
	exec_as(t, &npm, 101 * MS, "/usr/bin/npm", "npm|install");
	exec_as(t, &sh, 201 * MS, "/usr/bin/dash", "sh|-c|(cat)");
	exec_as(t, &cat, 261 * MS, "/bin/cat", "cat");
	assert_lineage(t, 51, 260 * MS, "npm install > sh -c (cat) > cat");
	count = process_table_count(t);
	exit_of(t, &subshell, 300 * MS); /* its own record: the same process, not a second one */
	assert_int_equal(process_table_count(t), count);
	assert_int_equal(process_table_find_pid(t, 50)->started, 250 * MS);
	assert_true(process_table_find_pid(t, 50)->exited);
	process_table_free(t);
}

/* A chain in which each generation starts the next and ends: for ever, at bounded cost. */
static void an_endless_chain(void **state)
{
	struct process_table *t = usual();
	struct actor last = curl;
	struct buf out = BUF_INIT;

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		struct actor next = {
			1000 + i, last.pid, (1000 + i) * MS, 7, WS_ACTOR_PACKAGE, "w"
		};

		exec_as(t, &next, next.started + 1, "/w", "w");
		exit_of(t, &last, next.started + 2);
		last = next;
	}
	assert_in_range(process_table_count(t), 1, PROCESS_DEPTH + 16);
	assert_true(process_lineage(&out, process_table_find(t, last.pid, last.started), 200));
	assert_non_null(strstr(out.at, "npm install > ... "));
	assert_null(strstr(out.at, "incomplete"));
	assert_in_range(out.len, 1, 260);
	buf_free(&out);
	process_table_free(t);
}

/* Very many that come and go, and a table that is full of the living. */
static void many(void **state)
{
	struct process_table *t = usual();

	(void)state;
	for (uint32_t i = 0; i < 50000; i++) {
		struct actor a = { 100000 + i, 10, (1000 + i) * MS, 7, WS_ACTOR_PACKAGE, "w" };

		exec_as(t, &a, a.started + 1, "/w", "w");
		exit_of(t, &a, a.started + 2);
	}
	assert_in_range(process_table_count(t), PROCESS_EXITED_MAX, PROCESS_EXITED_MAX + 16);
	for (uint32_t i = 0; i < PROCESS_TABLE_MAX + 1000; i++) {
		struct actor a = { 1000000 + i, 10, (100000 + i) * MS, 7, WS_ACTOR_PACKAGE, "w" };
		struct ws_rec_exec r;

		record_exec(&r, &a, a.started + 1, "/w", "w");
		process_table_exec(t, &r);
	}
	assert_int_equal(process_table_count(t), PROCESS_TABLE_MAX);
	assert_lineage(t, 13, 400 * MS,
		       "npm install > sh -c node install.js > node install.js > curl");
	process_table_free(t);
}

/* Records that only a forger or a fault can send: no circle, no crash. */
static void forged(void **state)
{
	struct actor a = { 60, 61, 500 * MS, 7, WS_ACTOR_PACKAGE, "a" };
	struct actor b = { 61, 60, 500 * MS, 7, WS_ACTOR_PACKAGE, "b" };
	struct actor self = { 62, 62, 500 * MS, 7, WS_ACTOR_PACKAGE, "c" };
	struct process_table *t = usual();
	struct buf out = BUF_INIT;

	(void)state;
	exec_as(t, &a, 501 * MS, "/a", "a");
	exec_as(t, &b, 502 * MS, "/b", "b");
	exec_as(t, &a, 503 * MS, "/a", "a");
	exec_as(t, &self, 503 * MS, "/c", "c");
	for (uint32_t pid = 60; pid < 63; pid++)
		process_lineage(&out, process_table_find_pid(t, pid), 400);
	exit_of(t, &a, 600 * MS);
	exit_of(t, &b, 600 * MS);
	exit_of(t, &self, 600 * MS);
	buf_free(&out);
	process_table_free(t);
}

static void steps_of_a_job(void **state)
{
	struct process_table *t = usual();
	struct process *p = process_table_find(t, sh.pid, sh.started);

	(void)state;
	assert_null(process_step(process_table_find(t, curl.pid, curl.started)));
	process_set_step(p, "build");
	process_set_step(p, "forged"); /* the first word counts */
	exit_of(t, &sh, 500 * MS);
	assert_string_equal(process_step(process_table_find(t, curl.pid, curl.started)), "build");
	assert_null(process_step(process_table_find(t, npm.pid, npm.started)));
	process_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_usual_line),
		cmocka_unit_test(ancestors_that_ended),
		cmocka_unit_test(an_orphan),
		cmocka_unit_test(a_pid_used_again),
		cmocka_unit_test(exec_in_place),
		cmocka_unit_test(a_manager_has_one_name),
		cmocka_unit_test(a_gap_is_reported),
		cmocka_unit_test(a_fork_without_exec),
		cmocka_unit_test(the_system_is_asked),
		cmocka_unit_test(an_endless_chain),
		cmocka_unit_test(many),
		cmocka_unit_test(forged),
		cmocka_unit_test(steps_of_a_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
