// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_places.c - places as sets, what packages created, and by whom it may be changed: in the
 * session, by another package of the same name, and in a later session.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "attack.h"
#include "base/cleanup.h"
#include "kernel/sessions.h"

static const char *const rules[] = {
	RULE("destroy", "\"write\",\"rename\",\"unlink\",\"chmod\"", "kill",
	     "\"place\":[\"home\"],"),
	RULE("make", "\"create\",\"link\"", "kill",
	     "\"place\":[\"home\"],\"unless\":{\"new_directory\":[\"~/.*\",\"~/.config/*\"]},"),
	RULE("others", "\"write\",\"create\",\"rename\",\"link\",\"unlink\"", "kill",
	     "\"place\":[\"modules\"],"),
	RULE("shell", "\"write\",\"create\",\"rename\",\"link\",\"unlink\"", "kill",
	     "\"path\":[\"~/.config/fish/**\"],\"unless\":{\"place\":[\"own\",\"modules\"]},"),
	RULE("editor", "\"write\",\"create\",\"rename\",\"link\",\"unlink\"", "kill",
	     "\"path\":[\"/**/.editor/tasks.json\",\"/**/.ci/**\"],"
	     "\"unless\":{\"place\":[\"own\",\"made\",\"tmp\"]},"),
	NULL,
};

static int begin(void **state)
{
	(void)state;
	return attack_begin(rules);
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char command[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	assert_int_equal(system(command), 0);
}

/* As the package whose directory is project/node_modules/NAME, or DIR of that directory. */
static int as_package(const char *dir, const char *script)
{
	char full[512];
	const char *name = strrchr(dir, '/');

	snprintf(full, sizeof(full), "%s/%s", s.dir, dir);
	run("mkdir -p '%s'", full);
	return stage_script(&s, full, "postinstall", name + 1, script);
}

static void passes(const char *dir, const char *script)
{
	int status = as_package(dir, script);

	if (!WIFEXITED(status) || WEXITSTATUS(status) || s.verdict_count)
		fail_msg("%s: %s: status %x, %u verdicts, rule %u on %s", dir, script, status,
			 s.verdict_count, s.verdicts[0].rule, s.verdicts[0].path);
}

/* rule: NULL: any */
static void dies(const char *dir, const char *script, const char *rule)
{
	int status = as_package(dir, script);

	if (!stage_killed(status) || (rule ? !stage_verdict(&s, rule) : !s.verdict_count))
		fail_msg("%s: %s: status %x, %u verdicts, rule %u on %s", dir, script, status,
			 s.verdict_count, s.verdicts[0].rule, s.verdicts[0].path);
}

#define MODULES "project/node_modules/"

/* A package may make a directory of its own in the home, and do what it likes there. */
static void test_own_directory(void **state)
{
	(void)state;
	passes(MODULES "maker", "set -e; mkdir $HOME/.maker; cd $HOME/.maker; echo a > x; echo b > "
				"y; mv y x; chmod 600 x; ln x z; mkdir -p d/e; mv d f; rm -r f z; "
				"rm x");
	passes(MODULES "maker", "rmdir $HOME/.maker && mkdir $HOME/.maker && echo b > "
				"$HOME/.maker/x");
	passes(MODULES "maker", "mkdir -p $HOME/.config/maker-nodejs && echo 1 > "
				"$HOME/.config/maker-nodejs/config.json");
	dies(MODULES "file", "echo > $HOME/.plainrc", "make");
	dies(MODULES "socket", "mkfifo $HOME/.fifo", "make");
	dies(MODULES "symlink", "ln -s /etc/passwd $HOME/.link", "make");
	dies(MODULES "hard", "ln $HOME/docs/thesis.txt $HOME/.hard", "make");
	dies(MODULES "deep", "mkdir $HOME/docs/deep", "make");
	dies(MODULES "moved", "echo > x; mv x $HOME/.moved", "destroy");
}

/* Where many programs keep directories, the first one does not own those of the others. */
static void test_shared_directory(void **state)
{
	(void)state;
	run("rm -rf '%s/home/.config'", s.dir);
	passes(MODULES "first", "mkdir -p $HOME/.config/first && echo > $HOME/.config/first/x");
	dies(MODULES "first", "echo > $HOME/.config/second.conf", "make");
	run("rm -rf '%s/home/.config'", s.dir);
	passes(MODULES "third", "mkdir -p $HOME/.config/third");
	dies(MODULES "third", "mv $HOME/.config $HOME/.elsewhere", NULL);
	/* start-up files are protected in what the package made itself, too */
	run("rm -rf '%s/home/.config'", s.dir);
	dies(MODULES "shell",
	     "mkdir -p $HOME/.config/fish && echo > $HOME/.config/fish/config.fish", "shell");
	run("rm -rf '%s/home/.config'", s.dir);
	passes(MODULES "mover", "mkdir -p $HOME/.config $HOME/.mover/fish");
	dies(MODULES "mover", "mv $HOME/.mover/fish $HOME/.config/fish", "shell");
}

/*
 * Who makes the directory in which rules protect names, by whatever call, does not own those names.
 * What is made elsewhere may hold a directory of that name.
 */
static void test_guarded_directory(void **state)
{
	static const char *const attacks[] = {
		"mkdir .editor && echo > .editor/tasks.json",
		"mkdir -p .editor/x && echo > .editor/tasks.json",
		"mkdir made && echo > made/tasks.json && mv made .editor",
		"mkdir made && echo > made/tasks.json && ln -s made .editor",
		"mkdir made && echo > made/tasks.json && ln -s $PWD/made .editor",
		"ln -s $P .editor",
		"mkdir .editor && ln $P/tasks.json .editor/tasks.json",
		"mkdir .ci && mkdir .ci/x",
		"mkdir .ci && ln -s /etc/passwd .ci/x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
		char script[256], package[64];

		run("rm -rf '%s'/project/.editor '%s'/project/.ci '%s'/project/made", s.dir, s.dir,
		    s.dir);
		snprintf(script, sizeof(script), "P=$PWD; echo > tasks.json; cd %s/project && %s",
			 s.dir, attacks[i]);
		snprintf(package, sizeof(package), MODULES "guarded%zu", i);
		dies(package, script, "editor");
	}
	run("rm -rf '%s'/project/.editor '%s'/project/.ci '%s'/project/made", s.dir, s.dir, s.dir);
	/* all else in it is the package's own, and so is the directory */
	passes(MODULES "keeper",
	       "set -e; mkdir $HOME/.editor; cd $HOME/.editor; echo > x; mkdir d; "
	       "echo > d/y; mv x d; rm -r d; cd ..; rmdir .editor");
	passes(MODULES "other",
	       "mkdir .editor && echo > .editor/tasks.json && ln -s .editor .ci && rm .ci; cd "
	       "../.. && "
	       "mkdir -p made/.editor && echo > made/.editor/tasks.json && rm -r made");
}

/* What a package of one name made belongs to all of that name in the session, and to no other. */
static void test_family(void **state)
{
	(void)state;
	passes(MODULES "family", "mkdir $HOME/.family && echo 1 > $HOME/.family/x");
	passes(MODULES "@good/pkg/node_modules/family", "echo 2 > $HOME/.family/y; rm "
							"$HOME/.family/x");
	passes(MODULES "@good/pkg/node_modules/family", "mkdir $HOME/.family2");
	passes(MODULES "family", "echo 2 > $HOME/.family2/y");
	dies(MODULES "@x/family", "rm $HOME/.family/y", "destroy");
	dies(MODULES "stranger", "echo > $HOME/.family/z", "make");
}

static void enter(const char *package, const char *path, bool guarded)
{
	struct ws_made made = { .count = 1, .guarded = guarded };
	char full[512];
	_close_ int fd = -1;

	snprintf(full, sizeof(full), "%s/%s", s.dir, path);
	fd = open(full, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(loader_identify(s.loader, fd, &made.ids[0]), 0);
	assert_int_equal(loader_made_before(s.loader, s.session, package, &made), 0);
}

/* ... and of an earlier session. */
static void test_made_before(void **state)
{
	(void)state;
	run("cd '%s/home' && mkdir -p .tool/bin docs/made && echo > .tool/bin/tool && echo > "
	    ".other && echo > docs/made/x",
	    s.dir);
	enter("tool", "home/.tool", false);
	enter("@scope/tool", "home/.other", false);
	passes(MODULES "tool", "rm $HOME/.tool/bin/tool && echo > $HOME/.tool/bin/tool");
	passes(MODULES "@good/pkg/node_modules/tool", "rm -r $HOME/.tool");
	passes(MODULES "@scope/tool", "echo > $HOME/.other");
	run("mkdir '%s/home/.editor'", s.dir);
	enter("guarding", "home/.editor", true);
	passes(MODULES "guarding", "echo > $HOME/.editor/x; rm $HOME/.editor/x");
	dies(MODULES "guarding", "echo > $HOME/.editor/tasks.json", "editor");
	run("rm -r '%s/home/.editor'", s.dir);
	dies(MODULES "tool", "rm $HOME/.other", "destroy");
	dies(MODULES "other", "rm $HOME/docs/made/x", "destroy");
}

/* The project is the home: what is below it stays protected. */
static void test_home_is_project(void **state)
{
	(void)state;
	passes("home/node_modules/pkg", "echo > x; mkdir build; mv x build/x; rm -r build");
	dies("home/node_modules/writer", "echo > $HOME/docs/thesis.txt", "destroy");
	dies("home/node_modules/maker", "echo > $HOME/.profile", "make");
	dies("home/node_modules/eraser", "rm -rf $HOME/docs", "destroy");
	dies("home/node_modules/neighbour", "echo > ../pkg/x", "others");
}

/* Directories called node_modules in other parts of the project are its packages'. */
static void test_neighbours(void **state)
{
	(void)state;
	run("cd '%s/project' && mkdir -p packages/b/node_modules/victim && echo > "
	    "packages/b/node_modules/victim/x && mkdir -p node_modules/victim && echo > "
	    "node_modules/victim/x && ln -s node_modules/victim link",
	    s.dir);
	passes("project/packages/a/node_modules/p",
	       "set -e; mkdir node_modules node_modules/q; echo > node_modules/q/x; echo > "
	       "../../../../y; rm -r node_modules; mkdir -p $W/tmp/n/node_modules/z; echo > "
	       "$W/tmp/n/node_modules/z/x");
	dies("project/packages/a/node_modules/e1", "echo > ../../../../node_modules/victim/x",
	     "others");
	dies("project/packages/a/node_modules/e2", "rm ../../../b/node_modules/victim/x", "others");
	dies("project/packages/a/node_modules/e3", "echo > ../../../../link/y", "others");
	dies("project/packages/a/node_modules/e4", "mkdir ../../../../node_modules/.bin", "others");
	dies(MODULES "e5", "echo > x; mv x ../../packages/b/node_modules/victim/y", "others");
}

/* A command that the manager linked to the package's program is the package's, and nobody else's.
 */
static void test_own_links(void **state)
{
	int status;

	(void)state;
	run("mkdir -p '%s/home/.prefix/bin' '%s/project/node_modules/.bin'", s.dir, s.dir);
	status = stage_manager(&s, "cd $HOME/.prefix/bin && "
				   "ln -s ../lib/node_modules/cmd/cli.js cmd && "
				   "ln -s ../lib/node_modules/@a/b/cli.js scoped && "
				   "ln -s /usr/bin/true other && cd $W && "
				   "ln -s ../cmd/cli.js project/node_modules/.bin/cmd && "
				   "ln -s ../@a/b/cli.js project/node_modules/.bin/scoped; true");
	assert_int_equal(status, 0);
	passes("home/.prefix/lib/node_modules/cmd",
	       "cd $HOME/.prefix/bin && rm cmd && ln -s ../lib/node_modules/cmd/native cmd && "
	       "rm cmd && echo > cmd && chmod 755 cmd");
	passes(MODULES "cmd", "cd ../.bin && rm cmd && ln -s ../cmd/native cmd");
	passes(MODULES "@a/b", "cd ../../.bin && rm scoped && ln -s ../@a/b/x scoped");
	/* ln -sf makes a link of another name, and renames it */
	passes("home/.prefix/lib/node_modules/cmd",
	       "cd $HOME/.prefix/bin && ln -sf ../lib/node_modules/cmd/native cmd && "
	       "ln -sf /a-name-that-is-longer/than-what-an-inode-of-this-file-system-holds cmd && "
	       "ln -sf ../lib/node_modules/cmd/cli.js cmd");
	dies(MODULES "no-link", "echo > $HOME/.prefix/bin/Cu654321", "make");
	dies(MODULES "short", "ln -s x $HOME/.prefix/bin/Cu12345", "make");
	dies(MODULES "place", "ln -s x $HOME/.prefix/Cu123456", "make");
	dies(MODULES "cmd", "echo > $HOME/.prefix/bin/cmd2", "make");
	dies(MODULES "thief", "rm ../.bin/cmd", "others");
	dies(MODULES "thief2", "ln -sf $PWD/x ../.bin/scoped", "others");
	dies(MODULES "b", "rm $HOME/.prefix/bin/scoped", "destroy");
	dies(MODULES "thief3", "ln -sf $PWD/x $HOME/.prefix/bin/other", "destroy");
	dies(MODULES "neither", "rm $HOME/.prefix/bin/other", "destroy");
	run("echo > '%s/home/.prefix/bin/other'", s.dir); /* a file: the link is gone on watch */
	dies("home/.prefix/lib/node_modules/true", "rm $HOME/.prefix/bin/other", "destroy");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_directory),	  cmocka_unit_test(test_shared_directory),
		cmocka_unit_test(test_guarded_directory), cmocka_unit_test(test_family),
		cmocka_unit_test(test_made_before),	  cmocka_unit_test(test_home_is_project),
		cmocka_unit_test(test_neighbours),	  cmocka_unit_test(test_own_links),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, begin, attack_end);
}
