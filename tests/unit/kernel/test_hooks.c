// SPDX-License-Identifier: GPL-2.0-only
/* test_hooks.c - the table of hooks and the programs of this build are about the same things, and
 * no operation is forgotten. */
#include "kernel/hooks.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/names.h"
#include "wormsign.skel.h"

static struct wormsign_bpf *skel;

/* Opening reads the object; it loads nothing, so no right is needed. */
static int load(void **state)
{
	(void)state;
	skel = wormsign_bpf__open();
	return skel ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	wormsign_bpf__destroy(skel);
	return 0;
}

static void every_row_has_its_program(void **state)
{
	(void)state;
	for (size_t i = 0; i < hook_count; i++) {
		const struct hook *h = &hooks[i];
		struct bpf_program *p = bpf_object__find_program_by_name(skel->obj, h->function);
		const char *section = p ? bpf_program__section_name(p) : NULL;

		if (!p)
			fail_msg("%s: there is no program %s", h->name, h->function);
		/* Rows share a raw tracepoint program, whose section names none of them. */
		if (h->attach == HOOK_RAW ? strncmp(section, "raw_tp", 6) != 0
					  : strcmp(section, h->section) != 0)
			fail_msg("%s: the section of %s is %s, not %s", h->name, h->function,
				 section, h->section);
	}
}

static void every_program_has_its_row(void **state)
{
	struct bpf_program *p;

	(void)state;
	bpf_object__for_each_program(p, skel->obj) {
		bool known = false;

		for (size_t i = 0; i < hook_count; i++)
			known |= strcmp(hooks[i].function, bpf_program__name(p)) == 0;
		if (!known)
			fail_msg("the program %s is never attached", bpf_program__name(p));
	}
}

static void names_are_unique_on_a_backend(void **state)
{
	(void)state;
	for (size_t i = 0; i < hook_count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(hooks[i].name, hooks[k].name) == 0 &&
			    (hooks[i].backend == hooks[k].backend ||
			     hooks[i].backend == HOOK_BOTH || hooks[k].backend == HOOK_BOTH))
				fail_msg("two hooks are called %s", hooks[i].name);
}

/* The loader finds them in the first object. */
static void what_user_space_runs_is_in_the_first_object(void **state)
{
	bool second = false;

	(void)state;
	for (size_t i = 0; i < hook_count; i++) {
		second |= hook_is_second(&hooks[i]);
		if ((hooks[i].attach == HOOK_CALLED || hooks[i].attach == HOOK_TLS) &&
		    hook_is_second(&hooks[i]))
			fail_msg("%s is in the second object", hooks[i].function);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(hooks[i].function, hooks[k].function))
				assert_int_equal(hook_is_second(&hooks[i]),
						 hook_is_second(&hooks[k]));
	}
	assert_true(second);
}

/* What a program is attached to is what the kernel must have. */
static void needs_what_it_attaches_to(void **state)
{
	(void)state;
	for (size_t i = 0; i < hook_count; i++) {
		const struct hook *h = &hooks[i];
		const char *target = strchr(h->section, '/');
		bool tracepoint = strncmp(h->section, "tp_btf/", 7) == 0 ||
				  strncmp(h->section, "raw_tp/", 7) == 0;
		char needs[128] = "";

		if (tracepoint || strncmp(h->section, "fmod_ret/", 9) == 0 ||
		    strncmp(h->section, "fentry/", 7) == 0)
			snprintf(needs, sizeof(needs), "%s%s", tracepoint ? "btf_trace_" : "",
				 target + 1);
		else if (strstr(h->section, "_unix")) /* what came with it is in the BTF */
			snprintf(needs, sizeof(needs), "bpf_sock_addr_set_sun_path");
		if (strcmp(h->needs ?: "", needs) != 0)
			fail_msg("%s: needs `%s`, is attached to `%s`", h->name, h->needs ?: "",
				 needs);
	}
}

static void rows_make_sense(void **state)
{
	(void)state;
	for (size_t i = 0; i < hook_count; i++) {
		const struct hook *h = &hooks[i];

		if (h->late & ~h->ops)
			fail_msg("%s: `late` is not among its operations", h->name);
		if (h->by_rule && (!h->optional || !h->ops))
			fail_msg("%s: left out without rules, so it must be optional", h->name);
		if (h->ops && h->power == POWER_BLIND)
			fail_msg("%s: serves operations without any power", h->name);
		if (h->backend == HOOK_DENY && h->ops && h->power != POWER_DENY)
			fail_msg("%s: of the deny backend, and does not refuse", h->name);
		if (h->needs_task_storage_in_cgroup && (h->attach != HOOK_CGROUP || !h->optional))
			fail_msg("%s: needs what some kernels lack", h->name);
		assert_true((h->ops >> WS_OP_MAX) == 0 && !(h->ops & 1u));
	}
}

/* The operations that a backend does not see at all; `doctor` says so, and SECURITY.md. */
static void blind_spots(void **state)
{
	static const struct {
		enum hook_backend backend;
		uint32_t ops;
	} table[] = {
		{ HOOK_DENY, 1u << WS_OP_DNS | 1u << WS_OP_OUTLIVE },
		{ HOOK_WATCH, 1u << WS_OP_DNS | 1u << WS_OP_OUTLIVE },
	};

	(void)state;
	for (size_t b = 0; b < ARRAY_SIZE(table); b++) {
		uint32_t seen = 0;

		for (size_t i = 0; i < hook_count; i++)
			if (hooks[i].backend == HOOK_BOTH || hooks[i].backend == table[b].backend)
				seen |= hooks[i].ops;
		for (unsigned op = 1; op < WS_OP_MAX; op++)
			if (!(seen & 1u << op) != !!(table[b].ops & 1u << op))
				fail_msg("backend %d: %s is %s", (int)table[b].backend, op_name(op),
					 seen & 1u << op ? "seen" : "not seen");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_its_program),
		cmocka_unit_test(every_program_has_its_row),
		cmocka_unit_test(names_are_unique_on_a_backend),
		cmocka_unit_test(what_user_space_runs_is_in_the_first_object),
		cmocka_unit_test(needs_what_it_attaches_to),
		cmocka_unit_test(rows_make_sense),
		cmocka_unit_test(blind_spots),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
