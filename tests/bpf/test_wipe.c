// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_wipe.c - every way to destroy files: deny loses none, watch at most the first one of each process. The test
 * counts what is left by its contents.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attack.h"
#include "cleanup.h"

#define FILES 12
#define TEXT  "CANARY-document\n"

static const char *const rules[] = {
	RULE("docs", "\"unlink\",\"rename\",\"write\"", "kill", "\"place\":[\"home\"],"),
	NULL,
};

static int begin(void **state)
{
	(void)state;
	return attack_begin(rules);
}

/* The files anew, in docs/ and every third one in a directory below. By the test itself: no scope made them. */
static void refill(void)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "cd '%s/home' && rm -rf docs && mkdir -p docs/deep && touch docs/.wormsign-lab && for i in $(seq %d); do "
		 "[ $((i %% 3)) = 0 ] && d=deep/ || d=; echo CANARY-document > docs/$d$i.txt; done",
		 s.dir, FILES);
	assert_int_equal(system(command), 0);
}

static int lost(void)
{
	int whole = 0;

	for (int i = 1; i <= FILES; i++) {
		_fclose_ FILE *f = NULL;
		char path[256], text[64] = "";

		snprintf(path, sizeof(path), "%s/home/docs/%s%d.txt", s.dir, i % 3 ? "" : "deep/", i);
		f = fopen(path, "r");
		whole += f && fread(text, 1, sizeof(text) - 1, f) == strlen(TEXT) && !strcmp(text, TEXT);
	}
	return FILES - whole;
}

static bool judged(void)
{
	const struct stage_verdict *v = stage_verdict(&s, "docs");

	if (!v && s.verdict_count && s.verdicts[0].rule == WS_RULE_UNRESOLVED)
		v = &s.verdicts[0];
	return v && v->effect != WS_EFFECT_NONE && v->effect != WS_EFFECT_UNAVAILABLE;
}

/* watch refuses packages what io_uring does by name, whatever the name: nobody sees the worker that does it. */
static bool by_ring_and_name(const char *mode)
{
	return backend == WS_BACKEND_WATCH && !strcmp(mode, "uring-unlink");
}

/* Outside the protected place each mode destroys: else the other tests prove nothing. */
static void test_control(void **state)
{
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "wipe");
	for (size_t i = 0; i < m.count; i++) {
		enum outcome o = attack(&s, "mkdir d; touch d/.wormsign-lab; head -c 4096 /dev/zero | tr '\\0' x > d/f; "
					    "exec $B/wipe %s d", m.name[i]);

		if (by_ring_and_name(m.name[i])) {
			assert_int_equal(o, OUTCOME_KILLED);
			continue;
		}
		if (o != OUTCOME_THROUGH || s.verdict_count) {
			attack_tell(m.name[i], o, "%u verdicts, it should have destroyed", s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

static void test_modes(void **state)
{
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "wipe");
	for (size_t i = 0; i < m.count; i++) {
		int most = backend == WS_BACKEND_DENY ? 0 : 1, gone;
		enum outcome o;

		refill();
		o = attack(&s, "exec $B/wipe %s $HOME/docs", m.name[i]);
		gone = lost();
		if (gone > most || !judged() || o == OUTCOME_THROUGH) {
			attack_tell(m.name[i], o, "%d of %d files lost, %u verdicts", gone, FILES, s.verdict_count);
			failed++;
		} else if (gone) {
			attack_tell(m.name[i], o, "the first file is lost");
		}
	}
	assert_int_equal(failed, 0);
}

/* What the truth binary does not do: one command each, on the first file. */
static void test_more_ways(void **state)
{
	static const char *const ways[] = {
		"exec rm -rf $HOME/docs",
		"exec find $HOME/docs -type f -delete",
		"exec mv $HOME/docs $W/tmp/gone",
		"exec dd if=/dev/zero of=$HOME/docs/1.txt bs=16 count=1 conv=notrunc",
		"exec cp /dev/null $HOME/docs/1.txt",
		/* opened for reading only, and truncated by that */
		"exec perl -e 'use Fcntl; sysopen(F, \"$ENV{HOME}/docs/$_.txt\", O_RDONLY|O_TRUNC) for 1,2,4,5; exit 0'",
		"exec perl -e 'symlink \"$ENV{HOME}/docs/1.txt\", \"link\"; truncate \"link\", 0'",
		"exec perl -e 'chdir \"$ENV{HOME}/docs\"; unlink glob \"*.txt\"'",
	};
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		int most = backend == WS_BACKEND_DENY ? 0 : 1, gone;
		enum outcome o;

		refill();
		o = attack(&s, "%s", ways[i]);
		gone = lost();
		if (!strncmp(ways[i], "exec mv", 7) && backend == WS_BACKEND_WATCH)
			most = FILES; /* one operation, on the directory */
		if (gone > most || !judged()) {
			attack_tell(ways[i], o, "%d of %d files lost, %u verdicts", gone, FILES, s.verdict_count);
			failed++;
		} else if (gone) {
			attack_tell(ways[i], o, "%d lost", gone);
		}
	}
	assert_int_equal(failed, 0);
}

/* Eight at once, each with files of its own: on watch each may be in the middle of one when the scope is condemned. */
static void test_parallel(void **state)
{
	const int wipers = 8;
	int gone;

	(void)state;
	refill();
	attack(&s, "for i in 1 2 4 5 7 8 10 11; do $B/wipe unlinkat $HOME/docs & done; wait");
	gone = lost();
	print_message("%d wipers: %d of %d files lost\n", wipers, gone, FILES);
	assert_true(judged());
	assert_true(gone <= (backend == WS_BACKEND_DENY ? 0 : wipers));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_more_ways),
		cmocka_unit_test(test_parallel),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, begin, attack_end);
}
