// SPDX-License-Identifier: GPL-2.0-only
/* test_refusal.c - the record of a refused open: the process that waits, and the file. */
#include "session/refusal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/decode.h"
#include "tree.h"

static void test_record(void **state)
{
	const struct admission_package p = {
		.task = { .session = 3, .scope = 4, .script = 5, .started = 6, .parent = 8 },
		.labels = 1,
		.session_labels = 2,
		.mode = WS_MODE_ENFORCE,
	};
	_buf_ struct buf path = BUF_INIT;
	_close_ int fd = -1;
	struct ws_rec_verdict r;

	(void)state;
	tree_add(tree_top, "a b/.npmrc", "x");
	fd = open(tree_path(tree_top, "a b/.npmrc"), O_RDONLY | O_CLOEXEC);
	refusal_record(&r, 70, &p, (uint32_t)syscall(SYS_gettid), fd);
	assert_int_equal(r.head.size, sizeof(r));
	assert_int_equal(r.head.kind, WS_REC_VERDICT);
	assert_int_equal(r.head.session, 3);
	assert_int_equal(r.head.scope, 5);
	assert_int_equal(r.head.started, 6);
	assert_int_equal(r.head.parent, 8);
	assert_int_equal(r.head.pid, getpid());
	assert_int_equal(r.head.uid, getuid());
	assert_int_equal(r.head.gid, getgid());
	assert_string_equal(r.head.comm, "test_refusal");
	assert_int_equal(r.rule, 70);
	assert_int_equal(r.fired.w[1], 1ull << 6);
	assert_int_equal(r.labels, 1);
	assert_int_equal(r.session_labels, 2);
	assert_true(r.argv.len > 0 && r.argv.bytes[r.argv.len - 1] == 0);
	decode_path(&path, r.path.bytes, r.path.len, false);
	assert_string_equal(path.at, tree_path(tree_top, "a b/.npmrc"));
	/* a process that is gone, and no file of a path */
	refusal_record(&r, 0, &p, 0x7ffffff0, -1);
	assert_int_equal(r.head.pid, 0x7ffffff0);
	assert_string_equal(r.head.comm, "");
	assert_int_equal(r.argv.len, 0);
	assert_true(r.head.flags & WS_F_PATH_UNREAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_record, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
