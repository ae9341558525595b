// SPDX-License-Identifier: GPL-2.0-only
/* cmd_rules.c - `wormsign rules`: load and compile rules, then check, list, explain or test them.
 * No root is needed. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/cmd_output.h"
#include "cmd/load_rules.h"
#include "cmd/rules_explain.h"
#include "cmd/rules_list.h"
#include "policy/compile.h"
#include "automaton/dfa.h"
#include "policy/simulate.h"

#define STATUS_FAILED 1 /* rules cannot be loaded, or do not do what their tests say */

static const char usage[] =
	"Usage: wormsign rules [--rules DIR]... check [DIR]...\n"
	"       wormsign rules [--rules DIR]... list [ID]...\n"
	"       wormsign rules [--rules DIR]... test [ID]...\n"
	"       wormsign rules [--rules DIR]... explain OP ACTOR [OBJECT] [KEY=VALUE]... [-- "
	"ARGV...]\n"
	"\n"
	"  check      load and compile the rules, with those below DIR, and show what they use of "
	"each limit\n"
	"  list       one line for each rule, strongest first; with IDs, everything about these\n"
	"  test       run the tests that each rule holds\n"
	"  explain    what the rules say about one operation, and why; OBJECT is a path or "
	"ADDRESS[:PORT];\n"
	"             keys: exe package directory event place http bytes times label "
	"session-label\n"
	"\n"
	"  --rules DIR   also read the rules and tunings below DIR (after the shipped ones and the "
	"site's)\n"
	"  -h, --help    this text\n"
	"\n"
	"Exit status: 0; 1 a rule is wrong, or does not do what its tests say; 125 wrong usage.\n"
	"\n"
	"wormsign rules explain read package /home/ci/.npmrc\n"
	"wormsign rules explain exec package /usr/bin/node -- node /usr/bin/npm publish\n";

struct rules_context {
	struct rule_dirs dirs;
	struct ruleset *set;
	struct tables *tables;
	int64_t ms; /* that loading and compiling took */
};

static void context_done(struct rules_context *c)
{
	tables_free(c->tables);
	ruleset_free(c->set);
	rule_dirs_done(&c->dirs);
}

static int context_load(struct rules_context *c, const char *const *extra, struct error *e)
{
	CLEANUP(run_as_free) struct run_as who = { 0 };
	int r = run_as_find(&who, geteuid(), e);

	if (r < 0)
		return r;
	c->ms = clock_ms();
	r = load_rules(&c->set, &c->dirs, extra, &who, e);
	if (r == 0)
		r = compile(&c->tables, c->set, COMPILE_CACHE, e);
	c->ms = clock_ms() - c->ms;
	return r;
}

/* ---- check ---- */

static int check(const struct rules_context *c)
{
	const struct tables *t = c->tables;

	printf("%zu rules in %s\n", c->set->count, c->dirs.text);
	printf("  rules            %6zu of %d\n", c->set->count, WS_RULES_MAX);
	printf("  labels           %6zu of %d\n", c->set->labels.count, WS_LABELS_MAX);
	printf("  states           %6zu of %d (%zu kB)\n", t->row_count, DFA_ROWS_MAX,
	       t->row_count * sizeof(struct ws_row) >> 10);
	printf("  accept sets      %6zu of %d\n", t->set_count, DFA_SETS_MAX);
	printf("  symbols in paths %6u of %d, argv %u, packages %u\n", t->class_count[WS_DFA_PATH],
	       WS_CLASSES, t->class_count[WS_DFA_ARGV], t->class_count[WS_DFA_NAME]);
	printf("  addresses        %6zu, ports %zu, protected patterns %zu\n",
	       t->lpm4_count + t->lpm6_count, t->port_count, t->identity_count);
	rules_list_tuned(c->set);
	printf("loaded and compiled in %" PRId64 " ms\n", c->ms);
	return 0;
}

/* Whether each of ids is the id of a rule; the first that is not is an error on stderr. */
static bool are_ids(const struct rules_context *c, char *const *ids)
{
	for (; *ids; ids++) {
		struct error e = { 0 };

		if (ruleset_find(c->set, *ids))
			continue;
		error_set(&e, -ENOENT, "there is no rule `%s`", *ids);
		cmd_output_error(&e, ENOENT);
		return false;
	}
	return true;
}

static int list(const struct rules_context *c, char *const *ids)
{
	if (!are_ids(c, ids))
		return STATUS_TROUBLE;
	if (!*ids)
		rules_list(c->set);
	for (; *ids; ids++)
		rules_list_one(ruleset_find(c->set, *ids));
	return 0;
}

/* ---- test ---- */

struct testing {
	const struct rule *rule;
	size_t failed;
};

static void test_failed(void *arg, const char *kind, size_t n, json_t *operation,
			const char *missed)
{
	struct testing *t = arg;
	_free_ char *text = json_dumps(operation, JSON_COMPACT);

	t->failed++;
	printf("FAIL  %s: /tests/%s/%zu: %s\n      %s%s\n", t->rule->file, kind, n, text ?: "?",
	       missed ? "does not fire; condition not met: " : "fires", missed ?: "");
}

static int test(const struct rules_context *c, char *const *ids)
{
	size_t total = 0, failed = 0, untested = 0, rules = 0;

	if (!are_ids(c, ids))
		return STATUS_TROUBLE;
	for (size_t i = 0; i < c->set->count; i++) {
		struct testing t = { .rule = &c->set->rules[i] };
		bool wanted = !*ids;
		size_t n;

		for (char *const *id = ids; *id && !wanted; id++)
			wanted = strcmp(*id, t.rule->id) == 0;
		if (!wanted)
			continue;
		n = simulate_rule_tests(c->tables, c->set, i, test_failed, &t);
		rules++;
		total += n;
		failed += t.failed;
		untested += n == 0;
	}
	if (untested)
		printf("%zu rules have no tests\n", untested);
	printf("%zu rules, %zu operations, %zu of them failed\n", rules, total, failed);
	return failed ? STATUS_FAILED : 0;
}

/* ---- the command line ---- */

struct words {
	const char **extra; /* directories of rules, NULL-ended */
	const char *what;   /* the subcommand */
	char **rest;	    /* what follows it, NULL-ended */
	char **argv;	    /* what follows `--`; NULL: there is no `--` */
};

static int try_help(void)
{
	fputs("Try 'wormsign rules --help'.\n", stderr);
	return STATUS_TROUBLE;
}

static int misuse(const char *format, const char *word)
{
	struct error e = { 0 };

	error_set(&e, -EINVAL, format, word);
	cmd_output_error(&e, EINVAL);
	return try_help();
}

/* -1: go on; else the status to exit with. Options may stand between the other words; what follows
 * `--` is left alone. */
static int parse(struct words *w, int argc, char **argv)
{
	static const struct option options[] = {
		{ "rules", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	size_t extras = 0;
	int o;

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0) {
			argv[i] = NULL;
			w->argv = argv + i + 1;
			argc = i;
		}
	argv[0] = "wormsign rules"; /* what getopt_long calls us */
	optind = 0;		    /* start anew: main has used getopt_long */
	while ((o = getopt_long(argc, argv, "r:h", options, NULL)) != -1) {
		if (o == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (o != 'r')
			return try_help();
		w->extra[extras++] = optarg;
	}
	w->what = argv[optind];
	if (!w->what)
		return misuse("rules: say what to do: check, list, test or explain%s", "");
	w->rest = argv + optind + 1;
	if (strcmp(w->what, "check") == 0)
		while (*w->rest)
			w->extra[extras++] = *w->rest++;
	if (w->argv && strcmp(w->what, "explain") != 0)
		return misuse("rules: `--` does not apply to %s", w->what);
	return -1;
}

int cmd_rules(int argc, char **argv)
{
	CLEANUP(context_done) struct rules_context c = { 0 };
	_free_ const char **extra = calloc((size_t)argc + 1, sizeof(*extra));
	struct words w = { .extra = extra };
	struct error e = { 0 };
	int r;

	if (!extra)
		return STATUS_TROUBLE;
	signal(SIGXFSZ, SIG_IGN); /* a full file is reported by cmd_output_flush() */
	r = parse(&w, argc, argv);
	if (r >= 0)
		return r;
	if (strcmp(w.what, "check") != 0 && strcmp(w.what, "list") != 0 &&
	    strcmp(w.what, "test") != 0 && strcmp(w.what, "explain") != 0)
		return misuse("rules: there is no `%s`, only check, list, test and explain",
			      w.what);
	r = context_load(&c, w.extra, &e);
	if (r < 0) {
		cmd_output_error(&e, r);
		return STATUS_FAILED;
	}
	cmd_output_tunings(c.set, false);
	if (strcmp(w.what, "check") == 0)
		return check(&c);
	if (strcmp(w.what, "list") == 0)
		return list(&c, w.rest);
	if (strcmp(w.what, "test") == 0)
		return test(&c, w.rest);
	r = rules_explain(c.set, c.tables, w.rest, w.argv, &e);
	if (r < 0)
		cmd_output_error(&e, r);
	return r < 0 ? STATUS_TROUBLE : 0;
}
