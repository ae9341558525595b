// SPDX-License-Identifier: GPL-2.0-only
/* test_session_log.c - whole lines, private files, and a full disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/session_log.h"
#include "sanitize/known_secrets.h"

static char dir[] = "/tmp/test_session_log.XXXXXX";
static char path[64];

static int begin(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/log.jsonl", dir);
	return 0;
}

static int end(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static char *content(void)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 1 << 20);

	assert_non_null(f);
	assert_non_null(text);
	text[fread(text, 1, (1 << 20) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void lines(void **state)
{
	struct session_log *r = NULL;
	struct stat st;
	char *text;

	(void)state;
	unlink(path);
	assert_int_equal(session_log_open(&r, path, NULL), 0);
	session_log_write(r, json_pack("{s:s}", "a", "gr\xc3\xbc\n"));
	session_log_write(r, json_pack("{s:f}", "ms", 0.105968));
	assert_int_equal(session_log_unwritten(r), 0);
	session_log_close(r);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* a second session is added, not put in its place */
	assert_int_equal(session_log_open(&r, path, NULL), 0);
	session_log_write(r, json_pack("{s:b}", "c", 1));
	session_log_close(r);
	text = content();
	assert_string_equal(text, "{\"a\":\"gr\\u00FC\\n\"}\n{\"ms\":0.105968}\n{\"c\":true}\n");
	free(text);
}

/* What somebody else could have prepared. */
static void refused_files(void **state)
{
	struct session_log *r = NULL;
	char other[80];
	struct error e = { 0 };

	(void)state;
	snprintf(other, sizeof(other), "%s/other", dir);
	unlink(path);
	assert_int_equal(symlink("/tmp/nowhere", path), 0);
	assert_int_equal(session_log_open(&r, path, &e), -ELOOP);
	assert_non_null(strstr(e.text, path));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(session_log_open(&r, path, NULL) < 0); /* does not wait for a reader */
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	chmod(path, 0666);
	assert_int_equal(session_log_open(&r, path, NULL), -EEXIST);
	chmod(path, 0600);
	assert_int_equal(link(path, other), 0);
	assert_int_equal(session_log_open(&r, path, NULL), -EEXIST);
	unlink(other);
	assert_int_equal(session_log_open(&r, path, NULL), 0);
	session_log_close(r);
	assert_true(session_log_open(&r, "/nonexistent/x", NULL) < 0);
	assert_true(session_log_open(&r, dir, NULL) < 0);
}

/* The disk is full for a while: what is lost is counted, and the log goes on with whole lines. */
static void full_disk(void **state)
{
	struct rlimit limit = { 100, RLIM_INFINITY }, old;
	struct session_log *r = NULL;
	char *text, *second;

	(void)state;
	unlink(path);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit.rlim_max = old.rlim_max;
	assert_int_equal(session_log_open(&r, path, NULL), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	session_log_write(r, json_pack("{s:s}", "one", "fits"));
	session_log_write(r,
			  json_pack("{s:s}", "two",
				    "012345678901234567890123456789012345678901234567890123456789"
				    "01234567890123456789012345678901234567890123456789"));
	session_log_write(r, json_pack("{s:s}", "three", "nothing fits any more"));
	assert_int_equal(session_log_unwritten(r), 2);
	assert_int_not_equal(session_log_error(r), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	session_log_write(r, json_pack("{s:s}", "four", "fits again"));
	assert_int_equal(session_log_unwritten(r), 2);
	session_log_close(r);
	text = content();
	assert_memory_equal(text, "{\"one\":\"fits\"}\n{\"two\":", 22);
	second = strstr(text, "\n{\"four\":\"fits again\"}\n");
	assert_non_null(second);
	assert_string_equal(second + strlen("\n{\"four\":\"fits again\"}\n"), "");
	free(text);
}

/* What another user owns, and what blocks or has side effects once it is open. */
static void files_of_others(void **state)
{
	struct session_log *r = NULL;
	int reader;

	(void)state;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_int_equal(session_log_open(&r, path, NULL), -EEXIST);
	close(reader);
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	if (chown(path, 65534, 65534) < 0)
		skip(); /* only root can make such a file */
	assert_int_equal(session_log_open(&r, path, NULL), -EEXIST);
	unlink(path);
}

static void the_reason_is_kept(void **state)
{
	struct session_log *r = NULL;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(session_log_adopt(&r, open("/dev/full", O_WRONLY | O_CLOEXEC), &e), 0);
	assert_int_equal(session_log_error(r), 0);
	session_log_write(r, json_pack("{s:s}", "a", "b"));
	assert_int_equal(session_log_error(r), -ENOSPC);
	session_log_write(r, NULL);
	assert_int_equal(session_log_error(r), -ENOSPC); /* the first one */
	assert_int_equal(session_log_unwritten(r), 2);
	session_log_close(r);
}

static void no_memory_for_an_event(void **state)
{
	struct session_log *r = NULL;

	(void)state;
	unlink(path);
	assert_int_equal(session_log_open(&r, path, NULL), 0);
	session_log_write(r, NULL);
	assert_int_equal(session_log_unwritten(r), 1);
	assert_int_equal(session_log_error(r), -ENOMEM);
	session_log_close(r);
	session_log_close(NULL);
}

/* ---- what became of it ---- */

#define MARK "\"session\":\"7\""

static struct session_log *written(void)
{
	struct session_log *r = NULL;

	unlink(path);
	assert_int_equal(session_log_open(&r, path, NULL), 0);
	session_log_write(r, json_pack("{s:s,s:i}", "session", "7", "n", 1));
	session_log_write(r, json_pack("{s:s,s:i}", "session", "7", "n", 2));
	return r;
}

/* Whether what `how` (NULL: nothing) does to the file is found, in these words. */
static void after(const char *how, const char *words)
{
	struct session_log *r = written();
	struct error e = { 0 };
	char command[512];

	snprintf(command, sizeof(command), "cd %s && %s", dir, how);
	assert_int_equal(system(command), 0);
	if (!words) {
		assert_int_equal(session_log_verify(r, MARK, &e), 0);
	} else {
		assert_int_equal(session_log_verify(r, MARK, &e), -ESTALE);
		if (!strstr(e.text, words))
			fail_msg("%s: %s", how, e.text);
	}
	session_log_close(r);
	snprintf(command, sizeof(command), "rm -f %s/*", dir);
	assert_int_equal(system(command), 0);
}

static void verified(void **state)
{
	(void)state;
	after("true", NULL);
	after("cat log.jsonl >/dev/null", NULL);
	/* another session shares the log */
	after("echo '{\"session\":\"8\"}' >>log.jsonl", NULL);
	after("rm log.jsonl", "removed");
	after("rm log.jsonl && touch log.jsonl", "removed");
	after("cp log.jsonl x && mv x log.jsonl", "removed");
	after("ln log.jsonl x && rm log.jsonl", "moved");
	after("mv log.jsonl x", "moved");
	after(": >log.jsonl", "lines are missing");
	after("truncate -s -1 log.jsonl", "lines are missing");
	after("tail -n 1 log.jsonl >x && cat x >log.jsonl && rm x", "lines are missing");
	after("tac log.jsonl >x && cat x >log.jsonl && rm x", "lines are missing");
	after("tr 2 3 <log.jsonl >x && cat x >log.jsonl && rm x", "lines are missing");
	after("echo '{\"session\":\"7\"}' >>log.jsonl", "1 lines of this session");
	after("head -n 1 log.jsonl >>log.jsonl", "not written by wormsign");
}

/* What stood there before is no matter, and a line that a full disk has cut is ours. */
static void verified_with_losses(void **state)
{
	struct rlimit limit = { 40, RLIM_INFINITY }, old;
	struct session_log *r = NULL;
	struct error e = { 0 };

	(void)state;
	session_log_close(written());
	assert_int_equal(session_log_open(&r, path, NULL), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit.rlim_cur = 100;
	limit.rlim_max = old.rlim_max;
	session_log_write(r, json_pack("{s:s,s:i}", "session", "7", "n", 3));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	session_log_write(r,
			  json_pack("{s:s,s:s}", "session", "7", "long",
				    "0123456789012345678901234567890123456789012345678901234567"));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	session_log_write(r, json_pack("{s:s,s:i}", "session", "7", "n", 4));
	assert_int_equal(session_log_unwritten(r), 1);
	assert_int_equal(session_log_verify(r, MARK, &e), 0);
	session_log_close(r);
	unlink(path);
}

/* Whatever made the event: what it forgot to redact does not get into the file. */
static void no_secret(void **state)
{
	struct session_log *r = NULL;
	struct error e = { 0 };
	char *text;

	(void)state;
	unlink(path);
	assert_int_equal(known_secrets_open(&e), 0);
	known_secrets_add("s3cr3t-v4lue", 12);
	assert_int_equal(session_log_open(&r, path, NULL), 0);
	session_log_write(r, json_pack("{s:{s:[s]}}", "a", "b", "x s3cr3t-v4lue"));
	session_log_close(r);
	known_secrets_close();
	text = content();
	assert_string_equal(text, "{\"a\":{\"b\":[\"x [redacted]\"]}}\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(no_secret),
		cmocka_unit_test(refused_files),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(no_memory_for_an_event),
		cmocka_unit_test(files_of_others),
		cmocka_unit_test(the_reason_is_kept),
		cmocka_unit_test(verified),
		cmocka_unit_test(verified_with_losses),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
