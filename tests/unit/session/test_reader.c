// SPDX-License-Identifier: GPL-2.0-only
/* test_reader.c - questions are answered by a process without rights, late ones too, and
 * a helper that dies costs nothing but the answers. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "session/reader.h"
#include "tree.h"

static struct reader h;
static char *top;

static int begin(void **state)
{
	struct run_as nobody = { .drop = geteuid() == 0, .uid = 54321, .gid = 54321 };

	(void)state;
	top = tree_new();
	chmod(top, 0755);
	tree_add(top, "package.json", "{\"dependencies\":{\"a\":\"*\",\"evil\":\"*\"}}");
	tree_add(top, "node_modules/a/package.json", "{\"dependencies\":{\"evil\":\"*\"}}");
	tree_add(top, "node_modules/evil/package.json", "{}");
	memset(&h, 0, sizeof(h));
	reader_start(&h, &nobody);
	return h.socket < 0 ? -1 : 0;
}

static int end(void **state)
{
	(void)state;
	reader_end(&h);
	waitpid(h.pid, NULL, 0);
	tree_free(top);
	return 0;
}

static int ask(void)
{
	return reader_ask_dependents(&h, top, strlen(top), tree_path(top, "node_modules/evil"));
}

static void answered(void **state)
{
	const struct reader_answer *d;
	int one = ask(), two = ask();

	(void)state;
	assert_int_equal(one, 0);
	assert_int_equal(two, 1);
	d = reader_answer(&h, two, 20000);
	assert_non_null(d);
	assert_int_equal(d->dependents.found, 2);
	d = reader_answer(&h, one, 0);
	assert_non_null(d);
	assert_string_equal(d->dependents.names[0], "a");
	assert_string_equal(d->dependents.names[1], "evil");
	assert_null(reader_answer(&h, -1, 0));
	assert_null(reader_answer(&h, 2, 10)); /* not asked */
}

/* It has the user's rights, and can be neither read nor traced by his other processes. */
static void confined(void **state)
{
	char path[64], line[256], caps[64] = "";
	unsigned uid = 0;
	FILE *f;

	(void)state;
	assert_non_null(reader_answer(&h, ask(), 20000));
	snprintf(path, sizeof(path), "/proc/%d/status", h.pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		sscanf(line, "Uid: %u", &uid);
		sscanf(line, "CapPrm: %63s", caps);
	}
	fclose(f);
	assert_int_equal(uid, geteuid() == 0 ? 54321 : geteuid());
	assert_string_equal(caps, "0000000000000000");
	snprintf(path, sizeof(path), "ls /proc/%d/fd 2>/dev/null | grep -vc '^0$'", h.pid);
	f = popen(path, "re");
	assert_non_null(fgets(line, sizeof(line), f));
	pclose(f);
	if (geteuid() == 0)
		assert_string_equal(line, "0\n"); /* nothing but its socket */
}

static void stopped_or_dead(void **state)
{
	long before;
	int q;

	(void)state;
	assert_non_null(reader_answer(&h, ask(), 20000));
	kill(h.pid, SIGSTOP);
	q = ask();
	before = clock_ms();
	assert_null(reader_answer(&h, q, 100));
	assert_in_range(clock_ms() - before, 90, 5000);
	kill(h.pid, SIGCONT);
	assert_non_null(reader_answer(&h, q, 20000));
	kill(h.pid, SIGKILL);
	q = ask();
	before = clock_ms();
	assert_null(reader_answer(&h, q, 20000));
	assert_true(clock_ms() - before < 10000);
	assert_true(ask() < 0);
}

/* A checksum is found in the lockfile that was read before; a reader that is stopped is waited for
 * only so long in all. */
static void checksums(void **state)
{
	const char *sum;
	long before;
	int q;

	(void)state;
	tree_add(top, "package-lock.json",
		 "{\"packages\":{\"node_modules/evil\":{\"version\":\"6.6.6\",\"integrity\":"
		 "\"sha1-MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=\"}}}");
	assert_null(reader_checksum(&h, "npm", top, strlen(top), top, ""));
	assert_non_null(reader_answer(&h, ask(), 20000)); /* which comes after it */
	sum = reader_checksum(&h, "npm", top, strlen(top), tree_path(top, "node_modules/evil"),
			      "6.6.6");
	assert_non_null(sum);
	assert_string_equal(sum, "sha1-MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=");
	assert_null(reader_checksum(&h, "npm", top, strlen(top),
				    tree_path(top, "node_modules/evil"), "6.6.7"));
	kill(h.pid, SIGSTOP);
	before = clock_ms();
	for (int i = 0; i < 1000; i++)
		assert_null(reader_checksum(&h, "npm", top, strlen(top),
					    tree_path(top, "node_modules/evil"), "6.6.6"));
	assert_true(clock_ms() - before < 5000);
	kill(h.pid, SIGCONT);
	/* its queue is full at first */
	for (int i = 0; (q = ask()) < 0 && i < 2000; i++)
		usleep(10000);
	assert_non_null(reader_answer(&h, q, 20000));
}

/* What was made for a plant that was refused: the first directory that is new. */
static void left_behind(void **state)
{
	struct timespec now;
	uint64_t since;
	int q;

	(void)state;
	tree_add(top, ".config/old/file", "x");
	usleep(200000);
	clock_gettime(CLOCK_REALTIME, &now);
	since = (uint64_t)now.tv_sec * 1000000000ULL + now.tv_nsec;
	usleep(50000);
	tree_add(top, ".config/old/new/er/", NULL);
	q = reader_ask_left(&h, tree_path(top, ".config/old/new/er/x.service"), strlen(top), since);
	assert_non_null(reader_answer(&h, q, 20000));
	if (!reader_answer(&h, q, 0)->left[0])
		skip(); /* a file system without times of birth */
	assert_string_equal(reader_answer(&h, q, 0)->left, tree_path(top, ".config/old/new"));
	/* the file itself, empty */
	tree_add(top, ".config/old/planted", "");
	q = reader_ask_left(&h, tree_path(top, ".config/old/planted"), strlen(top), since);
	assert_string_equal(reader_answer(&h, q, 20000)->left,
			    tree_path(top, ".config/old/planted"));
	/* what was there before, what is not there, and what is not asked about */
	q = reader_ask_left(&h, tree_path(top, ".config/old/file"), strlen(top), since);
	assert_string_equal(reader_answer(&h, q, 20000)->left, "");
	q = reader_ask_left(&h, tree_path(top, ".config/old/none"), strlen(top), since);
	assert_string_equal(reader_answer(&h, q, 20000)->left, "");
	q = reader_ask_left(&h, tree_path(top, ".config/old/new/er"),
			    strlen(tree_path(top, ".config/old/new/er")), since);
	assert_string_equal(reader_answer(&h, q, 20000)->left, "");
}

static void where_a_link_leads(void **state)
{
	int q;

	(void)state;
	tree_add(top, "bin/", NULL);
	assert_int_equal(symlink("../evil/sh.js", tree_path(top, "bin/sh")), 0);
	q = reader_ask_link(&h, tree_path(top, "bin/sh"));
	assert_string_equal(reader_answer(&h, q, 20000)->link, "../evil/sh.js");
	q = reader_ask_link(&h, tree_path(top, "bin"));
	assert_string_equal(reader_answer(&h, q, 20000)->link, "");
	q = reader_ask_link(&h, tree_path(top, "bin/none"));
	assert_string_equal(reader_answer(&h, q, 20000)->link, "");
}

static void not_more(void **state)
{
	(void)state;
	for (int i = 0; i < READER_QUESTIONS; i++)
		assert_non_null(reader_answer(&h, ask(), 20000));
	assert_true(ask() < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answered, begin, end),
		cmocka_unit_test_setup_teardown(confined, begin, end),
		cmocka_unit_test_setup_teardown(stopped_or_dead, begin, end),
		cmocka_unit_test_setup_teardown(checksums, begin, end),
		cmocka_unit_test_setup_teardown(left_behind, begin, end),
		cmocka_unit_test_setup_teardown(where_a_link_leads, begin, end),
		cmocka_unit_test_setup_teardown(not_more, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
