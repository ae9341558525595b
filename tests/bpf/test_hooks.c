// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_hooks.c - loads every hook of the backend that this kernel permits, triggers it by a real
 * process, and checks the effect.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "base/cleanup.h"

static const char *const rules[] = {
	RULE("aws", "\"read\",\"link\",\"rename\"", "kill",
	     "\"path\":[\"~/.aws/credentials\"],\"label\":\"secret\","),
	RULE("ssh", "\"read\"", "deny", "\"path\":[\"~/.ssh/id_*\"],"),
	RULE("workflow", "\"write\",\"create\",\"rename\",\"link\",\"unlink\"", "kill",
	     "\"path\":[\"/**/.github/workflows/**\"],"),
	RULE("new", "\"read\"", "kill", "\"path\":[\"~/.new/token\"],"),
	RULE("others", "\"write\",\"create\",\"rename\",\"link\",\"unlink\"", "kill",
	     "\"place\":[\"modules\"],"),
	RULE("docs", "\"unlink\",\"rename\",\"write\"", "kill", "\"place\":[\"home\"],"),
	RULE("memory", "\"memory\",\"ptrace\"", "kill", ""),
	RULE("metadata", "\"connect\"", "kill", "\"address\":[\"127.0.0.99/32\"],"),
	RULE("publish", "\"exec\"", "kill", "\"argv\":[\"** npm ** publish **\"],"),
	RULE("sock", "\"unix\"", "kill", "\"path\":[\"/**/docker.sock\"],"),
	RULE("note", "\"read\"", "alert", "\"path\":[\"~/note\"],\"label\":\"noted\","),
	NULL,
};

static int setup(void **state)
{
	(void)state;
	return attack_begin(rules);
}

static void show(void)
{
	for (unsigned i = 0; i < s.verdict_count; i++)
		print_message("verdict: rule %u op %u target %u path %s\n", s.verdicts[i].rule,
			      s.verdicts[i].op, s.verdicts[i].target_pid, s.verdicts[i].path);
}

/* The script succeeded, without a verdict. */
static void expect_quiet(int status)
{
	show();
	assert_int_equal(s.verdict_count, 0);
	assert_int_equal(status, 0);
}

static void expect(int status, const char *rule, unsigned op)
{
	const struct stage_verdict *v = stage_verdict(&s, rule);

	if (!v) {
		show();
		fail_msg("no verdict of %s (status %x, scopes %u, execs %u)", rule, status,
			 s.scopes, s.execs);
		return;
	}
	assert_int_equal(v->op, op);
	assert_string_equal(v->package, "evil");
	assert_string_equal(v->version, "1.2.3");
	assert_string_equal(v->event, "postinstall");
	assert_true(stage_killed(status));
}

static void test_honest(void **state)
{
	int status = stage_package(&s, "cat index.js >/dev/null && echo x > own.txt && cat "
				       "$W/home/docs/thesis.txt > /dev/null");

	(void)state;
	assert_int_equal(status, 0);
	assert_int_equal(s.verdict_count, 0);
	assert_int_equal(s.scopes, 1);
	assert_string_equal(s.last_scope.name, "evil");
	assert_int_equal(s.last_scope.actor, WS_ACTOR_PACKAGE);
}

static void test_job_is_free(void **state)
{
	(void)state;
	assert_int_equal(stage_job(&s, "cat $HOME/.aws/credentials > /dev/null"), 0);
	assert_int_equal(s.verdict_count, 0);
}

static void test_read(void **state)
{
	int status = stage_package(
		&s, "cat $HOME/.aws/credentials > $W/tmp/loot; sleep 5; touch $W/tmp/alive");
	char path[256];
	struct stat st;

	(void)state;
	expect(status, "aws", WS_OP_READ);
	snprintf(path, sizeof(path), "%s/tmp/loot", s.dir);
	if (!stat(path, &st))
		assert_int_equal(st.st_size, 0);
	snprintf(path, sizeof(path), "%s/tmp/alive", s.dir);
	assert_int_equal(stat(path, &st), -1);
	snprintf(path, sizeof(path), "%s/home/.aws/credentials", s.dir);
	assert_string_equal(stage_verdict(&s, "aws")->path, path);
}

/* A program whose file has no name in any file system. */
static void test_deleted_program(void **state)
{
	static const char *const modes[] = { "memfd", "deleted", "tmpfile" };
	char script[256];

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		int status;

		snprintf(script, sizeof(script), "exec $B/exec %s $B/tamper listen", modes[i]);
		status = stage_job(&s, script);
		assert_int_equal(s.verdict_count, 0);
		if (status && !strcmp(modes[i], "tmpfile")) { /* overlayfs of 6.1 has none */
			print_message("skip: tmpfile: unavailable here\n");
			continue;
		}
		assert_int_equal(status, 0);
		status = stage_package(&s, script);
		print_message("%s: status %x\n", modes[i], status);
		assert_int_not_equal(status, 0);
		assert_int_equal(s.verdict_count, 1);
		assert_int_equal(s.verdicts[0].rule, WS_RULE_UNRESOLVED);
		assert_int_equal(s.verdicts[0].op, WS_OP_EXEC);
		assert_int_equal(s.verdicts[0].effect, backend == WS_BACKEND_DENY
							       ? WS_EFFECT_REFUSED
							       : WS_EFFECT_KILLED_BEFORE);
	}
	assert_int_equal(stage_package(&s, "exec $B/exec plain $B/tamper listen"), 0);
	assert_int_equal(s.verdict_count, 0);
}

/* Every way to open: each mode of the truth binary must fail to get the file's bytes. */
static void test_open_forms(void **state)
{
	static const char *const modes[] = { "openat",	 "open",     "openat2",	  "rdwr",
					     "dirfd",	 "fchdir",   "relative",  "dots",
					     "procroot", "proccwd",  "symlink",	  "hardlink",
					     "handle",	 "bind",     "bind-file", "chroot",
					     "mmap",	 "sendfile", "splice",	  "copy-range",
					     "thread",	 "int80",    "uring",	  "uring-sqpoll" };
	char script[512];
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int status;

		/* a scope that was condemned stays so: each mode is another package */
		snprintf(script, sizeof(script), "mkdir -p node_modules/m%zu", i);
		assert_int_equal(stage_job(&s, script), 0);
		snprintf(script, sizeof(script),
			 "cd $W/tmp; exec $B/open %s $HOME/.aws/credentials", modes[i]);
		{
			char dir[64];

			snprintf(dir, sizeof(dir), "node_modules/m%zu", i);
			status = stage_script(&s, dir, "install", "m", script);
		}
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
			print_message("skip: open %s: unavailable here\n", modes[i]);
			continue;
		}
		if (!stage_killed(status) || !stage_verdict(&s, "aws")) {
			print_message("THROUGH: open %s: status %x, %u verdicts\n", modes[i],
				      status, s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* A secret that was created after the session began is protected by its name only, not by inode. */
static void test_new_secret(void **state)
{
	static const char *const modes[] = { "openat", "symlink", "procroot", "open-tree" };
	int failed = 0;

	(void)state;
	assert_int_equal(stage_job(&s, "mkdir -p $HOME/.new && echo CANARY-new > $HOME/.new/token"),
			 0);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		char script[256];
		int status;

		snprintf(script, sizeof(script), "exec $B/open %s $HOME/.new/token", modes[i]);
		status = stage_package(&s, script);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
			continue;
		if (!stage_killed(status) || !stage_verdict(&s, "new")) {
			print_message("THROUGH: open %s: status %x, %u verdicts\n", modes[i],
				      status, s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

static void test_write_other_package(void **state)
{
	(void)state;
	expect(stage_package(&s, "echo x >> ../@good/pkg/index.js; sleep 3"), "others",
	       WS_OP_WRITE);
}

/*
 * Two packages of one attacker: one links another package's file, the other takes the link into its
 * own directory and writes to it.
 */
static void test_moved_link(void **state)
{
	static const char *const ways[] = {
		"mv $W/tmp/d/second-name mine.js && echo evil >> mine.js; sleep 3",
		"mv $W/tmp/d . && echo evil >> d/second-name; sleep 3",
		"ln $W/tmp/d/second-name third.js && echo evil >> third.js; sleep 3",
		"exec 9<../@good/pkg/index.js; ln -L /proc/self/fd/9 third.js && echo evil >> "
		"third.js; sleep 3",
		"mv $W/tmp/d . && ln -s d/second-name l.js && exec 9<d/second-name && echo evil >> "
		"/proc/self/fd/9; sleep 3",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		assert_int_equal(stage_package(&s, "rm -rf $W/tmp/d && mkdir $W/tmp/d && ln "
						   "../@good/pkg/index.js $W/tmp/d/second-name"),
				 0);
		expect(stage_package(&s, ways[i]), "others", WS_OP_WRITE);
	}
}

static void test_workflow(void **state)
{
	(void)state;
	expect(stage_package(&s, "echo x > $W/project/.github/workflows/x.yml; sleep 3"),
	       "workflow", WS_OP_CREATE);
}

static void test_unlink(void **state)
{
	int status = stage_package(&s, "rm $W/home/docs/thesis.txt; sleep 3");
	char path[256];
	struct stat st;

	(void)state;
	expect(status, "docs", WS_OP_UNLINK);
	snprintf(path, sizeof(path), "%s/home/docs/thesis.txt", s.dir);
	if (backend == WS_BACKEND_DENY)
		assert_int_equal(stat(path, &st), 0);
}

static void test_rename(void **state)
{
	(void)state;
	expect(stage_package(&s, "mv $W/home/docs/thesis.txt $W/tmp/x; sleep 3"), "docs",
	       WS_OP_RENAME);
}

static void test_new_names(void **state)
{
	(void)state;
	expect(stage_package(&s, "ln -s /etc/passwd ../@good/pkg/x; sleep 3"), "others",
	       WS_OP_CREATE);
	expect(stage_package(&s, "mkdir ../@good/pkg/dir; sleep 3"), "others", WS_OP_CREATE);
	expect(stage_package(&s, "ln index.js ../@good/pkg/hard; sleep 3"), "others", WS_OP_LINK);
	expect(stage_package(&s, "mv index.js ../@good/pkg/moved; sleep 3"), "others",
	       WS_OP_RENAME);
	expect(stage_package(&s, "echo on > x && ln x $W/project/.github/workflows/l.yml; sleep 3"),
	       "workflow", WS_OP_LINK);
}

/* As esbuild does: link another package's file into the own directory, in place of an own file. */
static void test_honest_names(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) /* the second package finds the file linked already */
		expect_quiet(stage_package(&s, "ln ../@good/pkg/index.js linked && mv linked "
					       "index.js && mkdir d && ln -s ../x d/l && "
					       "rm -r d && chmod 755 index.js && ln index.js "
					       "$W/tmp/linked && rm $W/tmp/linked"));
}

/*
 * As make does thousands of times: a file is renamed over another one, whose inode is freed and
 * whose memory is soon another file's inode. That other file must not be taken for the renamed one.
 */
static void test_renamed_over(void **state)
{
	char script[512];
	int status;
	pid_t other;

	(void)state;
	other = fork();
	if (!other) { /* outside the session: makes files where a package may not */
		char path[256];

		for (unsigned i = 0;; i++) {
			snprintf(path, sizeof(path), "%s/project/node_modules/@good/pkg/other%u",
				 s.dir, i % 64);
			unlink(path);
			close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
		}
	}
	assert_true(other > 0);
	snprintf(script, sizeof(script),
		 "for n in 1 2 3 4; do mkdir -p r$n; perl -e 'for (1 .. $ARGV[1]) { open F, q(>), "
		 "qq($ARGV[0]/x); "
		 "rename qq($ARGV[0]/x), qq($ARGV[0]/y) or exit 1 }' r$n %d & done; wait",
		 getenv("VMTEST") ? 200 : 10000);
	status = stage_package(&s, script);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	expect_quiet(status);
}

static void test_memory(void **state)
{
	(void)state;
	expect(stage_package(&s, "cat /proc/$T/environ > /dev/null; sleep 3"), "memory",
	       WS_OP_MEMORY);
}

static void test_own_memory_is_free(void **state)
{
	(void)state;
	expect_quiet(stage_package(
		&s,
		"cat /proc/self/maps > /dev/null; cat /proc/self/environ /proc/thread-self/environ "
		"/proc/$$/maps > /dev/null; sh -c 'cat /proc/$PPID/environ' > /dev/null"));
}

static void test_ptrace(void **state)
{
	(void)state;
	expect(stage_package(&s, "$B/memory attach $T; sleep 3"), "memory", WS_OP_PTRACE);
}

/* A target that somebody else has stopped is known as such: nobody but he continues it. */
static void test_was_stopped(void **state)
{
	static const char *const ways[] = { "$B/memory attach $T; sleep 3",
					    "cat /proc/$T/environ > /dev/null; sleep 3" };
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_int_equal(kill(s.bystander, SIGSTOP), 0);
		assert_int_equal(waitpid(s.bystander, &status, WUNTRACED), s.bystander);
		expect(stage_package(&s, ways[i]), "memory", i ? WS_OP_MEMORY : WS_OP_PTRACE);
		assert_int_equal(s.verdicts[0].target_pid, s.bystander);
		assert_true(s.verdicts[0].flags & WS_F_WAS_STOPPED);
		assert_int_equal(kill(s.bystander, SIGCONT), 0);
		assert_int_equal(waitpid(s.bystander, &status, WCONTINUED), s.bystander);
		expect(stage_package(&s, ways[i]), "memory", i ? WS_OP_MEMORY : WS_OP_PTRACE);
		assert_false(s.verdicts[0].flags & WS_F_WAS_STOPPED);
		kill(s.bystander, SIGCONT);
	}
}

static void test_connect(void **state)
{
	(void)state;
	expect(stage_package(&s, "$B/net tcp 127.0.0.99:9; sleep 3"), "metadata", WS_OP_CONNECT);
}

static void test_exec_argv(void **state)
{
	(void)state;
	expect(stage_package(&s, "sh -c 'exit 0' npm publish; sleep 3"), "publish", WS_OP_EXEC);
}

static void test_label(void **state)
{
	(void)state;
	assert_int_equal(stage_job(&s, "echo n > $HOME/note"), 0);
	assert_int_equal(stage_package(&s, "cat $HOME/note > /dev/null"), 0);
	assert_non_null(stage_verdict(&s, "note"));
}

/* A path is reported whole, however long, in a record no larger than it has to be. */
static void test_record_size(void **state)
{
	static const unsigned depths[] = { 1, 5, 6, 7, 8, 12, 35 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(depths); i++) {
		const struct stage_verdict *v;
		char script[512];
		size_t len;

		/* components of 100 bytes below a home */
		snprintf(script, sizeof(script),
			 "c=$(printf %%0100d 0); cd $HOME || exit 1; i=0; while [ $i -lt %u ]; do "
			 "mkdir -p $c && cd $c || exit 1; i=$((i+1)); done; echo x > doc.txt",
			 depths[i]);
		assert_int_equal(stage_job(&s, script), 0);
		snprintf(script, sizeof(script),
			 "c=$(printf %%0100d 0); cd $HOME || exit 1; i=0; while [ $i -lt %u ]; do "
			 "cd $c || exit 1; i=$((i+1)); done; echo y > doc.txt",
			 depths[i]);
		expect(stage_package(&s, script), "docs", WS_OP_WRITE);
		v = stage_verdict(&s, "docs");
		len = strlen(v->path);
		assert_true(len > depths[i] * 101u && len < depths[i] * 101u + 200);
		assert_string_equal(v->path + len - 8, "/doc.txt");
		assert_int_equal(v->flags & WS_F_PATH_CUT, 0);
		if (len < 700)
			assert_true(v->size < 2400);
		else if (len > 800)
			assert_int_equal(v->size, sizeof(struct ws_rec_verdict));
	}
}

/* ... and without a path, smaller still. */
static void test_record_size_without_path(void **state)
{
	(void)state;
	expect(stage_package(&s, "$B/memory attach $T; sleep 3"), "memory", WS_OP_PTRACE);
	assert_true(stage_verdict(&s, "memory")->size < 1300);
}

static void test_lineage_survives(void **state)
{
	char path[256];
	struct stat st;

	/* the rest of a condemned scope dies at its next hook, whatever became of its parents and
	 * session id */
	stage_package(&s, "setsid sh -c 'sleep 0.2; cat $HOME/.aws/credentials' & sleep 1; touch "
			  "$W/tmp/alive");
	assert_non_null(stage_verdict(&s, "aws"));
	snprintf(path, sizeof(path), "%s/tmp/alive", s.dir);
	assert_int_equal(stat(path, &st), -1);
	(void)state;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_honest),
		cmocka_unit_test(test_job_is_free),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_write_other_package),
		cmocka_unit_test(test_moved_link),
		cmocka_unit_test(test_workflow),
		cmocka_unit_test(test_unlink),
		cmocka_unit_test(test_rename),
		cmocka_unit_test(test_new_names),
		cmocka_unit_test(test_honest_names),
		cmocka_unit_test(test_renamed_over),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_own_memory_is_free),
		cmocka_unit_test(test_ptrace),
		cmocka_unit_test(test_was_stopped),
		cmocka_unit_test(test_connect),
		cmocka_unit_test(test_exec_argv),
		cmocka_unit_test(test_label),
		cmocka_unit_test(test_lineage_survives),
		cmocka_unit_test(test_record_size),
		cmocka_unit_test(test_record_size_without_path),
		cmocka_unit_test(test_open_forms),
		cmocka_unit_test(test_new_secret),
		cmocka_unit_test(test_deleted_program),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, setup, attack_end);
}
