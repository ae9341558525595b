// SPDX-License-Identifier: GPL-2.0-only
/* test_process_lineage.c - one line from the command to a process, shortened in the middle. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/process_lineage.h"

#define LINE 200

/* A chain of processes, each the parent of the next; the first is the session's command. */
static struct process chain[LINE];
static char labels[LINE][32];

static void make(size_t count)
{
	memset(chain, 0, sizeof(chain));
	for (size_t i = 0; i < count; i++) {
		snprintf(labels[i], sizeof(labels[i]), "p%zu", i);
		chain[i].pid = (uint32_t)i + 1;
		chain[i].started = 10 * i;
		chain[i].root = i == 0;
		chain[i].parent = i ? &chain[i - 1] : NULL;
		chain[i].image_count = 1;
		chain[i].images[0] = (struct image){ .time = 10 * i + 1, .label = labels[i] };
		strcpy(chain[i].comm, labels[i]);
	}
}

static void assert_line(const struct process *p, size_t longest, bool complete, const char *want)
{
	struct buf out = BUF_INIT;

	buf_adds(&out, "before ");
	assert_int_equal(process_lineage(&out, p, longest), complete);
	assert_memory_equal(out.at, "before ", 7);
	assert_string_equal(out.at + 7, want);
	buf_free(&out);
}

static void from_the_command_to_the_process(void **state)
{
	(void)state;
	make(4);
	assert_line(&chain[3], 400, true, "p0 > p1 > p2 > p3");
	assert_line(&chain[0], 400, true, "p0");
}

static void incomplete(void **state)
{
	(void)state;
	make(4);
	chain[0].root = false;
	assert_line(&chain[3], 400, false, "p0 > p1 > p2 > p3 (lineage incomplete)");
	assert_line(NULL, 400, false, "? (lineage incomplete)");
}

/* What a parent ran after it had forked the child is not part of the child's line. */
static void programs_by_their_time(void **state)
{
	(void)state;
	make(3);
	chain[1].images[1] = (struct image){ .time = 15, .label = "before" };
	chain[1].images[2] = (struct image){ .time = 21, .label = "after" };
	chain[1].image_count = 3;
	assert_line(&chain[2], 400, true, "p0 > p1 > before > p2");
	assert_line(&chain[1], 400, true, "p0 > p1 > before > after");
}

static void without_a_program(void **state)
{
	(void)state;
	make(3);
	chain[2].image_count = 0;
	assert_line(&chain[2], 400, true, "p0 > p1 > p2");
	strcpy(chain[2].comm, "p1");
	assert_line(&chain[2], 400, true, "p0 > p1 > p1 (fork)");
	chain[2].comm[0] = '\0';
	assert_line(&chain[2], 400, true, "p0 > p1 > ?");
}

/* Both ends stay: the command always, the process always. */
static void shortened_in_the_middle(void **state)
{
	(void)state;
	make(10);
	assert_line(&chain[9], 25, true, "p0 > ... 5 more ... > p6 > p7 > p8 > p9");
	assert_line(&chain[9], 0, true, "p0 > ... 8 more ... > p9");
	chain[5].skipped = 7; /* ancestors that the table left out */
	assert_line(&chain[9], 0, true, "p0 > ... 15 more ... > p9");
	assert_line(&chain[9], 400, true,
		    "p0 > ... 7 more ... > p1 > p2 > p3 > p4 > p5 > p6 > p7 > p8 > p9");
}

/* However long the chain is, the line begins with the command, and counts all others. */
static void longer_than_a_line_can_be(void **state)
{
	struct buf out = BUF_INIT;
	size_t more, parts = 0;

	(void)state;
	make(LINE);
	assert_true(process_lineage(&out, &chain[LINE - 1], 100000));
	assert_int_equal(sscanf(out.at, "p0 > ... %zu more ... > ", &more), 1);
	for (const char *at = out.at; (at = strstr(at, "> p")); at++)
		parts++;
	assert_int_equal(1 + more + parts, LINE);
	assert_string_equal(out.at + out.len - strlen("> p199"), "> p199");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_the_command_to_the_process),
		cmocka_unit_test(incomplete),
		cmocka_unit_test(programs_by_their_time),
		cmocka_unit_test(without_a_program),
		cmocka_unit_test(shortened_in_the_middle),
		cmocka_unit_test(longer_than_a_line_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
