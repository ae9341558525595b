// SPDX-License-Identifier: GPL-2.0-only
/* test_maps.c - the maps have the sizes that user space writes. That they are as large as the
 * tables, and filled: tests/bpf/. */
#include "kernel/maps.h"

#include <bpf/libbpf.h>

#include "cmocka_all.h"
#include "wormsign.skel.h"

/* user space writes these as they are, so the sizes must be the same on both sides. */
static void values_have_the_size_of_the_tables(void **state)
{
	struct wormsign_bpf *skel = wormsign_bpf__open();

	(void)state;
	assert_non_null(skel);
	assert_int_equal(bpf_map__value_size(skel->maps.policy), sizeof(struct ws_policy));
	assert_int_equal(bpf_map__value_size(skel->maps.rules), sizeof(struct ws_rule));
	assert_int_equal(bpf_map__max_entries(skel->maps.rules), WS_RULES_MAX);
	assert_int_equal(bpf_map__value_size(skel->maps.rows), sizeof(struct ws_row));
	assert_int_equal(bpf_map__value_size(skel->maps.sets), sizeof(struct ws_set));
	assert_int_equal(bpf_map__key_size(skel->maps.lpm4), sizeof(struct ws_lpm4));
	assert_int_equal(bpf_map__key_size(skel->maps.lpm6), sizeof(struct ws_lpm6));
	assert_int_equal(bpf_map__value_size(skel->maps.lpm4), sizeof(struct ws_mask));
	assert_int_equal(bpf_map__value_size(skel->maps.lpm6), sizeof(struct ws_mask));
	assert_int_equal(bpf_map__key_size(skel->maps.ports), sizeof(uint32_t));
	assert_int_equal(bpf_map__value_size(skel->maps.ports), sizeof(struct ws_mask));
	assert_int_equal(bpf_map__value_size(skel->maps.syscalls), sizeof(uint32_t));
	assert_in_range(bpf_map__max_entries(skel->maps.syscalls), 1024, 4096); /* two ABIs */
	wormsign_bpf__destroy(skel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_the_size_of_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
