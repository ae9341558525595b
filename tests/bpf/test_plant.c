// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_plant.c - every way to put content under a protected name. deny: not even an empty file is
 * created. watch: the process dies, and leaves an empty file, or the name that its one system call
 * made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "base/cleanup.h"

#define OPS "\"write\",\"create\",\"rename\",\"link\",\"unlink\""

#define PYCACHE "\"/**/__pycache__\",\"/**/__pycache__/*.pyc*\""

static const char *const rules[] = {
	RULE("workflow", OPS, "kill",
	     "\"path\":[\"/**/.github/workflows\",\"/**/.github/workflows/**\"],"),
	RULE("others", OPS, "kill", "\"place\":[\"modules\"],\"unless\":{\"path\":[" PYCACHE "]},"),
	RULE("pycache", OPS, "hide", "\"place\":[\"modules\"],\"path\":[" PYCACHE "],"),
	RULE("shell", OPS, "kill", "\"path\":[\"~/.bashrc\"],"),
	NULL,
};

static const struct target {
	const char *rule, *path; /* below the stage's directory */
	bool there;		 /* it exists before */
} targets[] = {
	{ "workflow", "project/.github/workflows/x.yml", false },
	{ "workflow", "project/.github/workflows/ci.yml", true },
	{ "others", "project/node_modules/@good/pkg/new.js", false },
	{ "others", "project/node_modules/@good/pkg/index.js", true },
	{ "shell", "home/.bashrc", false },
	{ "shell", "home/.bashrc", true },
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

/* Restores the state before the first attempt, by the test itself, outside the session. */
static void restore(const struct target *t)
{
	run("cd '%s' && rm -rf project/.github project/node_modules/@good home/.bashrc && "
	    "mkdir -p project/.github/workflows project/node_modules/@good/pkg && "
	    "echo 'on: push' > project/.github/workflows/ci.yml && "
	    "echo 'module.exports = 1' > project/node_modules/@good/pkg/index.js && { [ %d = 0 ] "
	    "|| echo old > '%s'; }",
	    s.dir, t->there, t->path);
}

/* What is at the name now. */
enum left { LEFT_AS_IT_WAS, LEFT_GONE, LEFT_EMPTY, LEFT_PLANTED, LEFT_OTHER };
static const char *const left_names[] = { "as it was", "gone", "an empty file", "PLANTED",
					  "something else" };

static enum left look(const struct target *t)
{
	static const char *const before[] = { "on: push\n", "module.exports = 1\n", "old\n" };
	_fclose_ FILE *f = NULL;
	char path[512], text[128] = "";
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", s.dir, t->path);
	if (lstat(path, &st))
		return t->there ? LEFT_GONE : LEFT_AS_IT_WAS;
	f = fopen(path, "r");
	if (!f)
		return LEFT_OTHER;
	(void)!fread(text, 1, sizeof(text) - 1, f);
	if (strstr(text, "planted"))
		return LEFT_PLANTED;
	for (size_t i = 0; t->there && i < ARRAY_SIZE(before); i++)
		if (!strcmp(text, before[i]))
			return LEFT_AS_IT_WAS;
	return text[0] ? LEFT_OTHER : LEFT_EMPTY;
}

/*
 * Modes whose one system call puts a file in place that was filled before: on watch the file is
 * there when the process dies.
 */
static bool at_once(const char *mode)
{
	static const char *const modes[] = { "rename",	   "link", "symlink",	  "tmpfile",
					     "rename-dir", "lock", "rename-flip", "rename-many" };

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (!strcmp(mode, modes[i]))
			return true;
	return false;
}

static bool reported(const char *rule)
{
	const struct stage_verdict *v = stage_verdict(&s, rule);

	return (v && v->effect != WS_EFFECT_NONE) ||
	       (s.verdict_count && s.verdicts[0].rule == WS_RULE_UNRESOLVED);
}

static bool fine(const char *mode, const struct target *t, enum outcome o)
{
	enum left left = look(t);
	bool ok = reported(t->rule) && o == OUTCOME_KILLED;

	if (o == OUTCOME_UNSUPPORTED)
		return left == LEFT_AS_IT_WAS;
	if (backend == WS_BACKEND_DENY)
		ok = ok && left == LEFT_AS_IT_WAS;
	else if (at_once(mode))
		ok = ok && left != LEFT_OTHER;
	else
		ok = ok && left != LEFT_PLANTED && left != LEFT_OTHER;
	if (!ok || left == LEFT_PLANTED)
		attack_tell(mode, o, "%s: %s, %u verdicts", t->path, left_names[left],
			    s.verdict_count);
	return ok;
}

static void test_control(void **state)
{
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "plant");
	for (size_t i = 0; i < m.count; i++) {
		enum outcome o = attack(&s, "mkdir d; exec $B/plant %s d/x planted", m.name[i]);

		if (o == OUTCOME_UNSUPPORTED)
			continue;
		if (o != OUTCOME_THROUGH || s.verdict_count) {
			attack_tell(m.name[i], o, "it should have got through");
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
	attack_modes(&m, "plant");
	for (size_t i = 0; i < m.count; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(targets); k++) {
			enum outcome o;

			/* a home cannot be moved; where time is short, half of the combinations are
			 * enough */
			if (!strcmp(m.name[i], "rename-dir") && !strcmp(targets[k].rule, "shell"))
				continue;
			if (attack_slow() && (i + k) % 2)
				continue;
			restore(&targets[k]);
			o = attack(&s, "exec $B/plant %s $W/%s planted", m.name[i],
				   targets[k].path);
			failed += !fine(m.name[i], &targets[k], o);
		}
	}
	assert_int_equal(failed, 0);
}

/* The name is written so that a sensor which compares strings does not recognise it. */
static void test_spellings(void **state)
{
	static const char *const ways[] = {
		/* some 1,600 bytes of detours before the name */
		"echo planted > x; p=; i=0; while [ $i -lt 400 ]; do p=$p././; i=$((i+1)); done; "
		"exec mv x $W/${p}%s",
		"echo planted > x; p=; i=0; while [ $i -lt 400 ]; do p=$p////; i=$((i+1)); done; "
		"exec ln -f x $W/${p}%s",
		"echo planted > x; cd $W/$(dirname %s); exec mv $OLDPWD/x $(basename %s)",
		"echo planted > x; ln -s $W/$(dirname %s) d; exec mv x d/$(basename %s)",
		"echo planted > x; exec mv x $W/$(dirname %s)/../$(basename $(dirname "
		"%s))/$(basename %s)",
		"echo planted > x; exec ln -sf $PWD/x $W/%s",
		"exec mknod $W/%s p",
		/* 3,900 bytes of detours, the kernel's limit is 4,095 */
		"echo planted > x; p=; i=0; while [ $i -lt 975 ]; do p=$p././; i=$((i+1)); done; "
		"cd $W && exec mv $OLDPWD/x ${p}%s",
	};
	const struct target *t = &targets[0];
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		enum outcome o;

		restore(t);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
		o = attack(&s, ways[i], t->path, t->path, t->path);
#pragma GCC diagnostic pop
		if (backend == WS_BACKEND_DENY ? look(t) != LEFT_AS_IT_WAS : false) {
			attack_tell(ways[i], o, "%s", left_names[look(t)]);
			failed++;
		}
		if (o != OUTCOME_KILLED || !reported("workflow")) {
			attack_tell(ways[i], o, "%u verdicts", s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

#define BIND                                                            \
	"perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) or die; " \
	"bind(S, sockaddr_un($ARGV[0])) or exit 4; exit 0' "

/* A socket that is bound to a path is a new name, too: whoever connects to it later talks to the
 * package. */
static void test_socket(void **state)
{
	char path[512];
	enum outcome o;

	(void)state;
	restore(&targets[0]);
	o = attack(&s, "exec " BIND "$W/project/.github/workflows/s");
	snprintf(path, sizeof(path), "%s/project/.github/workflows/s", s.dir);
	assert_int_equal(o, OUTCOME_KILLED);
	assert_true(reported("workflow"));
	assert_int_equal(access(path, F_OK) == 0, backend == WS_BACKEND_WATCH);
	unlink(path);
	/* the same by io_uring */
	o = attack(&s, "exec $B/plant ring-bind $W/project/.github/workflows/s");
	if (o != OUTCOME_UNSUPPORTED) {
		assert_int_equal(o, OUTCOME_KILLED);
		assert_true(reported("workflow"));
		assert_int_equal(access(path, F_OK) == 0, backend == WS_BACKEND_WATCH);
		unlink(path);
		assert_int_equal(attack(&s, "exec $B/plant ring-bind own"), OUTCOME_THROUGH);
	}
	assert_int_equal(attack(&s, "exec " BIND "own; exec " BIND "$W/tmp/s.$$"), OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 0);
}

/* Honest: as git writes files, within the own directory and the temporary one. */
static void test_honest(void **state)
{
	enum outcome o;

	(void)state;
	restore(&targets[0]);
	o = attack(&s,
		   "mkdir -p .git sub && echo a > .git/config.lock && mv .git/config.lock "
		   ".git/config && ln .git/config c2 && "
		   "ln -s c2 c3 && echo b > $W/tmp/t.$$ && mv $W/tmp/t.$$ sub/t && mkfifo f && "
		   "chmod 600 f c2 && mv sub sub2 && "
		   "truncate -s 0 c2 && rm -r .git c2 c3 f sub2 && "
		   /* paths of 1,000 to 3,900 bytes */
		   "p=deep; i=0; while [ $i -lt 75 ]; do p=$p/node_modules/a-package-with-a-name; "
		   "i=$((i+1)); done; mkdir -p $p && cd $(pwd) && "
		   "perl -e '$p = shift; mkdir \"$p/x\" or die; rename \"$p/x\", \"$p/y\" or die; "
		   "symlink \"z\", \"$p/l\" or die; link \"$p/l\", \"$p/m\" or die' $p && "
		   "rm -r deep");
	if (o != OUTCOME_THROUGH || s.verdict_count)
		fail_msg("%s, %u verdicts, path %s", outcome_name(o), s.verdict_count,
			 s.verdicts[0].path);
}

/*
 * The package links the file into its own directory, or where everybody may write, and writes
 * through the link.
 */
static void test_second_name(void **state)
{
	static const char *const ways[] = {
		"ln $W/%s l && echo planted >> l",
		"ln $W/%s l && exec truncate -s 3 l",
		"ln $W/%s $W/tmp/l.$$ && echo planted >> $W/tmp/l.$$",
		"ln $W/%s l && ln l m && mv m n && ln n o && echo planted >> o",
		"mkdir d && ln $W/%s d/l && mv d e && echo planted >> e/l",
		"ln $W/%s l && ln -s l s && cd / && echo planted >> $OLDPWD/s",
	};
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(targets); k++) {
			enum outcome o;

			if (!targets[k].there || (attack_slow() && (i + k) % 2))
				continue;
			restore(&targets[k]);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			o = attack(&s, ways[i], targets[k].path);
#pragma GCC diagnostic pop
			/* truncate opens for writing: it dies before it truncates */
			if (o == OUTCOME_KILLED && reported(targets[k].rule) &&
			    look(&targets[k]) == LEFT_AS_IT_WAS)
				continue;
			attack_tell(ways[i], o, "%s: %s, %u verdicts", targets[k].path,
				    left_names[look(&targets[k])], s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/*
 * One package makes the link, another one writes through it. The owner of the file may still write
 * to it.
 */
static void test_second_name_of_others(void **state)
{
	(void)state;
	restore(&targets[3]);
	assert_int_equal(attack(&s, "rm -f $W/tmp/left && ln $W/%s $W/tmp/left", targets[3].path),
			 OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 0);
	assert_int_equal(
		WEXITSTATUS(stage_script(
			&s, "node_modules/@good/pkg", "postinstall", "@good/pkg",
			"echo more >> index.js && cat index.js > x && chmod 755 index.js")),
		0);
	assert_int_equal(s.verdict_count, 0);
	restore(&targets[3]);
	assert_int_equal(attack(&s, "rm -f $W/tmp/left && ln $W/%s $W/tmp/left", targets[3].path),
			 OUTCOME_THROUGH);
	assert_int_equal(attack(&s, "echo planted >> $W/tmp/left"), OUTCOME_KILLED);
	assert_true(reported("others"));
	assert_int_equal(look(&targets[3]), LEFT_AS_IT_WAS);
}

/* A change that is refused without an accusation: the script continues. */
static void test_hidden_change(void **state)
{
	const struct stage_verdict *v;
	char path[512];
	int status;

	(void)state;
	run("mkdir -p '%s/project/node_modules/@good/pkg' && echo 'x = 1' > "
	    "'%s/project/node_modules/@good/pkg/mod.py'",
	    s.dir, s.dir);
	status = stage_package(&s, "mkdir ../@good/pkg/__pycache__; echo planted > "
				   "../@good/pkg/__pycache__/mod.cpython-311.pyc; "
				   "command -v python3 > /dev/null || exit 7; cd ../@good/pkg && "
				   "exec python3 -c 'import mod'");
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 7);
	v = stage_verdict(&s, "pycache");
	assert_non_null(v);
	assert_int_equal(v->action, WS_HIDE);
	assert_int_equal(v->effect,
			 backend == WS_BACKEND_DENY ? WS_EFFECT_REFUSED : WS_EFFECT_UNAVAILABLE);
	assert_null(stage_verdict(&s, "others"));
	snprintf(path, sizeof(path), "%s/project/node_modules/@good/pkg/__pycache__", s.dir);
	if (backend == WS_BACKEND_DENY)
		assert_int_equal(access(path, F_OK), -1);
	else
		limit("a compiled module beside a source that node-gyp runs",
		      access(path, F_OK) == 0);
}

/* Such a file system keeps no text in the inode of a link. */
static bool on_overlay(const char *dir)
{
	struct statfs st;

	return statfs(dir, &st) == 0 && st.f_type == 0x794c7630;
}

/*
 * A package may link its own program into the node_modules/.bin beside it, by the name of a command
 * that its manifest declares (evil, and here tool); nothing else there is its own.
 */
static void test_own_command(void **state)
{
	static const char *const honest[] = {
		"mkdir ../.bin && ln -s ../evil/index.js ../.bin/tool",
		"mkdir ../.bin && ln -s ../evil/./a..b/index.js ../.bin/evil && rm ../.bin/evil",
		("mkdir ../.bin && ln -s ../evil/a ../.bin/tool && ln -sf ../evil/b ../.bin/tool "
		 "&& ln -sf ../evil/a ../.bin/tool && rm ../.bin/tool"),
		/* by its full name, which file systems keep in the inode if it is short */
		"mkdir ../.bin && ln -s /a/node_modules/evil/x ../.bin/tool && rm ../.bin/tool",
		"mkdir ../.bin && ln -s /a/node_modules/b/node_modules/evil/x ../.bin/tool",
		("mkdir ../.bin && ln -s $PWD/a ../.bin/tool && ln -sf $PWD/a-name-that-is-longer-"
		 "than-60-bytes-and-so-lies-elsewhere ../.bin/tool && ln -sf $PWD/a ../.bin/tool "
		 "&& rm ../.bin/tool"),
		"mkdir -p x/node_modules/.bin && echo a > x/node_modules/.bin/sh",
	};
	static const char *const ways[] = {
		/* a command of another name */
		"mkdir ../.bin && ln -s ../evil/index.js ../.bin/sh",
		"mkdir ../.bin && ln -s ../evil/a ../.bin/tool && mv ../.bin/tool ../.bin/sh",
		"mkdir ../.bin && ln -s ../evil/a ../.bin/Cu123456 && mv ../.bin/Cu123456 "
		"../.bin/sh",
		"mkdir ../.bin && ln -s ../evil/index.js ../.bin/Culprit",
		"mkdir ../.bin && mkdir ../.bin/tool && echo a > ../.bin/tool/x && mv "
		"../.bin/tool/x ../.bin/sh",
		/* a link that leads elsewhere */
		"mkdir ../.bin && ln -s ../@good/pkg/index.js ../.bin/tool",
		"mkdir ../.bin && ln -s ../evil/../@good/pkg/index.js ../.bin/tool",
		"mkdir ../.bin && ln -s ../evil/.. ../.bin/tool",
		"mkdir ../.bin && ln -s ../evil2/x ../.bin/tool",
		"mkdir ../.bin && ln -s ../evil ../.bin/tool",
		"mkdir ../.bin && ln -s ../ev ../.bin/tool",
		"mkdir ../.bin && ln -s /bin/sh ../.bin/tool",
		"mkdir ../.bin && ln -s /node_modules/evil ../.bin/tool",
		"mkdir ../.bin && ln -s /node_modules/evil2/x ../.bin/tool",
		"mkdir ../.bin && ln -s /node_modules/evi/x ../.bin/tool",
		"mkdir ../.bin && ln -s /x_node_modules/evil/x ../.bin/tool",
		"mkdir ../.bin && ln -s /node_modules/evil/../b ../.bin/tool",
		/* a file, a second name, a pipe */
		"mkdir ../.bin && echo a > ../.bin/tool",
		"mkdir ../.bin && ln index.js ../.bin/tool",
		"mkdir ../.bin && mkfifo ../.bin/tool",
		/* what is called .bin, and where */
		"exec ln -s evil ../.bin",
		"exec touch ../.bin",
		"mkdir b && exec mv b ../.bin",
		"mkdir ../.bin && exec mv ../.bin ../bin",
		"exec mkdir ../@good/.bin",
		"exec mkdir ../@good/pkg/node_modules",
		"exec ln -s ../evil/index.js ../@good/tool",
	};
	/* where tool is a command of @good/pkg */
	static const char *const taken[] = {
		"exec rm ../.bin/tool",
		"exec mv ../.bin/tool ../.bin/evil",
		"ln -s ../evil/a ../.bin/evil && exec mv ../.bin/evil ../.bin/tool",
		"exec ln -sf ../evil/index.js ../.bin/tool",
		("exec ln -sf $PWD/a-name-that-is-longer-than-60-bytes-and-so-lies-elsewhere "
		 "../.bin/tool"),
	};
	char event[2048];
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(honest); i++) {
		enum outcome o;

		run("rm -rf '%s/project/node_modules/.bin'", s.dir);
		if (strstr(honest[i], "ln -sf") && backend == WS_BACKEND_DENY &&
		    on_overlay(s.dir)) {
			print_message("skip: known limit 47: %s\n", honest[i]);
			continue;
		}
		o = attack(&s, "%s", honest[i]);
		if (o != OUTCOME_THROUGH || s.verdict_count)
			fail_msg("%s: %s, %u verdicts, operation %u on %s", honest[i],
				 outcome_name(o), s.verdict_count, s.verdicts[0].op,
				 s.verdicts[0].path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(ways) + ARRAY_SIZE(taken); i++) {
		bool is_taken = i >= ARRAY_SIZE(ways);
		const char *way = is_taken ? taken[i - ARRAY_SIZE(ways)] : ways[i];
		enum outcome o;

		run("cd '%s/project/node_modules' && rm -rf .bin && mkdir -p @good/pkg", s.dir);
		if (is_taken)
			run("cd '%s/project/node_modules' && mkdir .bin && "
			    "ln -s ../@good/pkg/index.js .bin/tool",
			    s.dir);
		o = attack(&s, "%s", way);
		if (o == OUTCOME_KILLED && reported("others"))
			continue;
		attack_tell(way, o, "%u verdicts", s.verdict_count);
		failed++;
	}
	/* a command that no variable declares, but the 1,023rd byte of one's value */
	run("cd '%s/project/node_modules' && rm -rf .bin evil && mkdir evil", s.dir);
	snprintf(event, sizeof(event), "postinstall' LONG='%1018snpm_package_bin_sh=x", "");
	assert_true(stage_killed(
		stage_script(&s, "node_modules/evil", event, "evil",
			     "mkdir ../.bin && exec ln -s ../evil/index.js ../.bin/sh")));
	assert_true(reported("others"));
	run("rm -rf '%s/project/node_modules/.bin'", s.dir);
	assert_int_equal(failed, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control),	      cmocka_unit_test(test_modes),
		cmocka_unit_test(test_spellings),     cmocka_unit_test(test_honest),
		cmocka_unit_test(test_second_name),   cmocka_unit_test(test_second_name_of_others),
		cmocka_unit_test(test_hidden_change), cmocka_unit_test(test_own_command),
		cmocka_unit_test(test_socket),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, begin, attack_end);
}
