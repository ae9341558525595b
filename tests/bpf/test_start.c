// SPDX-License-Identifier: GPL-2.0-only
/* test_start.c - two threads load the programs: each has about half of the verifier's work, and all
 * programs have the same maps, but for constants. */
#include <bpf/bpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attack.h"
#include "kernel/loader_internal.h"

/* On the operations whose hooks are loaded by rule. */
static const char *const rules[] = {
	RULE("any",
	     "\"signal\",\"ptrace\",\"memory\",\"mount\",\"namespace\",\"bpf\","
	     "\"module\",\"io_uring\",\"listen\"",
	     "alert", ""),
	NULL
};

static int begin(void **state)
{
	(void)state;
	return attack_begin(rules);
}

/* Instructions that the verifier has processed for the programs of an object. */
static unsigned long verified(const struct wormsign_bpf *skel)
{
	unsigned long sum = 0;
	struct bpf_program *p;

	bpf_object__for_each_program(p, skel->obj) {
		struct bpf_prog_info info = { 0 };
		unsigned size = sizeof(info);

		if (bpf_program__fd(p) < 0)
			continue;
		assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &size), 0);
		sum += info.verified_insns;
	}
	return sum;
}

static void halves(void **state)
{
	unsigned long first = verified(s.loader->skel), second = verified(s.loader->second);
	unsigned long all = first + second;

	(void)state;
	print_message("%lu and %lu instructions\n", first, second);
	assert_in_range(first, all * 2 / 5, all * 3 / 5);
}

static void same_maps(void **state)
{
	struct bpf_map *map, *other = NULL;
	unsigned count = 0;

	(void)state;
	bpf_object__for_each_map(map, s.loader->skel->obj) {
		struct bpf_map_info a = { 0 }, b = { 0 };
		unsigned size = sizeof(a);

		other = bpf_object__next_map(s.loader->second->obj, other);
		assert_int_equal(bpf_obj_get_info_by_fd(bpf_map__fd(map), &a, &size), 0);
		assert_int_equal(bpf_obj_get_info_by_fd(bpf_map__fd(other), &b, &size), 0);
		if (a.map_flags & BPF_F_RDONLY_PROG)
			continue;
		assert_int_equal(a.id, b.id);
		count++;
	}
	assert_true(count > 20);
	assert_int_equal(s.loader->skel->rodata->ws_backend, backend);
	assert_int_equal(s.loader->second->rodata->ws_backend, backend);
}

static uint32_t room(const struct bpf_map *map)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(bpf_map__fd(map), &info, &size), 0);
	return info.max_entries;
}

/* A map cannot be empty. */
static void as_large_as_the_tables(void **state)
{
	(void)state;
	assert_true(s.tables->row_count > 1);
	assert_int_equal(room(s.loader->skel->maps.rows), s.tables->row_count);
	assert_int_equal(room(s.loader->skel->maps.sets), s.tables->set_count ?: 1);
}

/* An instance that is begun and given up: its thread is waited for. */
static void given_up(void **state)
{
	const struct loader_options o = { .backend = backend };
	struct loader *l = NULL;
	struct error e = { .text = "" };

	(void)state;
	assert_int_equal(loader_begin(&l, &o, &e), 0);
	loader_free(l);
}

/* What the thread found wrong is said by loader_load(). */
static void says_what_is_wrong(void **state)
{
	const struct loader_options o = { .backend = WS_BACKEND_DENY };
	struct tables t = { 0 };
	struct loader *l = NULL;
	struct error e = { .text = "" };

	(void)state;
	if (backend == WS_BACKEND_DENY)
		skip();
	assert_int_equal(loader_begin(&l, &o, &e), 0);
	assert_int_equal(loader_load(l, &t, &e), -EOPNOTSUPP);
	assert_non_null(strstr(e.text, "deny backend is unavailable"));
	loader_free(l);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(halves, begin, attack_end),
		cmocka_unit_test_setup_teardown(same_maps, begin, attack_end),
		cmocka_unit_test_setup_teardown(as_large_as_the_tables, begin, attack_end),
		cmocka_unit_test(given_up),
		cmocka_unit_test(says_what_is_wrong),
	};

	if (!attack_ready(argc, argv))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
