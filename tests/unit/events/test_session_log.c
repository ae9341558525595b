// SPDX-License-Identifier: GPL-2.0-only
/* test_record.c - whole lines, private files, and a full disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include "cleanup.h"
#include "cmocka_all.h"
#include "record.h"

static char dir[] = "/tmp/test_record.XXXXXX";
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
	struct record *r = NULL;
	struct stat st;
	char *text;

	(void)state;
	unlink(path);
	assert_int_equal(record_open(&r, path, NULL), 0);
	record_write(r, json_pack("{s:s}", "a", "gr\xc3\xbc\n"));
	record_write(r, json_pack("{s:f}", "ms", 0.105968));
	assert_int_equal(record_unwritten(r), 0);
	record_close(r);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* a second session is added, not put in its place */
	assert_int_equal(record_open(&r, path, NULL), 0);
	record_write(r, json_pack("{s:b}", "c", 1));
	record_close(r);
	text = content();
	assert_string_equal(text, "{\"a\":\"gr\\u00FC\\n\"}\n{\"ms\":0.105968}\n{\"c\":true}\n");
	free(text);
}

/* What somebody else could have prepared. */
static void refused_files(void **state)
{
	struct record *r = NULL;
	char other[80];
	struct error e = { 0 };

	(void)state;
	snprintf(other, sizeof(other), "%s/other", dir);
	unlink(path);
	assert_int_equal(symlink("/tmp/nowhere", path), 0);
	assert_int_equal(record_open(&r, path, &e), -ELOOP);
	assert_non_null(strstr(e.text, path));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(record_open(&r, path, NULL) < 0); /* does not wait for a reader */
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	chmod(path, 0666);
	assert_int_equal(record_open(&r, path, NULL), -EEXIST);
	chmod(path, 0600);
	assert_int_equal(link(path, other), 0);
	assert_int_equal(record_open(&r, path, NULL), -EEXIST);
	unlink(other);
	assert_int_equal(record_open(&r, path, NULL), 0);
	record_close(r);
	assert_true(record_open(&r, "/nonexistent/x", NULL) < 0);
	assert_true(record_open(&r, dir, NULL) < 0);
}

/* The disk is full for a while: what is lost is counted, and the log goes on with whole lines. */
static void full_disk(void **state)
{
	struct rlimit limit = { 100, RLIM_INFINITY }, old;
	struct record *r = NULL;
	char *text, *second;

	(void)state;
	unlink(path);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit.rlim_max = old.rlim_max;
	assert_int_equal(record_open(&r, path, NULL), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	record_write(r, json_pack("{s:s}", "one", "fits"));
	record_write(r, json_pack("{s:s}", "two",
				  "012345678901234567890123456789012345678901234567890123456789"
				  "01234567890123456789012345678901234567890123456789"));
	record_write(r, json_pack("{s:s}", "three", "nothing fits any more"));
	assert_int_equal(record_unwritten(r), 2);
	assert_int_not_equal(record_error(r), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	record_write(r, json_pack("{s:s}", "four", "fits again"));
	assert_int_equal(record_unwritten(r), 2);
	record_close(r);
	text = content();
	assert_memory_equal(text, "{\"one\":\"fits\"}\n{\"two\":", 22);
	second = strstr(text, "\n{\"four\":\"fits again\"}\n");
	assert_non_null(second);
	assert_string_equal(second + strlen("\n{\"four\":\"fits again\"}\n"), "");
	free(text);
}

static void no_memory_for_an_event(void **state)
{
	struct record *r = NULL;

	(void)state;
	unlink(path);
	assert_int_equal(record_open(&r, path, NULL), 0);
	record_write(r, NULL);
	assert_int_equal(record_unwritten(r), 1);
	assert_int_equal(record_error(r), -ENOMEM);
	record_close(r);
	record_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(refused_files),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(no_memory_for_an_event),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
