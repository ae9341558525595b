// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_wipe.c - every way to destroy files: on deny none is lost, on watch at most one for each
 * process. The test counts the files whose content is intact.
 */
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "base/cleanup.h"
#include "policy/names.h"

#define FILES 12
#define TEXT  "CANARY-document\n"

static const char *const rules[] = {
	RULE("docs", "\"unlink\",\"rename\",\"write\"", "kill", "\"place\":[\"home\"],"),
	/* an open for both is judged as a read, too, which is hidden: it must not end there */
	RULE("hidden", "\"read\"", "hide", "\"place\":[\"home\"],"),
	RULE("locked", "\"chmod\"", "kill", "\"place\":[\"home\",\"modules\"],"),
	RULE("created", "\"create\"", "alert", "\"place\":[\"home\"],"),
	RULE("vcs", "\"rename\",\"unlink\"", "kill", "\"path\":[\"/**/.vcs/config\"],"),
	NULL,
};

static int begin(void **state)
{
	(void)state;
	return attack_begin(rules);
}

/*
 * Makes the files, in docs/ and every third one in a directory below. The test itself makes them,
 * so that they belong to no scope.
 */
static void refill(void)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "cd '%s/home' && rm -rf docs && mkdir -p docs/deep && touch docs/.wormsign-lab && "
		 "for i in $(seq %d); do "
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

		snprintf(path, sizeof(path), "%s/home/docs/%s%d.txt", s.dir, i % 3 ? "" : "deep/",
			 i);
		f = fopen(path, "r");
		whole += f && fread(text, 1, sizeof(text) - 1, f) == strlen(TEXT) &&
			 !strcmp(text, TEXT);
	}
	return FILES - whole;
}

/* deny: what the attack begins with, reading the directory or the file, was refused as hidden; so
 * nothing that comes after it happened. */
static bool withheld(void)
{
	const struct stage_verdict *v = stage_verdict(&s, "hidden");

	return backend == WS_BACKEND_DENY && v && v->effect == WS_EFFECT_REFUSED;
}

static bool judged(void)
{
	const struct stage_verdict *v = stage_verdict(&s, "docs");

	for (unsigned i = 0; !v && i < s.verdict_count; i++)
		if (s.verdicts[i].rule == WS_RULE_UNRESOLVED)
			v = &s.verdicts[i];
	return withheld() ||
	       (v && v->effect != WS_EFFECT_NONE && v->effect != WS_EFFECT_UNAVAILABLE);
}

/* Control: outside the protected place each mode destroys the files. */
static void test_control(void **state)
{
	struct modes m;
	int failed = 0;

	(void)state;
	attack_modes(&m, "wipe");
	for (size_t i = 0; i < m.count; i++) {
		enum outcome o = attack(&s,
					"mkdir d; touch d/.wormsign-lab; head -c 4096 /dev/zero | "
					"tr '\\0' x > d/f; "
					"exec $B/wipe %s d",
					m.name[i]);

		if (o != OUTCOME_THROUGH || s.verdict_count) {
			attack_tell(m.name[i], o, "%u verdicts, it should have destroyed",
				    s.verdict_count);
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
			attack_tell(m.name[i], o, "%d of %d files lost, %u verdicts", gone, FILES,
				    s.verdict_count);
			failed++;
		} else if (gone) {
			attack_tell(m.name[i], o, "the first file is lost");
		}
	}
	assert_int_equal(failed, 0);
}

/* Ways that the truth binary lacks: one command each, on the first file. */
static void test_more_ways(void **state)
{
	static const char *const ways[] = {
		"exec rm -rf $HOME/docs",
		"exec find $HOME/docs -type f -delete",
		"exec mv $HOME/docs $W/tmp/gone",
		"exec dd if=/dev/zero of=$HOME/docs/1.txt bs=16 count=1 conv=notrunc",
		"exec cp /dev/null $HOME/docs/1.txt",
		/* opened for reading only, and truncated by that */
		"exec perl -e 'use Fcntl; sysopen(F, \"$ENV{HOME}/docs/$_.txt\", O_RDONLY|O_TRUNC) "
		"for 1,2,4,5; exit 0'",
		"exec perl -e 'symlink \"$ENV{HOME}/docs/1.txt\", \"link\"; truncate \"link\", 0'",
		"exec perl -e 'chdir \"$ENV{HOME}/docs\"; unlink glob \"*.txt\"'",
		/* opened for reading and writing */
		"exec perl -e 'for (1,2,4,5) { open F, \"+<\", \"$ENV{HOME}/docs/$_.txt\"; "
		"truncate F, 0 }'",
		"for i in 1 2 4 5; do fallocate -p -o 0 -l 16 $HOME/docs/$i.txt; done",
		"for i in 1 2 4 5; do echo xxxx 1<> $HOME/docs/$i.txt; done",
		"exec perl -e 'for (1,2,4,5) { open F, \"+>\", \"$ENV{HOME}/docs/$_.txt\" }'",
		/* by another name, which is the package's own */
		"for i in 1 2 4 5; do ln $HOME/docs/$i.txt l; rm $HOME/docs/$i.txt; rm l; done",
		"for i in 1 2 4 5; do ln $HOME/docs/$i.txt l; mv $HOME/docs/$i.txt m; rm l m; done",
		"for i in 1 2 4 5; do ln $HOME/docs/$i.txt l; : > m; mv m $HOME/docs/$i.txt; rm l; "
		"done",
		/* into a directory that the package may remove */
		"mkdir $HOME/mine; mv $HOME/docs/*.txt $HOME/mine; rm -r $HOME/mine",
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
			attack_tell(ways[i], o, "%d of %d files lost, %u verdicts", gone, FILES,
				    s.verdict_count);
			failed++;
		} else if (gone) {
			attack_tell(ways[i], o, "%d lost", gone);
		}
	}
	assert_int_equal(failed, 0);
}

/*
 * Eight processes at once, each with its own files: on watch each may be destroying one when the
 * scope is condemned.
 */
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

/* On overlayfs, as in containers: files that only a lower layer has, and the package's own. */
static void test_overlay(void **state)
{
	static const char *const overlay[] = {
		RULE("precious", "\"unlink\",\"rename\",\"chmod\"", "kill",
		     "\"path\":[\"/**/precious\",\"/**/precious/**\"],"),
		RULE("elsewhere", "\"unlink\",\"rename\",\"create\",\"chmod\",\"write\"", "kill",
		     "\"place\":[\"elsewhere\"],"),
		NULL,
	};
	static const char *const attacks[] = {
		"rm $W/merged/precious/1",
		"(cd $W/merged/precious && rm 2)",
		"perl -e 'unlink \"$ENV{W}/merged/precious/3\"'",
		"mv $W/merged/precious/4 $W/merged/precious/x",
		"mv $W/merged/precious/5 mine",
		"chmod 0 $W/merged/precious/6",
		"rm -r $W/merged/precious/dir",
		"perl -e 'rmdir \"$ENV{W}/merged/precious/empty\"'",
		/* what nobody has looked up before: overlayfs makes its inode within the call */
		"rm -rf $W/merged/precious/tree",
		"node -e 'require(\"fs\").unlinkSync(process.env.W + \"/merged/precious/cold/1\")'",
		"node -e 'process.chdir(process.env.W + \"/merged/precious/cold\"); "
		"require(\"fs\").unlinkSync(\"2\")'",
		"UV_USE_IO_URING=1 node -e 'require(\"fs\").unlink(process.env.W + "
		"\"/merged/precious/cold/3\", () => 0); setTimeout(() => 0, 500)'",
	};
	char command[1024];
	bool node = !system("command -v node >/dev/null");
	int failed = 0, left;

	(void)state;
	attack_end(NULL);
	attack_begin(overlay);
	snprintf(command, sizeof(command),
		 "cd '%s' && mkdir -p low/precious/dir low/precious/empty up work up2 work2 merged "
		 "&& "
		 "cd low/precious && mkdir -p tree/a cold && touch 1 2 3 4 5 6 dir/f cold/1 cold/2 "
		 "cold/3 && (cd tree/a && seq 20 | xargs touch) && cd ../.. && mount -t overlay -o "
		 "lowerdir=low,upperdir=up,workdir=work none merged",
		 s.dir);
	if (system(command)) {
		print_message("skip: no overlayfs here\n");
		goto out;
	}
	for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
		enum outcome o;

		if (!node && strstr(attacks[i], "node"))
			continue;
		o = attack(&s, "W=$W; export W; %s", attacks[i]);
		if (!stage_verdict(&s, "precious")) {
			attack_tell(attacks[i], o, "%u verdicts", s.verdict_count);
			failed++;
		}
	}
	left = 0;
	for (int i = 1; i <= 20; i++) {
		snprintf(command, sizeof(command), "%s/merged/precious/tree/a/%d", s.dir, i);
		left += !access(command, F_OK);
	}
	if (left < (backend == WS_BACKEND_DENY ? 20 : 19)) {
		print_message("a wiper left %d of 20 files that it had not looked up\n", left);
		failed++;
	}
	/* its own directory lies on an overlay; much of it nobody has looked up */
	assert_int_equal(
		attack(&s, "mkdir -p low/deep/er m; echo a >low/shipped; (cd low/deep/er && touch "
			   "1 2 3 4 5); mount -t overlay -o "
			   "lowerdir=low,upperdir=$W/up2,workdir=$W/work2 none m && cd m && rm "
			   "shipped && echo b >made && mv made moved && chmod 600 moved && ln "
			   "moved linked && rm linked && mkdir d && touch d/f && mv d e && rm "
			   "-r e && rm moved && ln -s x l && rm l && if command -v node; then "
			   "UV_USE_IO_URING=1 node -e 'const fs = require(\"fs\").promises, d = "
			   "\"deep/er/\"; (async () => { await fs.unlink(d + 1); await fs.rename(d "
			   "+ 2, d + 6); await fs.mkdir(d + \"n\"); await fs.rename(d + \"n\", d "
			   "+ \"o\"); await fs.rmdir(d + \"o\"); })()'; fi && rm -r deep && cd .. "
			   "&& umount m"),
		OUTCOME_THROUGH);
	if (s.verdict_count)
		print_message("own: %s %s\n", op_name(s.verdicts[0].op), s.verdicts[0].path);
	assert_int_equal(s.verdict_count, 0);
	assert_int_equal(failed, 0);
out:
	snprintf(command, sizeof(command), "umount -l %s/merged 2>/dev/null; true", s.dir);
	assert_int_equal(system(command), 0);
	attack_end(NULL);
	begin(NULL);
}

/* Requests to io_uring by name, as node makes them: a package's own files are its own, and the
 * home's are judged as for system calls. */
static void test_ring_names(void **state)
{
	static const char *const honest[] = {
		"const fs = require(\"fs\").promises; (async () => { for (let i = 0; i < 20; i++) "
		"{ "
		"await fs.mkdir(\"r\" + i); await fs.writeFile(\"r\" + i + \"/f\", \"x\"); "
		"await fs.rename(\"r\" + i + \"/f\", \"r\" + i + \"/g\"); "
		"await fs.symlink(\"g\", \"r\" + i + \"/s\"); "
		"await fs.link(\"r\" + i + \"/g\", \"r\" + i + \"/l\"); "
		"await fs.rename(\"r\" + i, \"q\" + i); await fs.rm(\"q\" + i, { recursive: true "
		"}); } })()",
	};
	static const char *const attacks[] = {
		"fs.unlink(h + \"/docs/1.txt\", () => 0)",
		"fs.rename(h + \"/docs/1.txt\", h + \"/docs/x\", () => 0)",
		"fs.rename(h + \"/docs/1.txt\", \"x\", () => 0)",
		"fs.rename(\"index.js\", h + \"/docs/1.txt\", () => 0)",
		"fs.rename(h + \"/docs\", h + \"/gone\", () => 0)",
	};
	int failed = 0, rings = 0;

	(void)state;
	if (system("command -v node >/dev/null")) {
		print_message("skip: node is not installed\n");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(honest); i++) {
		assert_int_equal(attack(&s, "UV_USE_IO_URING=1 node -e '%s'", honest[i]),
				 OUTCOME_THROUGH);
		assert_int_equal(s.verdict_count, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
		const struct stage_verdict *v;
		enum outcome o;

		refill();
		o = attack(&s,
			   "UV_USE_IO_URING=1 exec node -e 'const fs = require(\"fs\"), h = "
			   "process.env.HOME; %s; setTimeout(() => 0, 500)'",
			   attacks[i]);
		v = stage_verdict(&s, "docs");
		if (!v || (backend == WS_BACKEND_WATCH && o != OUTCOME_KILLED)) {
			attack_tell(attacks[i], o, "%u verdicts", s.verdict_count);
			failed++;
			continue;
		}
		rings += (v->flags & WS_F_IO_URING) != 0;
	}
	print_message("%d of %zu by a ring\n", rings, ARRAY_SIZE(attacks));
	assert_int_equal(failed, 0);
}

#define CROWD 400

/* What of a crowd's deeds has been reported so far. */
static int reported_of_crowd(void)
{
	int reported = 0;

	stage_read(&s);
	for (unsigned i = 0; i < s.verdict_count; i++)
		reported += s.verdicts[i].op == WS_OP_UNLINK || s.verdicts[i].op == WS_OP_RENAME;
	return reported;
}

static int left_of_crowd(void)
{
	char path[256];
	int left = 0;

	for (int i = 1; i <= CROWD; i++) {
		snprintf(path, sizeof(path), "%s/home/docs/many/%d", s.dir, i);
		left += access(path, F_OK) == 0;
	}
	return left;
}

/*
 * 400 processes of one package that each do it once, all at the same moment, or each when the one
 * before has ended: when the first has been seen, the others are ended. What was done is reported.
 * Whoever waits in the kernel for the directory's lock at that moment can no longer be stopped on
 * the watch backend: few where they are woken one after the other, more where all are awake.
 */
static void test_crowd(void **state)
{
	static const char *const ways[] = {
		"unlink(\"$d/$i\")",
		"rename(\"$d/$i\", \"$d/x$i\")",
	};
	static const char *const starts[] = {
		/* by a pipe that is closed */
		"pipe(R, W); for $i (1..400) { next if fork; close W; sysread(R, $x, 1); %s; exit "
		"} "
		"close R; close W; 1 while wait > 0",
		/* awake and waiting */
		"use Time::HiRes \"time\"; $t = time + 1.5; for $i (1..400) { next if fork; 1 "
		"while "
		"time < $t; %s; exit } 1 while wait > 0",
		"for $i (1..400) { if ($p = fork) { waitpid $p, 0; next } %s; exit }",
		/* each in a session of its own, so that nobody waits for it */
		"use POSIX; pipe(R, W); for $i (1..400) { next if fork; setsid; close W; "
		"sysread(R, "
		"$x, 1); %s; exit } close R; close W; sleep 1",
	};
	static const int most_lost[] = { 6, CROWD / 10, 1, 6 };
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(ways); j++) {
			char command[512], program[512], what[256];
			enum outcome o;
			int reported, gone;

			if (attack_slow() && (i == 1 || j))
				continue;
			refill();
			snprintf(command, sizeof(command),
				 "mkdir '%s/home/docs/many' && cd '%s/home/docs/many' && touch "
				 "$(seq "
				 "400)",
				 s.dir, s.dir);
			assert_int_equal(system(command), 0);
			snprintf(what, sizeof(what), "%s", ways[j]);
			snprintf(program, sizeof(program), starts[i], what);
			o = attack(&s, "exec perl -e '$d = \"$ENV{HOME}/docs/many\"; %s'", program);
			/* whoever is killed between a deed and its record has its record sent from
			 * its end, which may be later than that of the process waited for
			 */
			usleep(200000);
			gone = CROWD - left_of_crowd();
			for (int k = 0; k < 100 && reported_of_crowd() < gone; k++)
				usleep(20000);
			reported = reported_of_crowd();
			print_message("start %zu, %s: %s, %d of %d lost, %d reported\n", i, ways[j],
				      outcome_name(o), gone, CROWD, reported);
			if (backend == WS_BACKEND_DENY ? gone != 0
						       : gone > most_lost[i] || reported < gone) {
				attack_tell(ways[j], o, "too many are lost, or too few reported");
				failed++;
			}
		}
	}
	assert_int_equal(failed, 0);
}

/* What a package made itself in the home it may change, replace and remove: that destroys nothing.
 */
static void test_created(void **state)
{
	static const char *const ways[] = {
		/* as programs keep their settings: a new file beside the old one, renamed over it
		 */
		"mkdir $HOME/.mine && echo a > $HOME/.mine/tmp && mv $HOME/.mine/tmp "
		"$HOME/.mine/rc && "
		"echo b > $HOME/.mine/tmp && mv $HOME/.mine/tmp $HOME/.mine/rc && "
		"echo c >> $HOME/.mine/rc && rm -r $HOME/.mine",
		"echo a > $HOME/.mine && echo b >> $HOME/.mine && cat $HOME/.mine && rm "
		"$HOME/.mine",
		"ln -s nowhere $HOME/.mine && rm $HOME/.mine",
		"mkfifo $HOME/.mine && rm $HOME/.mine",
		"mkdir -p $HOME/.mine/a/b && echo a > $HOME/.mine/a/b/c && "
		"mv $HOME/.mine/a $HOME/.mine/d && rmdir $HOME/.mine/d/b 2> $W/tmp/e; "
		"rm -r $HOME/.mine",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		enum outcome o = attack(&s, "%s", ways[i]);

		if (o != OUTCOME_THROUGH || s.verdict_count != 1)
			fail_msg("%s: %s, %u verdicts, operation %u on %s, operation %u on %s",
				 ways[i], outcome_name(o), s.verdict_count, s.verdicts[0].op,
				 s.verdicts[0].path, s.verdicts[1].op, s.verdicts[1].path);
		assert_non_null(stage_verdict(&s, "created"));
	}
}

/* ... but not what another one made, the user, or the user after a package of that name. */
static void test_created_by_others(void **state)
{
	char command[256];

	(void)state;
	assert_int_equal(attack(&s, "mkdir -p $HOME/.mine && echo a > $HOME/.mine/rc"),
			 OUTCOME_THROUGH);
	assert_true(stage_killed(stage_script(&s, "node_modules/@good/pkg", "postinstall",
					      "@good/pkg", "exec rm $HOME/.mine/rc")));
	assert_non_null(stage_verdict(&s, "docs"));
	snprintf(command, sizeof(command), "rm -rf '%s/home/.mine' && mkdir '%s/home/.mine'", s.dir,
		 s.dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(attack(&s, "exec rmdir $HOME/.mine"), OUTCOME_KILLED);
	assert_non_null(stage_verdict(&s, "docs"));
}

/* A directory is removed or moved: judged by its own name, and nothing beside it is. */
static void test_directories(void **state)
{
	static const struct {
		const char *way, *rule;
	} ways[] = {
		{ "exec rmdir $HOME/empty", "docs" },
		{ "exec rmdir $W/project/.vcs/sub/.vcs", "vcs" },
		{ "exec mv $W/project/.vcs $W/project/g", "vcs" },
		{ "exec mv $W/project/.vcs g", "vcs" },
		{ "exec perl -e 'chdir \"$ENV{W}/project\"; mkdir \"g\"; rename \".vcs\", "
		  "\"g/.vcs2\"'",
		  "vcs" },
		{ "mkdir d && exec mv d $W/project/.vcs/d", NULL },
		{ "mkdir $W/project/d && exec mv $W/project/d $W/project/.vcs/d", NULL },
		{ "mkdir $W/project/.vcs/d && exec mv $W/project/.vcs/d $W/project/e", NULL },
		{ "echo a > $W/project/d && exec mv $W/project/d $W/project/.vcs/d", NULL },
		{ "mkdir $W/project/.vcs/d && exec rmdir $W/project/.vcs/d", NULL },
	};
	char command[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		enum outcome o;

		snprintf(command, sizeof(command),
			 "cd '%s' && rm -rf home/empty project/.vcs project/[deg] && "
			 "mkdir -p home/empty project/.vcs/sub/.vcs",
			 s.dir);
		assert_int_equal(system(command), 0);
		o = attack(&s, "%s", ways[i].way);
		if (ways[i].rule ? o != OUTCOME_KILLED || !stage_verdict(&s, ways[i].rule)
				 : o != OUTCOME_THROUGH || s.verdict_count)
			fail_msg("%s: %s, %u verdicts", ways[i].way, outcome_name(o),
				 s.verdict_count);
	}
}

/* Every call that changes attributes, by path, by descriptor, of files and directories. */
static void test_attributes(void **state)
{
	static const char *const ways[] = {
		"exec chmod 000 $HOME/docs/1.txt",
		"exec chmod 000 $HOME/docs",
		"exec perl -e 'open F, \"<\", \"$ENV{HOME}/docs/1.txt\"; chmod 0100, *F; exit 0'",
		"exec chown 1:1 $HOME/docs/1.txt",
		"exec chown -h 1:1 $HOME/docs/link",
		"exec perl -e 'open F, \"<\", \"$ENV{HOME}/docs/1.txt\"; chown 1, 1, *F; exit 0'",
		"exec touch -c $HOME/docs/1.txt",
		"exec touch -c -d 2001-01-01 $HOME/docs",
		"exec perl -e 'utime 1, 1, \"$ENV{HOME}/docs/1.txt\"; exit 0'",
		/* setxattr, lsetxattr, fsetxattr */
		"command -v python3 > $W/tmp/e || exit 77; exec python3 -c "
		"'import os; os.setxattr(os.environ[\"HOME\"] + \"/docs/1.txt\", \"user.a\", "
		"b\"1\")'",
		"command -v python3 > $W/tmp/e || exit 77; exec python3 -c "
		"'import os; f = open(os.environ[\"HOME\"] + \"/docs/1.txt\"); "
		"os.setxattr(f.fileno(), \"user.b\", b\"1\")'",
		/* file_setattr: the flag nodump */
		"exec perl -e '$p = \"$ENV{HOME}/docs/2.txt\"; $a = pack(\"QLLLL\", 0x80); "
		"$r = syscall(469, -100, $p, $a, 24, 0); exit($r ? 77 : 0)'",
		"exec perl -e 'open F, \"<\", \"$ENV{HOME}/docs/3.txt\"; $p = \"\"; "
		"$a = pack(\"QLLLL\", 0x80); $r = syscall(469, fileno(F), $p, $a, 24, 0x1000); "
		"exit($r ? 77 : 0)'",
		"exec perl -e '$p = \"../\\@good/pkg/index.js\"; $a = pack(\"QLLLL\", 0x80); "
		"$r = syscall(469, -100, $p, $a, 24, 0); exit($r ? 77 : 0)'",
		/* by a name of the package's own */
		"ln $HOME/docs/1.txt l && exec chmod 000 l",
		"ln ../@good/pkg/index.js l && exec chmod 777 l",
		"exec chmod 777 ../@good/pkg",
		/* a neighbour: closed, opened to others, given its owner's rights */
		"exec chmod 000 ../@good/pkg/index.js",
		"exec chmod 600 ../@good/pkg/index.js",
		"exec chmod 666 ../@good/pkg/index.js",
		"exec chmod 4755 ../@good/pkg/index.js",
		"exec chmod 2755 ../@good/pkg/index.js",
		"exec chmod 700 ../@good/pkg",
		"exec chmod 644 ../@good/pkg",
		"exec perl -e 'open F, \"<\", \"../\\@good/pkg/index.js\"; chmod 0, *F; exit 0'",
		"exec perl -e 'open F, \"<\", \"../\\@good/pkg\"; chmod 0700, *F; exit 0'",
		/* fchmodat2, of a file and, with AT_EMPTY_PATH, of a directory */
		"exec perl -e '$p = \"../\\@good/pkg/index.js\"; "
		"$r = syscall(452, -100, $p, 0, 0); "
		"exit($r ? 77 : 0)'",
		"exec perl -e 'open F, \"<\", \"../\\@good/pkg\"; "
		"$p = \"\"; $r = syscall(452, fileno(F), $p, 0700, 0x1000); exit($r ? 77 : 0)'",
		/* other attributes, beside a mode that does not matter */
		"exec chown 1:1 ../@good/pkg/index.js",
		"exec perl -e 'utime 1, 1, \"../\\@good/pkg/index.js\"; exit 0'",
		/* with the file's own mode behind the descriptor, and another file behind it then
		 */
		"exec perl -e 'open F, \"<\", \"../\\@good/pkg/index.js\"; chmod 0644, *F; "
		"open F, \"<\", \"../\\@good/pkg/index.js\"; chmod 0666, *F; exit 0'",
	};
	/* what takes nothing away, and what changes nothing */
	static const char *const idle[] = {
		"exec chmod 755 ../@good/pkg/index.js",
		"exec chmod 444 ../@good/pkg/index.js",
		"exec chmod 755 ../@good/pkg",
		"ln ../@good/pkg/index.js l && chmod 755 l && rm l",
		"exec perl -e 'open F, \"<\", \"../\\@good/pkg/index.js\"; chmod 0755, *F; exit 0'",
		"exec perl -e '$p = \"../\\@good/pkg/index.js\"; "
		"$r = syscall(452, -100, $p, 0755, 0); "
		"exit($r ? 77 : 0)'",
		"exec perl -e 'open F, \"<\", \"../\\@good/pkg/shut\"; chmod 0600, *F; exit 0'",
		"exec perl -e 'open F, \"<\", \"../\\@good/pkg/open\"; chmod 0777, *F; exit 0'",
	};
	char command[512];

	(void)state;
	refill();
	snprintf(command, sizeof(command),
		 "cd '%s' && ln -s 1.txt home/docs/link && mkdir -p project/node_modules/@good/pkg "
		 "&& "
		 "cd project/node_modules/@good/pkg && echo 1 > index.js && touch shut open && "
		 "chmod 600 shut && chmod 777 open",
		 s.dir);
	assert_int_equal(system(command), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		enum outcome o = attack(&s, "%s", ways[i]);

		if (o == OUTCOME_UNSUPPORTED)
			continue;
		if (backend == WS_BACKEND_DENY &&
		    (strstr(ways[i], "touch") || strstr(ways[i], "utime"))) {
			limit(ways[i], o == OUTCOME_THROUGH);
			continue;
		}
		if (withheld())
			continue;
		if (o != OUTCOME_KILLED || !stage_verdict(&s, "locked"))
			fail_msg("%s: %s, %u verdicts", ways[i], outcome_name(o), s.verdict_count);
	}
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++) {
		enum outcome o = attack(&s, "%s", idle[i]);

		if (o != OUTCOME_UNSUPPORTED && (o != OUTCOME_THROUGH || s.verdict_count))
			fail_msg("%s: %s, %u verdicts", idle[i], outcome_name(o), s.verdict_count);
	}
	assert_int_equal(attack(&s, "echo a > f && chmod 600 f && touch f && chown 1:1 f && "
				    "mkdir d && chmod 700 d && touch d && rm -r d && "
				    "touch $W/tmp/t.$$ && chmod 644 $W/tmp/t.$$ && rm $W/tmp/t.$$"),
			 OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_more_ways),
		cmocka_unit_test(test_parallel),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_ring_names),
		cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_created),
		cmocka_unit_test(test_created_by_others),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_attributes),
	};

	if (!attack_ready(argc, argv))
		return 77;
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		print_message("a mount namespace: %s\n", strerror(errno));
		return 2;
	}
	return cmocka_run_group_tests(tests, begin, attack_end);
}
