// SPDX-License-Identifier: GPL-2.0-only
/* test_syscall_numbers_compat.c - the system calls of the 32-bit ABI, by the numbers that it really
 * has: no header of the machine's own ABI may have got in. */
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "kernel/syscall_numbers.h"
#include "syscalls.h"

#ifdef __x86_64__
static unsigned kind_of(int number)
{
	for (size_t i = 0; i < syscalls_compat_count; i++)
		if (syscalls_compat[i].number == number)
			return syscalls_compat[i].kind;
	return WS_SYS_NONE;
}

static void numbers(void **state)
{
	/* of arch/x86/entry/syscalls/syscall_32.tbl */
	static const struct {
		int number;
		unsigned kind;
	} table[] = {
		{ 3, WS_SYS_NONE },				      /* read */
		{ 5, WS_SYS_OPEN },				      /* open */
		{ 8, WS_SYS_OPEN },				      /* creat */
		{ 10, WS_SYS_UNLINK },				      /* unlink */
		{ 26, WS_SYS_PTRACE },				      /* ptrace */
		{ 37, WS_SYS_SIGNAL },				      /* kill */
		{ 38, WS_SYS_RENAME },				      /* rename */
		{ 102, WS_SYS_SOCKETCALL }, { 193, WS_SYS_TRUNCATE }, /* truncate64 */
		{ 221, WS_SYS_FCNTL },				      /* fcntl64 */
		{ 295, WS_SYS_OPEN },				      /* openat */
		{ 347, WS_SYS_VM },				      /* process_vm_readv */
		{ 357, WS_SYS_BPF },				      /* bpf */
		{ 362, WS_SYS_CONNECT },			      /* connect */
		{ 437, WS_SYS_OPEN },				      /* openat2 */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (kind_of(table[i].number) != table[i].kind)
			fail_msg("32-bit system call %d: kind %u, not %u", table[i].number,
				 kind_of(table[i].number), table[i].kind);
	for (size_t i = 0; i < syscalls_compat_count; i++) {
		assert_in_range(syscalls_compat[i].number, 0, 511);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(syscalls_compat[i].number, syscalls_compat[k].number);
	}
	/* every call of the machine's own ABI has a counterpart */
	assert_true(syscalls_compat_count >= syscalls_native_count);
}
#else
static void numbers(void **state)
{
	(void)state;
	assert_int_equal(syscalls_compat_count, 0);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
