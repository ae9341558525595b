// SPDX-License-Identifier: GPL-2.0-only
/* test_spool_clock.c - it goes on within a boot, stands still between two, and never goes back. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "delivery/spool_clock.h"

#define SECOND UINT64_C(1000000000)

static void write_text(int dir, const char *text)
{
	_close_ int fd = openat(dir, "clock", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* What it shows when it is opened on this text, s. */
static uint64_t shows(int dir, const char *text, uint64_t least)
{
	struct spool_clock c;

	write_text(dir, text);
	spool_clock_open(&c, dir, least);
	return spool_clock_now(&c) / SECOND;
}

static void from_process_to_process(void **state)
{
	char top[] = "/tmp/spool-clock.XXXXXX", boot[64] = { 0 }, text[160];
	struct spool_clock c;
	_close_ int dir = -1, fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	(void)state;
	assert_int_equal(read(fd, boot, sizeof(boot)), 37);
	boot[36] = 0;
	assert_non_null(mkdtemp(top));
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	spool_clock_open(&c, dir, 0);
	assert_true(spool_clock_now(&c) < 5 * SECOND);
	c.base = 100 * SECOND;
	spool_clock_save(&c, dir);
	spool_clock_open(&c, dir, 0);
	assert_int_equal(spool_clock_now(&c) / SECOND / 10, 10);
	/* the same boot, ten seconds ago */
	snprintf(text, sizeof(text), "wormsign-clock 1 boot %s at %" PRIu64 " shown 50000000000\n",
		 boot, now - 10 * SECOND);
	assert_in_range(shows(dir, text, 0), 60, 65);
	assert_in_range(shows(dir, text, 70 * SECOND), 70, 75);
	/* another boot; and a boot time that has not come yet */
	assert_in_range(shows(dir, "wormsign-clock 1 boot 0-0 at 1 shown 50000000000\n", 0), 50,
			55);
	snprintf(text, sizeof(text), "wormsign-clock 1 boot %s at %" PRIu64 " shown 50000000000\n",
		 boot, now + 1000 * SECOND);
	assert_in_range(shows(dir, text, 0), 50, 55);
	/* damage */
	assert_in_range(shows(dir, "wormsign-clock 1 boot 0-0 at 1 shown 500", 7 * SECOND), 7, 9);
	assert_in_range(
		shows(dir, "wormsign-clock 1 boot 0-0 at 1 shown 18446744073709551615\n", 0), 0, 5);
	assert_in_range(shows(dir, "", UINT64_MAX), 0, 5);
	assert_int_equal(unlinkat(dir, "clock", 0), 0);
	assert_int_equal(rmdir(top), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_process_to_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
