// SPDX-License-Identifier: GPL-2.0-only
/* test_capabilities.c - missing capabilities are named with what to do, and those that a running
 * session does not need are given up. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "in_child.h"
#include "session/capabilities.h"

#define BIT(cap) (UINT64_C(1) << (cap))

static int get(uint64_t *ret_effective, uint64_t *ret_permitted)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	int r = syscall(SYS_capget, &head, data);

	*ret_effective = data[0].effective | (uint64_t)data[1].effective << 32;
	*ret_permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return r;
}

static int keep(uint64_t wanted)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	uint64_t effective, permitted;

	if (get(&effective, &permitted) < 0)
		return -1;
	permitted &= wanted;
	data[0].effective = data[0].permitted = (uint32_t)permitted;
	data[1].effective = data[1].permitted = permitted >> 32;
	return syscall(SYS_capset, &head, data);
}

static int missing_bpf(void)
{
	struct error e = { 0 };

	CHECK(keep(~(BIT(CAP_PERFMON) | BIT(CAP_SYS_ADMIN))) == 0);
	CHECK(capabilities_check(false, &e) == -EPERM);
	CHECK(strstr(e.text, "CAP_PERFMON"));
	CHECK(!strstr(e.text, "CAP_SETUID"));
	CHECK(strstr(e.text, geteuid() ? "sudo" : "--cap-add"));
	return 0;
}

/* Only who must become another user needs these two. */
static int missing_setuid(void)
{
	struct error e = { 0 };

	CHECK(keep(~(BIT(CAP_SETUID) | BIT(CAP_SETGID))) == 0);
	CHECK(capabilities_check(false, &e) == 0);
	CHECK(capabilities_check(true, &e) == -EPERM);
	CHECK(strstr(e.text, "CAP_SETUID CAP_SETGID"));
	return 0;
}

static int nothing_is_missing(void)
{
	struct error e = { 0 };

	CHECK(capabilities_check(true, &e) == 0);
	CHECK(!e.text[0]);
	return 0;
}

static int as_ordinary_user(void)
{
	struct error e = { 0 };

	CHECK(geteuid() != 0 || syscall(SYS_setresuid, 54321, 54321, 54321) == 0);
	CHECK(capabilities_check(false, &e) == -EPERM);
	if (strstr(e.text, "user namespace"))
		return 0; /* where that is the first thing to say */
	CHECK(strstr(e.text, "CAP_BPF"));
	CHECK(strstr(e.text, "Run it with sudo"));
	return 0;
}

static int reduced_to(bool foreign, uint64_t most)
{
	uint64_t effective, permitted, before;

	CHECK(get(&effective, &before) == 0);
	CHECK(capabilities_reduce(foreign) == 0);
	CHECK(get(&effective, &permitted) == 0);
	CHECK(permitted == (before & most));
	CHECK(effective == permitted);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CHECK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	return 0;
}

#define SESSION (BIT(CAP_BPF) | BIT(CAP_PERFMON) | BIT(CAP_KILL) | BIT(CAP_NET_ADMIN))

static int reduce(void)
{
	return reduced_to(false, SESSION);
}

static int reduce_foreign(void)
{
	return reduced_to(true, SESSION | BIT(CAP_DAC_OVERRIDE));
}

/* Whether this process has all that watching takes. */
static bool complete(void)
{
	struct error e = { 0 };

	return geteuid() == 0 && capabilities_check(true, &e) == 0;
}

static void check(void **state)
{
	(void)state;
	in_child(as_ordinary_user);
	if (!complete())
		skip();
	in_child(nothing_is_missing);
	in_child(missing_bpf);
	in_child(missing_setuid);
}

static void reducing(void **state)
{
	(void)state;
	in_child(reduce);
	in_child(reduce_foreign);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(reducing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
