// SPDX-License-Identifier: GPL-2.0-only
/* test_doctor_machine.c - facts about this machine, as other sources have them. */
#include <linux/magic.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/doctor_machine.h"
#include "cmocka_all.h"
#include "session/cgroup_find.h"

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void this_machine(void **state)
{
	CLEANUP(cgroup_found_free) struct cgroup_found found = { 0 };
	_json_ json_t *m = doctor_machine();
	struct error e = { 0 };
	struct utsname uts;

	(void)state;
	assert_int_equal(uname(&uts), 0);
	assert_string_equal(text(m, "release"), uts.release);
	assert_string_equal(text(m, "machine"), uts.machine);
	assert_int_equal(json_is_true(json_object_get(m, "btf")),
			 access("/sys/kernel/btf/vmlinux", R_OK) == 0);
	if (cgroup_find(&found, 0, &e) == 0)
		assert_string_equal(text(m, "cgroup2"), found.mount);
	else
		assert_true(json_is_null(json_object_get(m, "cgroup2")));
	assert_non_null(text(m, "missing_capabilities"));
	assert_non_null(strstr("none voluntary full lazy unknown", text(m, "preemption")));
}

/* One line, without its end; null and not "" when a file cannot be read. */
static void files(void **state)
{
	static const char *const files[][2] = {
		{ "io_uring_disabled", "/proc/sys/kernel/io_uring_disabled" },
		{ "unprivileged_bpf_disabled", "/proc/sys/kernel/unprivileged_bpf_disabled" },
		{ "legacy_tiocsti", "/proc/sys/dev/tty/legacy_tiocsti" },
		{ "lsm", "/sys/kernel/security/lsm" },
	};
	_json_ json_t *m = doctor_machine();

	(void)state;
	assert_null(text(m, "legacy_tiocsti_unknown"));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_fclose_ FILE *f = fopen(files[i][1], "re");
		char line[1024];

		if (!f) {
			assert_null(text(m, files[i][0]));
			continue;
		}
		assert_non_null(fgets(line, sizeof(line), f));
		line[strcspn(line, "\n")] = 0;
		assert_string_equal(text(m, files[i][0]), line);
	}
}

static void fact_is(json_t *fact, const char *value, const char *unknown)
{
	const char *is = text(fact, "value"), *why = text(fact, "unknown");

	assert_string_equal(is ? is : "none", value);
	assert_string_equal(why ? why : "none", unknown);
	assert_int_equal(json_is_false(json_object_get(fact, "value")), !is && !why);
	json_decref(fact);
}

/* A file that is missing says "no" only where its file system is there. */
static void facts(void **state)
{
	(void)state;
	fact_is(doctor_fact("/proc/self/comm", "/proc", PROC_SUPER_MAGIC, "proc"),
		"test_doctor_mac", "none");
	fact_is(doctor_fact("/proc/nothing", "/proc", PROC_SUPER_MAGIC, "proc"), "none", "none");
	fact_is(doctor_fact("/nowhere/x", "/nowhere", PROC_SUPER_MAGIC, "nofs"), "none",
		"nofs is not mounted");
	fact_is(doctor_fact("/etc/nothing", "/etc", PROC_SUPER_MAGIC, "nofs"), "none",
		"nofs is not mounted");
	fact_is(doctor_fact("/proc/self", "/proc", PROC_SUPER_MAGIC, "proc"), "none",
		"/proc/self cannot be read: it is empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_machine),
		cmocka_unit_test(files),
		cmocka_unit_test(facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
