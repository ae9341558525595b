// SPDX-License-Identifier: GPL-2.0-only
/* test_syscall_numbers.c - the system calls of the machine's own ABI, each once and of the right
 * kind.
 */
#include "kernel/syscall_numbers.h"

#include <sys/syscall.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "syscalls.h"

static unsigned kind_of(int number)
{
	for (size_t i = 0; i < syscalls_native_count; i++)
		if (syscalls_native[i].number == number)
			return syscalls_native[i].kind;
	return WS_SYS_NONE;
}

static void each_once_and_in_range(void **state)
{
	(void)state;
	assert_true(syscalls_native_count > 30);
	for (size_t i = 0; i < syscalls_native_count; i++) {
		assert_in_range(syscalls_native[i].number, 0, 511);
		assert_int_not_equal(syscalls_native[i].kind, WS_SYS_NONE);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(syscalls_native[i].number, syscalls_native[k].number);
	}
}

static void kinds(void **state)
{
	static const struct {
		int number;
		unsigned kind;
	} table[] = {
		{ SYS_openat, WS_SYS_OPEN },
		{ SYS_openat2, WS_SYS_OPEN },
		{ SYS_open_by_handle_at, WS_SYS_OPEN },
		{ SYS_socket, WS_SYS_SOCKET },
		{ SYS_bind, WS_SYS_BIND },
		{ SYS_listen, WS_SYS_LISTEN },
		{ SYS_connect, WS_SYS_CONNECT },
		{ SYS_ptrace, WS_SYS_PTRACE },
		{ SYS_process_vm_readv, WS_SYS_VM },
		{ SYS_process_vm_writev, WS_SYS_VM },
		{ SYS_pidfd_getfd, WS_SYS_PIDFD_READ },
		{ SYS_unlinkat, WS_SYS_UNLINKAT },
		{ SYS_renameat2, WS_SYS_RENAMEAT },
		{ SYS_linkat, WS_SYS_LINKAT },
		{ SYS_symlinkat, WS_SYS_SYMLINKAT },
		{ SYS_truncate, WS_SYS_TRUNCATE },
		{ SYS_mkdirat, WS_SYS_MKDIRAT },
		{ SYS_mknodat, WS_SYS_MKNODAT },
		{ SYS_fchmod, WS_SYS_FCHMOD },
		{ SYS_fchmodat, WS_SYS_CHMODAT },
		{ 452 /* fchmodat2: newer than some headers */, WS_SYS_CHMODAT },
		{ 463 /* setxattrat */, WS_SYS_ATTRIBUTE },
		{ 466 /* removexattrat */, WS_SYS_ATTRIBUTE },
		{ SYS_fchownat, WS_SYS_ATTRIBUTE },
		{ SYS_utimensat, WS_SYS_ATTRIBUTE },
		{ SYS_setxattr, WS_SYS_ATTRIBUTE },
		{ SYS_kill, WS_SYS_SIGNAL },
		{ SYS_tgkill, WS_SYS_SIGNAL },
		{ SYS_pidfd_send_signal, WS_SYS_SIGNAL },
		{ SYS_fcntl, WS_SYS_FCNTL },
		{ SYS_mount, WS_SYS_MOUNT },
		{ SYS_move_mount, WS_SYS_MOUNT },
		{ SYS_finit_module, WS_SYS_MODULE },
		{ SYS_bpf, WS_SYS_BPF },
		{ SYS_io_uring_setup, WS_SYS_URING },
		{ SYS_unshare, WS_SYS_CLONE },
		{ SYS_clone, WS_SYS_CLONE },
		{ SYS_clone3, WS_SYS_CLONE3 },
#ifdef __x86_64__
		{ SYS_open, WS_SYS_OPEN },
		{ SYS_creat, WS_SYS_OPEN },
		{ SYS_unlink, WS_SYS_UNLINK },
		{ SYS_rmdir, WS_SYS_UNLINK },
		{ SYS_rename, WS_SYS_RENAME },
		{ SYS_link, WS_SYS_LINK },
		{ SYS_symlink, WS_SYS_SYMLINK },
		{ SYS_mkdir, WS_SYS_MKDIR },
		{ SYS_chmod, WS_SYS_CHMOD },
#endif
		/* and what is of no interest */
		{ SYS_read, WS_SYS_NONE },
		{ SYS_write, WS_SYS_NONE },
		{ SYS_close, WS_SYS_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (kind_of(table[i].number) != table[i].kind)
			fail_msg("system call %d: kind %u, not %u", table[i].number,
				 kind_of(table[i].number), table[i].kind);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_once_and_in_range),
		cmocka_unit_test(kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
