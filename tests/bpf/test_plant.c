// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_plant.c - every way to make a protected name hold something. deny: not even an empty file comes into being. watch:
 * the process dies, and what it leaves is an empty file, or the one name that its one system call made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "cleanup.h"

#define OPS "\"write\",\"create\",\"rename\",\"link\",\"unlink\""

#define PYCACHE "\"/**/__pycache__\",\"/**/__pycache__/*.pyc*\""

static const char *const rules[] = {
	RULE("workflow", OPS, "kill", "\"path\":[\"/**/.github/workflows\",\"/**/.github/workflows/**\"],"),
	RULE("others", OPS, "kill", "\"place\":[\"modules\"],\"unless\":{\"path\":[" PYCACHE "]},"),
	RULE("pycache", OPS, "hide", "\"place\":[\"modules\"],\"path\":[" PYCACHE "],"),
	RULE("shell", OPS, "kill", "\"path\":[\"~/.bashrc\"],"),
	NULL,
};

static const struct target {
	const char *rule, *path; /* below the stage's directory */
	bool there;		 /* it exists before */
} targets[] = {
	{"workflow", "project/.github/workflows/x.yml", false},
	{"workflow", "project/.github/workflows/ci.yml", true},
	{"others", "project/node_modules/@good/pkg/new.js", false},
	{"others", "project/node_modules/@good/pkg/index.js", true},
	{"shell", "home/.bashrc", false},
	{"shell", "home/.bashrc", true},
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

/* As it was before the first attempt; by the test itself, outside the session. */
static void restore(const struct target *t)
{
	run("cd '%s' && rm -rf project/.github project/node_modules/@good home/.bashrc && "
	    "mkdir -p project/.github/workflows project/node_modules/@good/pkg && "
	    "echo 'on: push' > project/.github/workflows/ci.yml && "
	    "echo 'module.exports = 1' > project/node_modules/@good/pkg/index.js && { [ %d = 0 ] || echo old > '%s'; }",
	    s.dir, t->there, t->path);
}

/* What is at the name now. */
enum left { LEFT_AS_IT_WAS, LEFT_GONE, LEFT_EMPTY, LEFT_PLANTED, LEFT_OTHER };
static const char *const left_names[] = {"as it was", "gone", "an empty file", "PLANTED", "something else"};

static enum left look(const struct target *t)
{
	static const char *const before[] = {"on: push\n", "module.exports = 1\n", "old\n"};
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

/* Its one system call puts a file in place, which was filled elsewhere before: on watch it is there when the process dies. */
static bool at_once(const char *mode)
{
	static const char *const modes[] = {"rename", "link", "symlink", "tmpfile", "rename-dir", "lock", "rename-flip"};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (!strcmp(mode, modes[i]))
			return true;
	return false;
}

static bool told(const char *rule)
{
	const struct stage_verdict *v = stage_verdict(&s, rule);

	return (v && v->effect != WS_EFFECT_NONE) || (s.verdict_count && s.verdicts[0].rule == WS_RULE_UNRESOLVED);
}

static bool fine(const char *mode, const struct target *t, enum outcome o)
{
	enum left left = look(t);
	bool ok = told(t->rule) && o == OUTCOME_KILLED;

	if (o == OUTCOME_UNSUPPORTED)
		return left == LEFT_AS_IT_WAS;
	if (backend == WS_BACKEND_DENY)
		ok = ok && left == LEFT_AS_IT_WAS;
	else if (at_once(mode))
		ok = ok && left != LEFT_OTHER;
	else
		ok = ok && left != LEFT_PLANTED && left != LEFT_OTHER;
	if (!ok || left == LEFT_PLANTED)
		attack_tell(mode, o, "%s: %s, %u verdicts", t->path, left_names[left], s.verdict_count);
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

			/* nobody moves his own home; one of each pair is enough where time is short */
			if (!strcmp(m.name[i], "rename-dir") && !strcmp(targets[k].rule, "shell"))
				continue;
			if (attack_slow() && (i + k) % 2)
				continue;
			restore(&targets[k]);
			o = attack(&s, "exec $B/plant %s $W/%s planted", m.name[i], targets[k].path);
			failed += !fine(m.name[i], &targets[k], o);
		}
	}
	assert_int_equal(failed, 0);
}

/* The name is spelled so that a reader of strings loses it. */
static void test_spellings(void **state)
{
	static const char *const ways[] = {
		/* some 1,600 bytes of detours before the name */
		"echo planted > x; p=; i=0; while [ $i -lt 400 ]; do p=$p././; i=$((i+1)); done; exec mv x $W/${p}%s",
		"echo planted > x; p=; i=0; while [ $i -lt 400 ]; do p=$p////; i=$((i+1)); done; exec ln -f x $W/${p}%s",
		"echo planted > x; cd $W/$(dirname %s); exec mv $OLDPWD/x $(basename %s)",
		"echo planted > x; ln -s $W/$(dirname %s) d; exec mv x d/$(basename %s)",
		"echo planted > x; exec mv x $W/$(dirname %s)/../$(basename $(dirname %s))/$(basename %s)",
		"echo planted > x; exec ln -sf $PWD/x $W/%s",
		"exec mknod $W/%s p",
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
		if (o != OUTCOME_KILLED || !told("workflow")) {
			attack_tell(ways[i], o, "%u verdicts", s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* Git's way, within one's own directory and the temporary one: nobody minds. */
static void test_honest(void **state)
{
	enum outcome o;

	(void)state;
	restore(&targets[0]);
	o = attack(&s, "mkdir -p .git sub && echo a > .git/config.lock && mv .git/config.lock .git/config && ln .git/config c2 && "
		       "ln -s c2 c3 && echo b > $W/tmp/t.$$ && mv $W/tmp/t.$$ sub/t && mkfifo f && chmod 600 f c2 && mv sub sub2 && "
		       "truncate -s 0 c2 && rm -r .git c2 c3 f sub2");
	if (o != OUTCOME_THROUGH || s.verdict_count)
		fail_msg("%s, %u verdicts, path %s", outcome_name(o), s.verdict_count, s.verdicts[0].path);
}

/* A second name in one's own directory, or where anybody may write; the write goes through that. */
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
			if (o == OUTCOME_KILLED && told(targets[k].rule) && look(&targets[k]) == LEFT_AS_IT_WAS)
				continue;
			attack_tell(ways[i], o, "%s: %s, %u verdicts", targets[k].path, left_names[look(&targets[k])],
				    s.verdict_count);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* One package leaves the second name for another one; and whose file it is may go on writing to it. */
static void test_second_name_of_others(void **state)
{
	(void)state;
	restore(&targets[3]);
	assert_int_equal(attack(&s, "rm -f $W/tmp/left && ln $W/%s $W/tmp/left", targets[3].path), OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 0);
	assert_int_equal(WEXITSTATUS(stage_script(&s, "node_modules/@good/pkg", "postinstall", "@good/pkg",
						  "echo more >> index.js && cat index.js > x && chmod 755 index.js")), 0);
	assert_int_equal(s.verdict_count, 0);
	restore(&targets[3]);
	assert_int_equal(attack(&s, "rm -f $W/tmp/left && ln $W/%s $W/tmp/left", targets[3].path), OUTCOME_THROUGH);
	assert_int_equal(attack(&s, "echo planted >> $W/tmp/left"), OUTCOME_KILLED);
	assert_true(told("others"));
	assert_int_equal(look(&targets[3]), LEFT_AS_IT_WAS);
}

/* A change that is refused without an accusation: the script lives, and goes on. */
static void test_hidden_change(void **state)
{
	const struct stage_verdict *v;
	char path[512];
	int status;

	(void)state;
	run("mkdir -p '%s/project/node_modules/@good/pkg' && echo 'x = 1' > '%s/project/node_modules/@good/pkg/mod.py'", s.dir,
	    s.dir);
	status = stage_package(&s, "mkdir ../@good/pkg/__pycache__; echo planted > ../@good/pkg/__pycache__/mod.cpython-311.pyc; "
				   "command -v python3 > /dev/null || exit 7; cd ../@good/pkg && exec python3 -c 'import mod'");
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 7);
	v = stage_verdict(&s, "pycache");
	assert_non_null(v);
	assert_int_equal(v->action, WS_HIDE);
	assert_int_equal(v->effect, backend == WS_BACKEND_DENY ? WS_EFFECT_REFUSED : WS_EFFECT_UNAVAILABLE);
	assert_null(stage_verdict(&s, "others"));
	snprintf(path, sizeof(path), "%s/project/node_modules/@good/pkg/__pycache__", s.dir);
	if (backend == WS_BACKEND_DENY)
		assert_int_equal(access(path, F_OK), -1);
	else
		limit("a compiled module beside a source that node-gyp runs", access(path, F_OK) == 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_honest),
		cmocka_unit_test(test_second_name),
		cmocka_unit_test(test_second_name_of_others),
		cmocka_unit_test(test_hidden_change),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, begin, attack_end);
}
