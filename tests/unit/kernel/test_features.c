// SPDX-License-Identifier: GPL-2.0-only
/* test_features.c - what is asked of the kernel without loading anything: names in its BTF, its
 * preemption model, and the capabilities that are missing. */
#include "kernel/features.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

#define ALL "CAP_PERFMON CAP_BPF CAP_NET_ADMIN CAP_SYS_ADMIN CAP_KILL CAP_DAC_READ_SEARCH"

static void preemption(void **state)
{
	static const struct {
		const char *version, *chosen, *command_line, *is;
	} table[] = {
		{ "#1 SMP PREEMPT_DYNAMIC Debian 6.12.1-1", "none (voluntary) full",
		  "quiet preempt=full", "voluntary" },
		{ "#1 SMP PREEMPT_DYNAMIC", "none voluntary full (lazy)", NULL, "lazy" },
		{ "#1 SMP PREEMPT_DYNAMIC", NULL, "root=/dev/vda preempt=none preempt=full quiet\n",
		  "full" },
		{ "#1 SMP PREEMPT_DYNAMIC", NULL, "xpreempt=none ", "unknown" },
		{ "#1 SMP PREEMPT_DYNAMIC", NULL, "preempt=", "unknown" },
		{ "#1 SMP PREEMPT_DYNAMIC", "(", NULL, "unknown" },
		{ "#1 SMP PREEMPT_DYNAMIC", NULL, NULL, "unknown" },
		{ "#1 SMP PREEMPT_LAZY", NULL, NULL, "lazy" },
		{ "#1 SMP PREEMPT_RT", NULL, NULL, "full" },
		{ "#1 SMP PREEMPT Mon", NULL, "preempt=none", "full" },
		{ "#1 SMP Debian 5.10.1", NULL, NULL, "voluntary" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(features_preemption(table[i].version, table[i].chosen,
					       table[i].command_line),
			   table[i].is))
			fail_msg("row %zu: not %s", i, table[i].is);
}

static void names_in_btf(void **state)
{
	(void)state;
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0) {
		print_message("skip: this kernel shows no BTF\n");
		skip();
	}
	assert_true(features_has("security_file_open"));
	assert_true(features_has("btf_trace_sys_enter"));
	assert_false(features_has("no_such_function"));
	assert_false(features_has("btf_trace_no_such_tracepoint"));
	assert_false(features_has("task_struct")); /* not a function */
	assert_false(features_has("sys_enter"));   /* nor is a tracepoint, by itself */
	assert_false(features_has(""));
}

/* Keep of the capabilities we have only those in mask; in a child, since it is for good. */
static void drop_all_but(uint64_t mask)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		_exit(2);
	for (int i = 0; i < 2; i++) {
		data[i].effective = data[i].permitted & (uint32_t)(mask >> 32 * i);
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &head, data) < 0)
		_exit(2);
}

/* What a process with only these of our capabilities misses; e: what features_probe() says then. */
static void missing_with(uint64_t mask, char *ret, size_t size, struct error *e)
{
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct error probed = { 0 };
		struct features f;
		char list[256];

		drop_all_but(mask);
		features_missing_capabilities(list, sizeof(list));
		if (e && features_probe(&f, &probed) != -EPERM)
			_exit(3);
		if (write(fds[1], list, sizeof(list)) != sizeof(list) ||
		    write(fds[1], &probed, sizeof(probed)) != sizeof(probed))
			_exit(4);
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], ret, size), size);
	if (e)
		assert_int_equal(read(fds[0], e, sizeof(*e)), sizeof(*e));
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void all_capabilities_missing(void **state)
{
	struct error e = { 0 };
	char list[256];

	(void)state;
	missing_with(0, list, sizeof(list), &e);
	assert_string_equal(list, ALL);
	assert_string_equal(e.text, "needs root, or these capabilities: " ALL);
}

static void one_capability_missing(void **state)
{
	char list[256];

	(void)state;
	features_missing_capabilities(list, sizeof(list));
	if (list[0]) {
		print_message("skip: we have not all of them ourselves\n");
		skip();
	}
	missing_with(~0ULL, list, sizeof(list), NULL);
	assert_string_equal(list, "");
	missing_with(~(1ULL << 39), list, sizeof(list), NULL);
	assert_string_equal(list, "CAP_BPF");
	missing_with(~(1ULL << CAP_KILL | 1ULL << CAP_NET_ADMIN), list, sizeof(list), NULL);
	assert_string_equal(list, "CAP_NET_ADMIN CAP_KILL");
	/* CAP_DAC_OVERRIDE permits what CAP_DAC_READ_SEARCH does */
	missing_with(~(1ULL << CAP_DAC_READ_SEARCH), list, sizeof(list), NULL);
	assert_string_equal(list, "");
	missing_with(~(1ULL << CAP_DAC_READ_SEARCH | 1ULL << CAP_DAC_OVERRIDE), list, sizeof(list),
		     NULL);
	assert_string_equal(list, "CAP_DAC_READ_SEARCH");
}

/* A list that is cut is still a string. */
static void little_room(void **state)
{
	char list[8] = "xxxxxxx";

	(void)state;
	features_missing_capabilities(list, sizeof(list));
	assert_true(memchr(list, 0, sizeof(list)) != NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(preemption),
		cmocka_unit_test(names_in_btf),
		cmocka_unit_test(all_capabilities_missing),
		cmocka_unit_test(one_capability_missing),
		cmocka_unit_test(little_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
