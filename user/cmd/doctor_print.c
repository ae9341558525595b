// SPDX-License-Identifier: GPL-2.0-only
/* doctor_print.c - one line a fact, hook and rule. */
#include "cmd/doctor_print.h"

#include <stdbool.h>
#include <string.h>

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static void row(FILE *to, const char *label, const char *value)
{
	fprintf(to, "%-14s %s\n", label, *value ? value : "unknown");
}

/* Print a fact of the machine. no: what to print if its value is false, which means that this
 * machine does not have it. null means that it is unknown, or with null_is_no the same as false. */
static void fact(FILE *to, const char *label, const json_t *kernel, const char *key, const char *no,
		 bool null_is_no)
{
	const json_t *value = json_object_get(kernel, key);
	char name[64];

	snprintf(name, sizeof(name), "%s_unknown", key);
	if (*text(kernel, name))
		fprintf(to, "%-14s unknown, %s\n", label, text(kernel, name));
	else if (json_is_true(value))
		row(to, label, "yes");
	else if (json_is_string(value))
		row(to, label, text(kernel, key));
	else if (json_is_false(value) || (null_is_no && json_is_null(value)))
		row(to, label, no);
	else
		row(to, label, "");
}

static void print_list(FILE *to, const char *label, const json_t *list)
{
	const json_t *each;
	size_t i;

	json_array_foreach(list, i, each)
		row(to, i ? "" : label, json_string_value(each));
}

static void print_machine(FILE *to, const json_t *report)
{
	const json_t *k = json_object_get(report, "kernel");
	const char *missing = text(k, "missing_capabilities");

	fprintf(to, "%-14s %s %s\n", "kernel", text(k, "release"), text(k, "machine"));
	fact(to, "BTF", k, "btf", "no: build the kernel with CONFIG_DEBUG_INFO_BTF", false);
	fact(to, "cgroup v2", k, "cgroup2", "not mounted", true);
	if (!json_object_get(k, "missing_capabilities"))
		row(to, "capabilities", "");
	else if (*missing)
		fprintf(to, "%-14s missing: %s\n", "capabilities", missing);
	else
		row(to, "capabilities", "complete");
	fact(to, "lockdown", k, "lockdown", "not in this kernel", false);
	fact(to, "lsm", k, "lsm", "not in this kernel", false);
	if (*text(k, "lsm_unknown"))
		row(to, "", "so no program of the BPF LSM is used");
	row(to, "preemption", text(k, "preemption"));
	/* `deny` refuses it to packages; anybody else's programs may, too */
	if (*text(k, "legacy_tiocsti_unknown"))
		fprintf(to, "%-14s may take input from programs (TIOCSTI), which is unknown: %s\n",
			"terminal", text(k, "legacy_tiocsti_unknown"));
	else if (!*text(k, "legacy_tiocsti"))
		row(to, "terminal",
		    "takes input from programs (TIOCSTI); this kernel cannot forbid it");
	else if (strcmp(text(k, "legacy_tiocsti"), "0"))
		row(to, "terminal",
		    "takes input from programs (TIOCSTI); sysctl dev.tty.legacy_tiocsti=0 forbids "
		    "it");
	if (strcmp(text(k, "admission"), "yes") == 0)
		row(to, "environment", "scripts of packages get it without secrets");
	else
		fprintf(to, "%-14s scripts of packages see its secrets: %s\n", "environment",
			text(k, "admission"));
	if (strcmp(text(report, "backend"), "deny") == 0)
		row(to, "files", "tokens in ~/.npmrc and the like are hidden from scripts");
	else if (!*text(k, "files_open"))
		row(to, "files",
		    "tokens in ~/.npmrc and the like are refused to scripts (fanotify)");
	else
		fprintf(to, "%-14s scripts can read the tokens in ~/.npmrc and the like: %s\n",
			"files", text(k, "files_open"));
	if (strcmp(text(report, "backend"), "deny") != 0) {
		if (!*text(k, "calls_open"))
			row(to, "calls",
			    "of scripts that delete, move, link, make or empty a file, mount or "
			    "make a user namespace are refused before they begin (seccomp)");
		else
			fprintf(to, "%-14s of scripts are not refused before they begin: %s\n",
				"calls", text(k, "calls_open"));
	}
	row(to, "rules", text(report, "rules_dirs"));
	print_list(to, "expired", json_object_get(report, "expired_tunings"));
	print_list(to, "expires soon", json_object_get(report, "expiring_tunings"));
}

static void print_backend(FILE *to, const json_t *report)
{
	const char *backend = text(report, "backend");

	if (strcmp(backend, "deny") == 0)
		row(to, "backend", "deny: operations are refused");
	else
		row(to, "backend", "watch: most operations are not refused; the script is killed");
	if (strcmp(backend, "deny") != 0 && *text(report, "fmod_ret_why"))
		fprintf(to, "%-14s because: %s\n", "", text(report, "fmod_ret_why"));
	if (!strcmp(text(report, "may_skip"), "yes"))
		row(to, "checks",
		    "the kernel may skip a check for one task while another one is preempted "
		    "inside of it; a run's summary counts these. To avoid it, boot with "
		    "preempt=voluntary, or a kernel of 6.2 or later with bpf in lsm=");
	else if (!strcmp(text(report, "may_skip"), "unknown"))
		row(to, "checks",
		    "the kernel may skip some if it is preemptible (preempt=full), which is "
		    "unknown, since debugfs is not mounted");
	row(to, "tried",
	    "loaded and attached the hooks, passed the self-test, began and ended a session");
}

static void print_errors(FILE *to, const json_t *report)
{
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(report, "errors"), i, e)
		fprintf(to, "%-14s %s (%s): %s, %d times\n", i ? "" : "errors", text(e, "helper"),
			text(e, "place"), text(e, "error"),
			(int)json_integer_value(json_object_get(e, "count")));
}

static void print_hooks(FILE *to, const json_t *report)
{
	const json_t *hook;
	size_t i;

	fprintf(to, "\nhooks\n");
	json_array_foreach(json_object_get(report, "hooks"), i, hook) {
		/* hooks of the backend that was not chosen say nothing about this kernel */
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
		fputs("wormsign can enforce a part of its rules here: above, see those that are "
		      "watch or blind, and those that kill after the operation.\n",
		      to);
	else if (strcmp(enforcement, "no") == 0)
		fprintf(to, "wormsign can enforce nothing here: %s\n", text(report, "error"));
	else
		fprintf(to, "What wormsign can enforce here is unknown: %s\n",
			*text(report, "error") ? text(report, "error") : "nothing was tried");
	if (strcmp(failed, "kernel") == 0)
		fputs("The kernel side was not loaded, so what hooks and rules can do here is "
		      "unknown.\n",
		      to);
}

void doctor_print(FILE *to, const json_t *report)
{
	print_machine(to, report);
	if (json_object_get(report, "hooks")) {
		print_backend(to, report);
		print_errors(to, report);
		print_hooks(to, report);
		print_rules(to, report);
	}
	print_end(to, report);
}
