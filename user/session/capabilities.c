// SPDX-License-Identifier: GPL-2.0-only
/* capabilities.c - read and set capabilities by capget(2) and capset(2), as libcap would be one
 * more library for two calls. */
#include "session/capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/features.h"

#define BIT(cap) (UINT64_C(1) << (cap))

static int get(uint64_t *ret_effective, uint64_t *ret_permitted)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	*ret_effective = data[0].effective | (uint64_t)data[1].effective << 32;
	*ret_permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return 0;
}

/* The kernel checks for BPF against the first user namespace: capabilities of root in another one
 * do not count. */
static bool in_first_user_namespace(void)
{
	unsigned long inside, outside, count;
	_fclose_ FILE *f = fopen("/proc/self/uid_map", "re");

	if (!f || fscanf(f, "%lu %lu %lu", &inside, &outside, &count) != 3)
		return true; /* unknown: loading will fail with its own message */
	return inside == 0 && outside == 0 && count >= UINT32_MAX;
}

int capabilities_check(bool drops, struct error *e)
{
	uint64_t effective, permitted;
	char missing[320];
	size_t at;
	int r;

	r = get(&effective, &permitted);
	if (r < 0)
		return error_set(e, r, "capget: %s", strerror(-r));
	if (!in_first_user_namespace())
		return error_set(e, -EPERM,
				 "capabilities of this user namespace (a rootless container?) do "
				 "not allow BPF; run wormsign outside of it");
	features_missing_capabilities(missing, sizeof(missing) - sizeof(" CAP_SETUID CAP_SETGID"));
	at = strlen(missing);
	if (drops && (effective & BIT(CAP_SETUID)) == 0)
		at += sprintf(missing + at, "%sCAP_SETUID", at ? " " : "");
	if (drops && (effective & BIT(CAP_SETGID)) == 0)
		at += sprintf(missing + at, "%sCAP_SETGID", at ? " " : "");
	if (!at)
		return 0;
	if (geteuid() != 0)
		return error_set(
			e, -EPERM,
			"missing: %s. Run it with sudo: wormsign watches as root, the command "
			"still runs as you",
			missing);
	return error_set(
		e, -EPERM,
		"root here lacks %s: give it to the container or unit this runs in (docker: "
		"--privileged, or --cap-add for each)",
		missing);
}

/* Of a running session: NET_ADMIN to end a condemned scope's sockets. */
#define OF_SESSION (BIT(CAP_BPF) | BIT(CAP_PERFMON) | BIT(CAP_KILL) | BIT(CAP_NET_ADMIN))
#define ADMITTER   (BIT(CAP_SYS_PTRACE) | BIT(CAP_DAC_OVERRIDE))

bool capabilities_admitter(void)
{
	uint64_t effective = 0, permitted;

	return get(&effective, &permitted) == 0 && (effective & ADMITTER) == ADMITTER;
}

static int reduce(uint64_t keep)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	uint64_t effective, permitted;
	int r;

	r = get(&effective, &permitted);
	if (r < 0)
		return r;
	permitted &= keep;
	data[0].effective = data[0].permitted = (uint32_t)permitted;
	data[1].effective = data[1].permitted = permitted >> 32;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    syscall(SYS_capset, &head, data) < 0)
		return -errno;
	return 0;
}

int capabilities_reduce(bool foreign)
{
	return reduce(OF_SESSION | (foreign ? BIT(CAP_DAC_OVERRIDE) : 0));
}

#define ADMITS (BIT(CAP_BPF) | BIT(CAP_PERFMON) | BIT(CAP_KILL) | ADMITTER)

int capabilities_reduce_admitter(void)
{
	return reduce(ADMITS | BIT(CAP_SETUID) | BIT(CAP_SETGID));
}

int capabilities_of_admitters(bool starts)
{
	return reduce(ADMITS | BIT(CAP_SETUID) | BIT(CAP_SETGID) |
		      (starts ? BIT(CAP_SYS_ADMIN) : 0));
}

int capabilities_of_agent(bool jobs)
{
	return reduce(OF_SESSION | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_SETUID) | BIT(CAP_SETGID) |
		      (jobs ? BIT(CAP_SYS_PTRACE) : 0));
}
