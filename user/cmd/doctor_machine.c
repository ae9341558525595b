// SPDX-License-Identifier: GPL-2.0-only
/* doctor_machine.c - facts from uname, /proc, /sys and debugfs. */
#include "cmd/doctor_machine.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/features.h"
#include "session/admitter.h"
#include "session/confine.h"
#include "session/cgroup_find.h"
#include "session/file_guard.h"

static json_t *first_line(const char *path)
{
	_fclose_ FILE *f = fopen(path, "re");
	char line[4096]; /* the kernel's command line has at most 2048 bytes */

	if (!f || !fgets(line, sizeof(line), f))
		return json_null();
	line[strcspn(line, "\n")] = '\0';
	return json_string(line);
}

json_t *doctor_fact(const char *file, const char *mount, long magic, const char *fs)
{
	char line[4096], why[512];
	struct statfs st;
	_fclose_ FILE *f = fopen(file, "re");
	int err = f ? 0 : errno;

	if (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		return json_pack("{s:s}", "value", line);
	}
	if (statfs(mount, &st) < 0 || (long)st.f_type != magic)
		snprintf(why, sizeof(why), "%s is not mounted", fs);
	else if (err == ENOENT)
		return json_pack("{s:b}", "value", 0);
	else
		snprintf(why, sizeof(why), "%s cannot be read: %s", file,
			 err ? strerror(err) : "it is empty");
	return json_pack("{s:s}", "unknown", why);
}

/* Set m[key] to the fact's value; and if that is unknown, to null, and m["KEY_unknown"] to the
 * reason. */
static void set_fact(json_t *m, const char *key, json_t *fact)
{
	json_t *why = json_object_get(fact, "unknown"), *value = json_object_get(fact, "value");
	char name[64];

	snprintf(name, sizeof(name), "%s_unknown", key);
	if (why)
		json_object_set(m, name, why);
	json_object_set(m, key, value ?: json_null());
	json_decref(fact);
}

static json_t *security_fact(const char *file)
{
	return doctor_fact(file, "/sys/kernel/security", SECURITYFS_MAGIC, "securityfs");
}

static json_t *sysctl_fact(const char *file)
{
	return doctor_fact(file, "/proc/sys", PROC_SUPER_MAGIC, "/proc/sys");
}

/* "[none] integrity confidentiality": the one in brackets. */
static json_t *lockdown(void)
{
	json_t *fact = security_fact("/sys/kernel/security/lockdown");
	const char *text = json_string_value(json_object_get(fact, "value"));
	const char *open = text ? strchr(text, '[') : NULL;
	const char *close = open ? strchr(open, ']') : NULL;

	if (close)
		json_object_set_new(fact, "value", json_stringn(open + 1, close - open - 1));
	return fact;
}

static json_t *btf(void)
{
	struct statfs st;

	if (access("/sys/kernel/btf/vmlinux", R_OK) == 0)
		return json_pack("{s:b}", "value", 1);
	if (errno != ENOENT)
		return json_pack("{s:s}", "unknown", strerror(errno));
	if (statfs("/sys/kernel", &st) < 0 || st.f_type != SYSFS_MAGIC)
		return json_pack("{s:s}", "unknown", "sysfs is not mounted");
	return json_pack("{s:b}", "value", 0);
}

/* Where the v2 hierarchy is mounted, which on hybrid hosts is not /sys/fs/cgroup; null: nowhere. */
static json_t *cgroup_mount(void)
{
	CLEANUP(cgroup_found_free) struct cgroup_found found = { 0 };
	struct error e = { 0 };

	if (access("/proc/self/mountinfo", R_OK) < 0)
		return json_pack("{s:s}", "unknown", "/proc is not mounted");
	return cgroup_find(&found, 0, &e) < 0 ? json_pack("{s:n}", "value")
					      : json_pack("{s:s}", "value", found.mount);
}

static const char *preemption(const struct utsname *uts)
{
	json_t *chosen = first_line("/sys/kernel/debug/sched/preempt"),
	       *line = first_line("/proc/cmdline");
	const char *model = features_preemption(uts->version, json_string_value(chosen),
						json_string_value(line));

	json_decref(chosen);
	json_decref(line);
	return model;
}

json_t *doctor_machine(void)
{
	json_t *m = json_object();
	struct utsname uts;
	char missing[256];

	if (uname(&uts) == 0) {
		json_object_set_new(m, "preemption", json_string(preemption(&uts)));
		json_object_set_new(m, "release", json_string(uts.release));
		json_object_set_new(m, "machine", json_string(uts.machine));
	}
	json_object_set_new(m, "admission", json_string(admitter_unavailable() ?: "yes"));
	json_object_set_new(m, "files_open",
			    json_string(admitter_unavailable() ?: file_guard_unavailable() ?: ""));
	json_object_set_new(m, "calls_open",
			    json_string(admitter_unavailable() ?: confine_unavailable() ?: ""));
	set_fact(m, "btf", btf());
	set_fact(m, "cgroup2", cgroup_mount());
	features_missing_capabilities(missing, sizeof(missing));
	json_object_set_new(m, "missing_capabilities", json_string(missing));
	set_fact(m, "lockdown", lockdown());
	set_fact(m, "lsm", security_fact("/sys/kernel/security/lsm"));
	set_fact(m, "io_uring_disabled", sysctl_fact("/proc/sys/kernel/io_uring_disabled"));
	set_fact(m, "unprivileged_bpf_disabled",
		 sysctl_fact("/proc/sys/kernel/unprivileged_bpf_disabled"));
	set_fact(m, "legacy_tiocsti", sysctl_fact("/proc/sys/dev/tty/legacy_tiocsti"));
	return m;
}
