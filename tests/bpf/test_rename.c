// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_rename.c - a rename is judged for the name that goes and for the name that comes, each once,
 * at its own place, whatever the file system; and for no name beside these.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "policy/names.h"

static const char *const rules[] = {
	RULE("seen", "\"rename\"", "alert", "\"place\":[\"home\"],"),
	RULE("trap", "\"rename\"", "kill", "\"path\":[\"/**/a/y\",\"/**/b/x\",\"/**/trap/**\"],"),
	NULL,
};

static const struct {
	const char *way;
	const char *names[4]; /* below r/, each reported once */
	bool trap;	      /* one of them is in the rule */
} ways[] = {
	{ "mv a/x a/z", { "a/x", "a/z" }, false },
	{ "mv a/x b/y", { "a/x", "b/y" }, false },
	{ "mv b/y a/x1", { "b/y", "a/x1" }, false },
	{ "mv a/x b/x", { "a/x", "b/x" }, true },
	{ "mv b/y a/y", { "b/y", "a/y" }, true },
	{ "mv -f a/x b/old", { "a/x", "b/old" }, false },
	{ "mv -f a/x a/old", { "a/x", "a/old" }, false },
	{ "mv a/x a/d/y", { "a/x", "a/d/y" }, false },
	{ "mv a/d/f b/f", { "a/d/f", "b/f" }, false },
	{ "mv a/d/f a/f", { "a/d/f", "a/f" }, false },
	/* directories */
	{ "mv a/d a/e", { "a/d", "a/e" }, false },
	{ "mv a/d b/y1", { "a/d", "b/y1" }, false },
	{ "mv a/d b/y/", { NULL }, false }, /* fails: no directory */
	{ "mv -T a/d b/empty", { "a/d", "b/empty" }, false },
	{ "mv a/d/deep a/e", { "a/d/deep", "a/e" }, false },
	{ "mv b/empty a/d/y", { "b/empty", "a/d/y" }, false },
	/* one of several names */
	{ "mv a/first b/z", { "a/first", "b/z" }, false },
	{ "mv a/second b/z", { "a/second", "b/z" }, false },
	{ "mv a/first a/z", { "a/first", "a/z" }, false },
	{ "mv a/second a/z", { "a/second", "a/z" }, false },
	{ "mv a/x b/third", { "a/x", "b/third" }, false },
	/* links */
	{ "mv a/link b/y1", { "a/link", "b/y1" }, false },
	/* both at once */
	{ "swap a/x b/old", { "a/x", "b/old" }, false },
	{ "swap a/x a/old", { "a/x", "a/old" }, false },
	{ "swap a/d b/old", { "a/d", "b/old" }, false },
	{ "ring a/x b/y", { "a/x", "b/y" }, false },
	{ "ring a/x a/z", { "a/x", "a/z" }, false },
	{ "ring a/d b/y1", { "a/d", "b/y1" }, false },
};

static int begin(void **state)
{
	(void)state;
	return attack_begin(rules);
}

static int end(void **state)
{
	char command[512];

	snprintf(command, sizeof(command), "umount -l '%s/home/r' 2>/dev/null; true", s.dir);
	assert_int_equal(system(command), 0);
	return attack_end(state);
}

static void refill(void)
{
	char command[1024];

	snprintf(
		command, sizeof(command),
		"mkdir -p '%s/home/r' && cd '%s/home/r' && rm -rf a b && mkdir -p a/d/deep b/empty "
		"&& touch a/x a/old b/y b/old a/d/f a/first b/third && ln a/first a/second && "
		"ln b/third b/fourth && ln -s x a/link && mv b/y b/t && mv b/t b/y",
		s.dir, s.dir);
	assert_int_equal(system(command), 0);
}

static unsigned reported(const char *name)
{
	char path[512];
	unsigned n = 0;

	snprintf(path, sizeof(path), "%s/home/r/%s", s.dir, name);
	for (unsigned i = 0; i < s.verdict_count; i++)
		n += !strcmp(s.verdicts[i].path, path);
	return n;
}

/* Returns how many went wrong. */
static int try_all(const char *where)
{
	bool node = !system("command -v node >/dev/null");
	int failed = 0;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		unsigned expected = 0, each = 1, most;
		bool bad = false;
		enum outcome o;

		if (!node && !strncmp(ways[i].way, "ring", 4))
			continue;
		refill();
		o = attack(
			&s,
			"cd $HOME/r && swap() { perl -e 'exit(syscall(316, -100, $ARGV[0], -100, "
			"$ARGV[1], 2) != 0)' $1 $2; } && ring() { UV_USE_IO_URING=1 node -e "
			"'require(\"fs\").rename(process.argv[1], process.argv[2], e => { if (e) "
			"process.exitCode = 1 }); setTimeout(() => 0, 300)' $1 $2; } && %s",
			ways[i].way);
		/* deny: the hook is called for each of the two that change places */
		most = !strncmp(ways[i].way, "swap", 4) ? 2 : 1;
		for (; expected < 4 && ways[i].names[expected]; expected++) {
			each = reported(ways[i].names[expected]);
			bad |= !each || each > most;
		}
		bad |= s.verdict_count > expected * most;
		for (unsigned k = 0; k < s.verdict_count; k++)
			bad |= strstr(s.verdicts[k].path, "/home/r/") == NULL;
		bad |= (stage_verdict(&s, "trap") != NULL) != ways[i].trap;
		if (!bad)
			continue;
		attack_tell(ways[i].way, o, "on %s, %u records:", where, s.verdict_count);
		for (unsigned k = 0; k < s.verdict_count; k++)
			print_message("   %s %s%s\n", op_name(s.verdicts[k].op), s.verdicts[k].path,
				      s.verdicts[k].action >= WS_DENY ? " (trap)" : "");
		failed++;
	}
	return failed;
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(try_all("/tmp"), 0);
}

/* Of a file with many names, and with a string that changes while the call runs: the file's new
 * name is what the kernel says. */
static void test_flipped(void **state)
{
	static const char *const modes[] = { "rename-flip", "rename-many" };

	(void)state;
	for (int i = 0; i < 20; i++) {
		refill();
		assert_int_not_equal(attack(&s, "exec $B/plant %s $HOME/r/b/x", modes[i % 2]),
				     OUTCOME_THROUGH);
		if (!stage_verdict(&s, "trap"))
			fail_msg("%s: %u verdicts, the first %s", modes[i % 2], s.verdict_count,
				 s.verdict_count ? s.verdicts[0].path : "none");
	}
}

static void test_tmpfs(void **state)
{
	char command[512];

	(void)state;
	snprintf(command, sizeof(command),
		 "mkdir -p '%s/home/r' && mount -t tmpfs none '%s/home/r'", s.dir, s.dir);
	if (system(command)) {
		print_message("skip: no tmpfs here\n");
		return;
	}
	assert_int_equal(try_all("tmpfs"), 0);
}

static void test_overlay(void **state)
{
	char command[1024];

	(void)state;
	snprintf(command, sizeof(command),
		 "mkdir -p '%s/home/r' '%s/o' && mount -t tmpfs none '%s/o' && cd '%s/o' && mkdir "
		 "low up work && mount -t overlay -o lowerdir=low,upperdir=up,workdir=work none "
		 "'%s/home/r' && umount -l '%s/o'",
		 s.dir, s.dir, s.dir, s.dir, s.dir, s.dir);
	if (system(command)) {
		print_message("skip: no overlayfs here\n");
		return;
	}
	assert_int_equal(try_all("overlayfs"), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, begin, end),
		cmocka_unit_test_setup_teardown(test_flipped, begin, end),
		cmocka_unit_test_setup_teardown(test_tmpfs, begin, end),
		cmocka_unit_test_setup_teardown(test_overlay, begin, end),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
