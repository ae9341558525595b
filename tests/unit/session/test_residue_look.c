// SPDX-License-Identifier: GPL-2.0-only
/* test_residue_look.c - what changed is found however it was changed, what did not is not; nobody
 * waits for a file system that does not answer. */
#define _GNU_SOURCE /* struct timespec of utimensat */
#include "session/residue_look.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "tree.h"

static struct residue found;
static uint64_t since;

/* Longer than the kernel's stamps are coarse. */
static void begin(void)
{
	usleep(60000);
	since = clock_ns(CLOCK_REALTIME);
}

static void look(void)
{
	_free_ char *path = NULL, *cache = NULL;
	char *environment[] = { NULL, NULL, "EMPTY=", NULL };
	struct run_as as = { .uid = getuid(), .gid = getgid() };
	struct residue_sources s = { .environment = environment, .home = tree_top, .cwd = NULL };
	struct residue_look l = RESIDUE_LOOK_INIT;

	assert_true(asprintf(&path, "PATH=/nowhere:%s/tools::relative:%s/tools", tree_top,
			     tree_top) > 0);
	assert_true(asprintf(&cache, "RUNNER_TOOL_CACHE=%s/cache", tree_top) > 0);
	environment[0] = path;
	environment[1] = cache;
	residue_free(&found);
	residue_look_start(&l, &s, &as);
	residue_look_take(&found, &l, since, RESIDUE_LOOK_MS);
	assert_int_equal(l.socket, -1);
	/* files of this machine that others change meanwhile are none of the test's */
	for (size_t i = 0; i < found.count;) {
		if (strncmp(found.at[i].path, tree_top, strlen(tree_top)) == 0) {
			i++;
			continue;
		}
		free(found.at[i].path);
		memmove(&found.at[i], &found.at[i + 1], (--found.count - i) * sizeof(found.at[0]));
	}
}

/* Whether it is in the list once: 1 changed, 2 new; 0: it is not there. */
static int has(const char *name)
{
	int n = 0, kind = 0;

	for (size_t i = 0; i < found.count; i++) {
		if (strcmp(found.at[i].path, tree_path(tree_top, name)) != 0)
			continue;
		n++;
		kind = found.at[i].made ? 2 : 1;
	}
	assert_true(n <= 1);
	return kind;
}

static void nothing(void **state)
{
	(void)state;
	tree_add(tree_top, ".bashrc", "old");
	tree_add(tree_top, ".config/systemd/user/a.service", "old");
	tree_add(tree_top, "tools/x", "old");
	begin();
	tree_add(tree_top, "other", "new"); /* no place of the table */
	look();
	assert_int_equal(found.count, 0);
	assert_false(found.incomplete);
}

static void set_back(const char *name)
{
	struct timespec long_ago[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };

	assert_int_equal(utimensat(AT_FDCWD, tree_path(tree_top, name), long_ago, 0), 0);
}

static void changes(void **state)
{
	(void)state;
	for (const char *const *name =
		     (const char *const[]){ ".bashrc", ".profile", ".zshrc", ".zshenv", ".npmrc",
					    ".gitconfig", NULL };
	     *name; name++)
		tree_add(tree_top, *name, "old");
	tree_add(tree_top, "elsewhere", "old");
	tree_add(tree_top, ".config/git/", NULL);
	tree_add(tree_top, ".config/autostart/gone.desktop", "old");
	tree_add(tree_top, "tools/", NULL);
	tree_add(tree_top, "cache/node/20/bin/node", "old");
	begin();
	tree_add(tree_top, ".bashrc", "written");
	tree_add(tree_top, ".profile", "written");
	set_back(".profile");
	assert_int_equal(chmod(tree_path(tree_top, ".zshrc"), 0700), 0);
	assert_int_equal(rename(tree_path(tree_top, "elsewhere"), tree_path(tree_top, ".zshenv")),
			 0);
	assert_int_equal(link(tree_path(tree_top, ".npmrc"), tree_path(tree_top, "another")), 0);
	tree_add(tree_top, "another", "by another name");
	assert_int_equal(unlink(tree_path(tree_top, ".gitconfig")), 0);
	tree_link(tree_top, ".gitconfig", "/etc/hostname");
	tree_add(tree_top, ".config/git/attributes", "new");
	assert_int_equal(unlink(tree_path(tree_top, ".config/autostart/gone.desktop")), 0);
	tree_add(tree_top, "tools/data", "no program");
	tree_add(tree_top, "tools/program", "new");
	assert_int_equal(chmod(tree_path(tree_top, "tools/program"), 0755), 0);
	tree_link(tree_top, "tools/link", "/bin/sh");
	tree_add(tree_top, "cache/node/20/bin/node", "changed");
	tree_add(tree_top, "cache/go/1.22/bin/go", "new");
	tree_add(tree_top, "cache/go/1.22/bin/gofmt", "new");
	look();
	assert_int_equal(has(".bashrc"), 1);
	assert_int_equal(has(".profile"), 1);
	assert_int_equal(has(".zshrc"), 1);
	assert_int_not_equal(has(".zshenv"), 0);
	assert_int_equal(has(".npmrc"), 1);
	assert_int_equal(has(".gitconfig"), 2);
	assert_int_equal(has(".config/git/attributes"), 2);
	assert_int_equal(has(".config/git"), 0);
	assert_int_equal(has(".config/autostart"), 1); /* something is gone */
	assert_int_equal(has("tools/program"), 2);
	assert_int_equal(has("tools/link"), 2);
	assert_int_equal(has("tools/data"), 0);
	assert_int_equal(has("cache/node/20/bin/node"), 1);
	assert_int_equal(has("cache/go"), 2); /* a new directory is one entry */
	assert_int_equal(found.count, 12);
	assert_false(found.incomplete);
}

/* The place itself stays as it was, and others' files are in it. */
static void above(void **state)
{
	(void)state;
	tree_add(tree_top, ".config/systemd/user/good.service", "old");
	tree_add(tree_top, "evil/user/evil.service", "old");
	tree_add(tree_top, ".cargo/config.toml", "old");
	tree_add(tree_top, "evil2/config.toml", "old");
	begin();
	assert_int_equal(
		rename(tree_path(tree_top, ".config/systemd"), tree_path(tree_top, "kept")), 0);
	tree_link(tree_top, ".config/systemd", "../evil");
	assert_int_equal(rename(tree_path(tree_top, ".cargo"), tree_path(tree_top, "kept2")), 0);
	assert_int_equal(rename(tree_path(tree_top, "evil2"), tree_path(tree_top, ".cargo")), 0);
	look();
	assert_int_equal(has(".config/systemd"), 2);
	assert_true(has(".cargo"));
}

/* 60,000 files in one place: the others are looked at, and it is said that there are more. */
static void many(void **state)
{
	_close_ int dir = -1;
	char name[32];

	(void)state;
	tree_add(tree_top, ".config/fish/", NULL);
	tree_add(tree_top, "tools/", NULL);
	dir = open(tree_path(tree_top, ".config/fish"), O_PATH | O_DIRECTORY);
	begin();
	for (int i = 0; i < 60000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_int_equal(mknodat(dir, name, S_IFREG | 0600, 0), 0);
	}
	tree_link(tree_top, "tools/last", "/bin/sh");
	look();
	assert_int_equal(has("tools/last"), 2);
	assert_true(found.incomplete);
	assert_true(found.more > 40000);
	assert_true(found.count < 100);
}

/* A directory that it may not read, or that is a loop, is no way to hide. */
static void odd(void **state)
{
	(void)state;
	tree_add(tree_top, ".config/fish/a/b", "old");
	tree_add(tree_top, ".zshrc/", NULL);
	begin();
	tree_link(tree_top, ".config/fish/loop", ".");
	assert_int_equal(mkfifo(tree_path(tree_top, ".bashrc"), 0600), 0);
	tree_add(tree_top, ".zshrc/in it", "new");
	tree_add(tree_top, ".config/autostart/a\nb\033[0m", "new");
	look();
	assert_int_equal(has(".config/fish/loop"), 2);
	assert_int_equal(has(".bashrc"), 2);
	assert_int_equal(has(".zshrc/in it"), 2);
	assert_int_equal(has(".config/autostart/a\nb\033[0m"), 2);
	assert_int_equal(found.count, 4);
}

/* Without an answer the list is incomplete, and what was found stays. */
static void dead(void **state)
{
	struct residue_sources s = { .home = tree_top };
	struct run_as as = { .uid = getuid(), .gid = getgid() };
	struct residue_look l = RESIDUE_LOOK_INIT, none = RESIDUE_LOOK_INIT;
	uint64_t before;
	pid_t pid;

	(void)state;
	residue_free(&found);
	residue_look_start(&l, &s, &as);
	pid = l.pid;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	before = clock_ns(CLOCK_MONOTONIC);
	residue_look_take(&found, &l, since, 200);
	assert_true(clock_ns(CLOCK_MONOTONIC) - before < 2000000000ULL);
	assert_true(found.incomplete);
	assert_int_equal(waitpid(pid, NULL, 0), -1); /* it is not left behind */
	residue_free(&found);
	residue_look_take(&found, &none, since, 200);
	assert_true(found.incomplete);
}

static void clock_was_set(void **state)
{
	uint64_t mono = clock_ns(CLOCK_MONOTONIC), real = clock_ns(CLOCK_REALTIME) - mono, now;

	(void)state;
	now = residue_since(mono, real + 5000000000ULL); /* it was set back by 5 s */
	assert_true(now <= mono + real + 1000000 && now + 1000000 >= mono + real);
	assert_int_equal(residue_since(mono, real - 5000000000ULL), mono + real - 5000000000ULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(changes, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(above, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(many, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(odd, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(dead, tree_setup, tree_teardown),
		cmocka_unit_test(clock_was_set),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	residue_free(&found);
	return failed;
}
