// SPDX-License-Identifier: GPL-2.0-only
/* test_doctor_print.c - doctor's report for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/doctor_print.h"
#include "cmocka_all.h"

/* The report for people leaves nothing out, and copes with one that is nearly empty. */
static void printed(void **state)
{
	json_t *report = json_pack(
		"{s:{s:s,s:s,s:b,s:n,s:s,s:s},s:s,s:s,s:[{s:s,s:s,s:s,s:s,s:[],s:s}],"
		"s:{s:i,s:i,s:i,s:i},s:[{s:s,s:s,s:s,s:s,s:s}],s:s}",
		"kernel", "release", "6.18.1", "machine", "x86_64", "btf", 1, "cgroup2",
		"missing_capabilities", "", "lockdown", "integrity", "backend", "watch",
		"fmod_ret_why", "Operation not permitted", "hooks", "name", "open", "power",
		"kill-before", "backend", "watch", "program", "tp_btf/sys_exit", "ops", "why", "",
		"rule_counts", "deny", 0, "kill", 1, "watch", 0, "blind", 0, "rules", "id",
		"ssh-key-read", "action", "deny", "power", "kill", "weakest", "read", "why",
		"read is done", "enforcement", "partly");
	json_t *empty = json_object();
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_non_null(report);
	doctor_print(f, report);
	fclose(f);
	assert_non_null(strstr(text, "kernel         6.18.1 x86_64\n"));
	assert_non_null(strstr(text, "because: Operation not permitted\n"));
	assert_non_null(strstr(text, "rules: 0 deny, 1 kill, 0 watch, 0 blind\n"));
	assert_non_null(strstr(text, "ssh-key-read"));
	assert_non_null(strstr(text, "a part of its rules"));
	free(text);
	f = open_memstream(&text, &size);
	doctor_print(f, empty);
	fclose(f);
	assert_non_null(strstr(text, "What wormsign can enforce here is unknown"));
	assert_null(strstr(text, "not in this kernel"));
	assert_null(strstr(text, "not mounted"));
	assert_null(strstr(text, "complete"));
	free(text);
	json_decref(report);
	json_decref(empty);
}

static char *print(json_t *report)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(report);
	doctor_print(f, report);
	fclose(f);
	json_decref(report);
	return text;
}

/* Each member that changes a line, and the line. */
static void lines(void **state)
{
	static const struct {
		const char *report, *line;
	} table[] = {
		{ "{'hooks':[], 'backend':'deny', 'fmod_ret_why':'x'}",
		  "\nbackend        deny: operations are refused\ntried " },
		{ "{'hooks':[], 'backend':'watch'}", "\nbackend        watch: most operations are "
						     "not refused; the script is killed\ntried " },
		{ "{'hooks':[], 'may_skip':'yes'}",
		  "\nchecks         the kernel may skip a check" },
		{ "{'hooks':[], 'may_skip':'unknown'}", "since debugfs is not mounted\n" },
		{ "{'kernel':{'missing_capabilities':'CAP_BPF'}}",
		  "\ncapabilities   missing: CAP_BPF\n" },
		{ "{'kernel':{'missing_capabilities':''}}", "\ncapabilities   complete\n" },
		{ "{'kernel':{'btf':false}}", "\nBTF            no: build the kernel with" },
		{ "{'kernel':{'cgroup2':null}}", "\ncgroup v2      not mounted\n" },
		{ "{'kernel':{'lockdown':null}}", "\nlockdown       unknown\n" },
		{ "{'kernel':{'lockdown':false}}", "\nlockdown       not in this kernel\n" },
		{ "{'kernel':{'lockdown':null,'lockdown_unknown':'so'}}",
		  "\nlockdown       unknown, so\n" },
		{ "{'kernel':{'btf':null,'btf_unknown':'so'}}", "\nBTF            unknown, so\n" },
		{ "{'kernel':{'lsm':'a,b'}}", "\nlsm            a,b\n" },
		{ "{'expiring_tunings':['one','two']}",
		  "\nexpires soon   one\n               two\n" },
		{ "{'enforcement':'yes'}", "\nwormsign can enforce all of its rules here.\n" },
		{ "{'enforcement':'no','error':'so','failed':'kernel'}",
		  "\nwormsign can enforce nothing here: so\nThe kernel side was not loaded" },
		{ "{'hooks':[{'name':'open','power':'blind','program':'','why':'ENOENT'}]}",
		  "  open           blind       : ENOENT\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		_free_ char *json = strdup(table[i].report), *text = NULL;

		for (char *c = json; *c; c++)
			if (*c == '\'')
				*c = '"';
		text = print(json_loads(json, 0, NULL));
		if (!strstr(text, table[i].line))
			fail_msg("row %zu: %s", i, text);
	}
}

/* Nothing is said of hooks that were not tried, and nothing of those of the other backend. */
static void left_out(void **state)
{
	_free_ char *text = print(json_pack("{s:s}", "enforcement", "no"));

	(void)state;
	assert_null(strstr(text, "backend"));
	assert_null(strstr(text, "rules:"));
	free(text);
	text = print(
		json_pack("{s:[{s:s,s:s}]}", "hooks", "name", "denying", "why", "other backend"));
	assert_null(strstr(text, "denying"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed),
		cmocka_unit_test(lines),
		cmocka_unit_test(left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
