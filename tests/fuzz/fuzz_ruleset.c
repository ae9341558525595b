// SPDX-License-Identifier: GPL-2.0-only
/* fuzz_ruleset.c - any bytes as a rule file: refused with a reason that names the file, or a rule
 * that compiles. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/compile.h"
#include "policy/rule_parse.h"
#include "policy/simulate.h"
#include "policy/tuning.h"

/* Wildcards make automata large, which is slow under the sanitizers and no news: their limit has a
 * unit test. */
static bool is_small(const struct rule *r)
{
	const struct strings *lists[] = { &r->path,	      &r->exe,
					  &r->argv,	      &r->package,
					  &r->unless_path,    &r->unless_exe,
					  &r->unless_package, &r->unless_new_directory };
	size_t wild = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t k = 0; k < lists[i]->count; k++)
			for (const char *p = lists[i]->at[k]; *p; p++)
				wild += *p == '*';
	return wild <= 8;
}

static void failed(void *arg, const char *kind, size_t n, json_t *operation, const char *missed)
{
	(void)arg;
	(void)kind;
	(void)n;
	(void)operation;
	(void)missed;
}

static void use(struct rule *rule)
{
	struct ruleset set = { .rules = rule, .count = 1 };
	struct tables *tables = NULL;
	struct error e = { 0 };
	int r;

	if (rule->after.count || !is_small(rule))
		return;
	set.labels = (struct strings){ &rule->label, rule->label != NULL };
	r = compile(&tables, &set, NULL, &e);
	if (r == 0)
		simulate_rule_tests(tables, &set, 0, failed, NULL);
	else if (r != -E2BIG || !e.text[0])
		abort(); /* what the loader takes compiles, or passes a limit and says so */
	tables_free(tables);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *root = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct error e = { 0 };
	struct tuning tuning;
	struct rule rule;

	if (!root)
		return 0;
	if (rule_parse(&rule, root, "fuzz.json", &e) == 0) {
		use(&rule);
		rule_done(&rule);
	} else if (strncmp(e.text, "fuzz.json: /", 12) != 0) {
		abort();
	}
	e = (struct error){ 0 };
	if (json_is_object(root) && tuning_parse(&tuning, root, "fuzz.json", &e) == 0)
		tuning_done(&tuning);
	json_decref(root);
	return 0;
}
