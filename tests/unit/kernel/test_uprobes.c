// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_uprobes.c - what is never attached to, and that all probes are detached. That they fire:
 * tests/run/tls.test.sh.
 */
#include "kernel/uprobes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "tree.h"

/* None of these gets as far as the program, which is NULL here. */
static void files_without_such_functions(void **state)
{
	static const char *const functions[] = { "SSL_write", "SSL_write_ex" };
	struct uprobes u = { .multi = true };
	char *top = tree_new();

	(void)state;
	tree_add(top, "text", "#!/bin/sh\n");
	tree_add(top, "empty", "");
	assert_int_equal(mkfifo(tree_path(top, "fifo"), 0600), 0); /* opening it must not wait */
	assert_int_equal(uprobes_attach(&u, NULL, tree_path(top, "text"), functions, 2), 0);
	assert_int_equal(uprobes_attach(&u, NULL, tree_path(top, "empty"), functions, 2), 0);
	assert_int_equal(uprobes_attach(&u, NULL, tree_path(top, "fifo"), functions, 2), 0);
	assert_int_equal(uprobes_attach(&u, NULL, tree_path(top, "none"), functions, 2), 0);
	assert_int_equal(uprobes_attach(&u, NULL, top, functions, 2), 0);
	assert_int_equal(uprobes_attach(&u, NULL, "/dev/null", functions, 2), 0);
	/* this program, which has no TLS */
	assert_int_equal(uprobes_attach(&u, NULL, "/proc/self/exe", functions, 2), 0);
	assert_int_equal(u.count, 0);
	tree_free(top);
}

static void full(void **state)
{
	static const char *const functions[] = { "main" };
	struct uprobes u = { .multi = true, .count = UPROBES_MOST };

	(void)state;
	assert_int_equal(uprobes_attach(&u, NULL, "/proc/self/exe", functions, 1), 0);
	assert_int_equal(u.count, UPROBES_MOST);
}

/* A link is a descriptor: here, one end of a pipe, whose other end sees it close. */
static void all_are_detached(void **state)
{
	struct uprobes u = { .multi = true, .count = UPROBES_MOST };
	int ends[UPROBES_MOST];
	pthread_t first;
	char c;

	(void)state;
	for (size_t i = 0; i < UPROBES_MOST; i++) {
		int fds[2];

		assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
		ends[i] = fds[0];
		u.at[i].fd = fds[1];
		assert_int_equal(read(ends[i], &c, 1), -1); /* open still */
		assert_int_equal(errno, EAGAIN);
	}
	uprobes_detach(&u);
	first = u.at[0].thread;
	uprobes_detach(&u); /* each of them once: its descriptor can be another file's by now */
	assert_true(pthread_equal(first, u.at[0].thread));
	uprobes_wait_detached(&u);
	assert_int_equal(u.count, 0);
	for (size_t i = 0; i < UPROBES_MOST; i++) {
		assert_int_equal(read(ends[i], &c, 1), 0);
		close(ends[i]);
	}
	uprobes_detach(&u); /* nothing more to do */
	uprobes_wait_detached(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_without_such_functions),
		cmocka_unit_test(full),
		cmocka_unit_test(all_are_detached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
