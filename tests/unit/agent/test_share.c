// SPDX-License-Identifier: GPL-2.0-only
/* test_share.c - what a user's sessions may take together, in several processes. */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/share.h"
#include "base/cleanup.h"
#include "cmocka_all.h"

static void a_user(void **state)
{
	struct shares *all = shares_make();
	struct share a = { 0 }, b = { 0 }, other = { 0 };

	(void)state;
	assert_non_null(all);
	assert_int_equal(share_begin(&a, all, 1000), 0);
	assert_int_equal(share_begin(&b, all, 1000), 0);
	assert_int_equal(share_begin(&other, all, 1001), 0);
	assert_int_equal(share_take(&a, SHARE_FILES - 10), 0);
	assert_int_equal(share_take(&b, 11), -ENOSPC);
	assert_int_equal(share_take(&b, 10), 0);
	assert_int_equal(share_take(&b, 1), -ENOSPC);
	assert_int_equal(share_take(&other, SHARE_FILES), 0);
	assert_int_equal(share_take(&other, (size_t)UINT32_MAX + 1), -ENOSPC);
	share_end(&a);
	share_end(&a); /* once */
	assert_int_equal(share_take(&b, SHARE_FILES - 9), -ENOSPC);
	assert_int_equal(share_take(&b, SHARE_FILES - 10), 0);
	share_end(&b);
	share_end(&other);
	assert_int_equal(share_begin(&b, all, 1000), 0);
	assert_int_equal(share_take(&b, SHARE_FILES), 0);
	share_end(&b);
}

/* What a worker takes, the server gives back, however the worker ended. */
static void a_worker(void **state)
{
	struct shares *all = shares_make();
	struct share s = { 0 };
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(share_begin(&s, all, 7), 0);
	pid = fork();
	if (pid == 0)
		_exit(share_take(&s, SHARE_FILES) ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(share_take(&s, 1), -ENOSPC);
	share_end(&s);
	assert_int_equal(share_begin(&s, all, 7), 0);
	assert_int_equal(share_take(&s, 1), 0);
	share_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_user), cmocka_unit_test(a_worker) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
