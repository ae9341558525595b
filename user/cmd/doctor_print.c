// SPDX-License-Identifier: GPL-2.0-only
/* doctor_print.c - doctor's report for people. */
#include <string.h>

#include "doctor.h"

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static void row(FILE *to, const char *label, const char *value)
{
	fprintf(to, "%-14s %s\n", label, *value ? value : "unknown");
}

static void print_machine(FILE *to, const json_t *report)
{
	const json_t *k = json_object_get(report, "kernel");
	const char *missing = text(k, "missing_capabilities");

	fprintf(to, "%-14s %s %s\n", "kernel", text(k, "release"), text(k, "machine"));
	row(to, "BTF",
	    json_is_true(json_object_get(k, "btf"))
		    ? "yes"
		    : "no: build the kernel with CONFIG_DEBUG_INFO_BTF");
	row(to, "cgroup v2", *text(k, "cgroup2") ? text(k, "cgroup2") : "not mounted");
	if (*missing)
		fprintf(to, "%-14s missing: %s\n", "capabilities", missing);
	else
		row(to, "capabilities", "all that are needed");
	row(to, "lockdown", *text(k, "lockdown") ? text(k, "lockdown") : "not in this kernel");
	row(to, "lsm", text(k, "lsm"));
	row(to, "preemption", text(k, "preemption"));
	row(to, "rules", text(report, "rules_dirs"));
}

static void print_backend(FILE *to, const json_t *report)
{
	const char *backend = text(report, "backend");

	if (strcmp(backend, "deny") == 0)
		row(to, "backend", "deny: operations are refused");
	else if (*text(report, "fmod_ret_why"))
		fprintf(to,
			"%-14s watch: operations are seen and killed for, not refused\n%-14s "
			"because: %s\n",
			"backend", "", text(report, "fmod_ret_why"));
	else
		row(to, "backend", "watch: operations are seen and killed for, not refused");
	if (!strcmp(text(report, "may_skip"), "yes"))
		fprintf(to,
			"%-14s the kernel may skip a check for one task while another, preempted inside the same check, waits; "
			"the summary of a run counts it. Boot with preempt=voluntary, or a kernel of 6.2 or later with bpf among "
			"lsm=\n",
			"checks");
	else if (!strcmp(text(report, "may_skip"), "unknown"))
		fprintf(to,
			"%-14s none is skipped unless the kernel is preemptible (preempt=full), which debugfs would tell and is "
			"not mounted\n",
			"checks");
	row(to, "tried",
	    "loaded, attached, a session begun, and the self-test was killed as it must be");
}

static void print_hooks(FILE *to, const json_t *report)
{
	const json_t *hook;
	size_t i;

	fprintf(to, "\nhooks\n");
	json_array_foreach(json_object_get(report, "hooks"), i, hook) {
		/* Those of the other backend say nothing about this kernel. */
		if (strstr(text(hook, "why"), "other backend"))
			continue;
		fprintf(to, "  %-14s %-11s %s%s%s\n", text(hook, "name"), text(hook, "power"),
			text(hook, "program"), *text(hook, "why") ? ": " : "", text(hook, "why"));
	}
}

static void print_rules(FILE *to, const json_t *report)
{
	const json_t *counts = json_object_get(report, "rule_counts"), *rule;
	size_t i;

	fprintf(to, "\nrules: %d deny, %d kill, %d watch, %d blind\n",
		(int)json_integer_value(json_object_get(counts, "deny")),
		(int)json_integer_value(json_object_get(counts, "kill")),
		(int)json_integer_value(json_object_get(counts, "watch")),
		(int)json_integer_value(json_object_get(counts, "blind")));
	json_array_foreach(json_object_get(report, "rules"), i, rule)
		fprintf(to, "  %-32s %-5s is %-5s here: %s\n", text(rule, "id"),
			text(rule, "action"), text(rule, "power"), text(rule, "why"));
}

static void print_end(FILE *to, const json_t *report)
{
	const char *enforcement = text(report, "enforcement"), *failed = text(report, "failed");

	fputc('\n', to);
	if (strcmp(enforcement, "yes") == 0)
		fputs("wormsign can enforce all of its rules here.\n", to);
	else if (strcmp(enforcement, "partly") == 0)
		fputs("wormsign can enforce a part of its rules here: see what is watch, blind or "
		      "done after the fact above.\n",
		      to);
	else
		fprintf(to, "wormsign can enforce nothing here: %s\n", text(report, "error"));
	if (strcmp(failed, "kernel") == 0)
		fputs("The kernel side was not loaded, so nothing is known about hooks and "
		      "rules.\n",
		      to);
}

void doctor_print(FILE *to, const json_t *report)
{
	print_machine(to, report);
	if (json_object_get(report, "hooks")) {
		print_backend(to, report);
		print_hooks(to, report);
		print_rules(to, report);
	}
	print_end(to, report);
}
