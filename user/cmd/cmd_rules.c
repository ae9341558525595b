// SPDX-License-Identifier: GPL-2.0-only
/* cmd_rules.c - `wormsign rules`: work on rules without root: check, list, explain, test. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "cmd.h"
#include "compile.h"
#include "decide.h"
#include "dfa.h"
#include "rule_check.h"
#include "rulesdirs.h"
#include "ruleset.h"
#include "trial.h"

#define STATUS_FAILED \
	1 /* `test`: a rule does not do what its tests say; `check`: the rules are wrong */

static const char usage[] =
	"Usage: wormsign rules [--rules DIR]... check\n"
	"       wormsign rules [--rules DIR]... list [ID]...\n"
	"       wormsign rules [--rules DIR]... test [ID]...\n"
	"       wormsign rules [--rules DIR]... explain OP ACTOR [OBJECT] [KEY=VALUE]... [-- "
	"ARGV...]\n"
	"\n"
	"  check      load and compile the rules, and show what they use of each limit\n"
	"  list       one line a rule, strongest first; with IDs, everything about these\n"
	"  test       run the tests that each rule carries\n"
	"  explain    what the rules say about one operation, and why; OBJECT is a path or "
	"ADDRESS:PORT;\n"
	"             keys: exe package place label session-label bytes times\n"
	"\n"
	"  --rules DIR   also read the rules and tunings below DIR (after the shipped ones and the "
	"site's)\n"
	"  -h, --help    this text\n"
	"\n"
	"wormsign rules explain read package /home/ci/.npmrc\n"
	"wormsign rules explain exec package /usr/bin/node -- node /usr/bin/npm publish\n";

struct rules_context {
	struct rulesdirs dirs;
	struct ruleset *set;
	struct tables *tables;
	double ms; /* that loading and compiling took */
};

static void context_done(struct rules_context *c)
{
	tables_free(c->tables);
	ruleset_free(c->set);
	rulesdirs_free(&c->dirs);
}

static int context_load(struct rules_context *c, const char *const *extra, struct error *e)
{
	struct timespec before, after;
	int r = rulesdirs_find(&c->dirs, extra, e);

	if (r < 0)
		return r;
	clock_gettime(CLOCK_MONOTONIC, &before);
	r = ruleset_load(&c->set, (const char *const *)c->dirs.at, c->dirs.count, e);
	if (r == 0)
		r = compile(&c->tables, c->set, e);
	clock_gettime(CLOCK_MONOTONIC, &after);
	c->ms = (double)(after.tv_sec - before.tv_sec) * 1e3 +
		(double)(after.tv_nsec - before.tv_nsec) / 1e6;
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
	for (size_t i = 0; i < c->set->count; i++)
		if (c->set->rules[i].tuned)
			printf("  tuned: %s: %s\n", c->set->rules[i].id, c->set->rules[i].tuned);
	printf("loaded and compiled in %.0f ms\n", c->ms);
	return 0;
}

/* ---- list ---- */

static void put_bits(const char *what, uint32_t bits, const char *(*name)(unsigned n))
{
	bool first = true;

	if (!bits)
		return;
	printf("  %-11s", what);
	for (unsigned n = 0; n < 32; n++)
		if (bits & 1u << n) {
			printf("%s%s", first ? "" : ", ", name(n));
			first = false;
		}
	printf("\n");
}

static void put_strings(const char *what, const struct strings *s)
{
	for (size_t i = 0; i < s->count; i++)
		printf("  %-11s%s\n", i ? "" : what, s->at[i]);
}

static void put_rule(const struct rule *r)
{
	printf("%s: %s\n", r->id, r->title);
	printf("  %-11s%s, %s (%s)\n", "verdict", action_name(r->action),
	       severity_name(r->severity), r->file);
	put_bits("on", r->ops, op_name);
	put_bits("actor", r->actors, actor_name);
	put_strings("path", &r->path);
	put_bits("place", r->places, place_name);
	put_strings("exe", &r->exe);
	put_strings("argv", &r->argv);
	put_strings("package", &r->package);
	put_strings("address", &r->address);
	for (size_t i = 0; i < r->port_count; i++)
		printf("  %-11s%u\n", i ? "" : "port", r->ports[i]);
	put_strings("unless path", &r->unless_path);
	put_bits("... place", r->unless_places, place_name);
	put_strings("... exe", &r->unless_exe);
	put_strings("... package", &r->unless_package);
	put_strings("after", &r->after);
	if (r->count_of)
		printf("  %-11sover %u%s%s\n", "count", r->over,
		       r->count_of == WS_COUNT_BYTES   ? " bytes"
		       : r->count_of == WS_COUNT_PATHS ? " different paths"
						       : " times",
		       r->within_ms ? " within a window" : "");
	if (r->label)
		printf("  %-11s%s\n", "label", r->label);
	put_strings("attack", &r->attack);
	printf("  %-11s%s\n  %-11s%s\n", "why", r->why, "remedy", r->remedy);
	if (r->tuned)
		printf("  %-11s%s\n", "tuned", r->tuned);
}

/* Number of the rule with that id; says so when there is none. */
static int rule_number(const struct rules_context *c, const char *id, size_t *ret)
{
	const struct rule *r = ruleset_find(c->set, id);
	struct error e = { 0 };

	if (!r) {
		error_set(&e, -ENOENT, "there is no rule `%s`", id);
		tell_error(&e, -ENOENT);
		return -ENOENT;
	}
	*ret = (size_t)(r - c->set->rules);
	return 0;
}

static int list(const struct rules_context *c, char *const *ids)
{
	if (!*ids)
		for (size_t i = 0; i < c->set->count; i++) {
			const struct rule *r = &c->set->rules[i];

			printf("%-5s  %-8s  %-26s  %s%s\n", action_name(r->action),
			       severity_name(r->severity), r->id, r->title,
			       r->tuned ? " (tuned)" : "");
		}
	for (; *ids; ids++) {
		size_t n;

		if (rule_number(c, *ids, &n) < 0)
			return STATUS_TROUBLE;
		put_rule(&c->set->rules[n]);
	}
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
	       missed ? "does not fire: condition not met: " : "fires", missed ?: "");
}

static int test(const struct rules_context *c, char *const *ids)
{
	size_t total = 0, failed = 0, untested = 0, rules = 0;

	for (size_t i = 0; i < c->set->count; i++) {
		struct testing t = { .rule = &c->set->rules[i] };
		bool wanted = !*ids;
		size_t n;

		for (char *const *id = ids; *id && !wanted; id++)
			wanted = strcmp(*id, t.rule->id) == 0;
		if (!wanted)
			continue;
		n = trial_rule_tests(c->tables, c->set, i, test_failed, &t);
		rules++;
		total += n;
		failed += t.failed;
		untested += n == 0;
	}
	for (; *ids; ids++) {
		size_t n;

		if (rule_number(c, *ids, &n) < 0)
			return STATUS_TROUBLE;
	}
	if (untested)
		printf("%zu rules carry no tests\n", untested);
	printf("%zu rules, %zu operations, %zu not as written\n", rules, total, failed);
	return failed ? STATUS_FAILED : 0;
}

/* ---- explain ---- */

/* ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT into the operation. */
static int set_address(json_t *op, const char *text)
{
	_free_ char *host = strdup(text[0] == '[' ? text + 1 : text);
	char *colon = host ? strrchr(host, ':') : NULL;

	if (!host)
		return -ENOMEM;
	if (text[0] == '[') {
		char *end = strchr(host, ']');

		if (!end)
			return -EINVAL;
		*end = '\0';
		colon = end[1] == ':' ? end + 1 : NULL;
	} else if (colon && strchr(host, ':') != colon) {
		colon = NULL; /* bare IPv6 */
	}
	if (colon) {
		json_object_set_new(op, "port", json_integer(atoi(colon + 1)));
		*colon = '\0';
	}
	return json_object_set_new(op, "address", json_string(host));
}

static int set_key(json_t *op, const char *text)
{
	static const char *const keys[][2] = {
		{ "exe", "exe" },
		{ "package", "package" },
		{ "place", "place" },
		{ "label", "labels" },
		{ "session-label", "session_labels" },
		{ "bytes", "bytes" },
		{ "times", "times" },
	};
	const char *value = strchr(text, '=');

	for (size_t i = 0; value && i < ARRAY_SIZE(keys); i++) {
		const char *key = keys[i][1];
		json_t *list;

		if (strlen(keys[i][0]) != (size_t)(value - text) ||
		    strncmp(keys[i][0], text, value - text) != 0)
			continue;
		if (strcmp(key, "bytes") == 0 || strcmp(key, "times") == 0)
			return json_object_set_new(op, key, json_integer(atoll(value + 1)));
		if (strstr(key, "labels")) {
			list = json_object_get(op, key);
			if (!list)
				json_object_set_new(op, key, list = json_array());
			return json_array_append_new(list, json_string(value + 1));
		}
		return json_object_set_new(op, key, json_string(value + 1));
	}
	return -EINVAL;
}

/* The command line as a description of an operation. */
static int describe(json_t **ret, char *const *words, struct error *e)
{
	_json_ json_t *op = json_object();
	bool inet;
	int kind;

	if (!op)
		return -ENOMEM;
	if (!words[0] || !words[1])
		return error_set(
			e, -EINVAL,
			"explain: needs an operation and an actor: read package /home/ci/.npmrc");
	json_object_set_new(op, "op", json_string(words[0]));
	json_object_set_new(op, "actor", json_string(words[1]));
	kind = op_from_name(words[0]);
	inet = kind > 0 && 1u << kind & ops_with_address();
	for (words += 2; *words && strcmp(*words, "--") != 0; words++) {
		const char *word = *words;
		int r;

		if (word[0] == '/')
			r = json_object_set_new(op, "path", json_string(word));
		else if (inet && !strchr(word, '='))
			r = set_address(op, word);
		else
			r = set_key(op, word);
		if (r < 0)
			return error_set(e, -EINVAL,
					 "explain: `%s` is neither an object of %s nor KEY=VALUE",
					 word, json_string_value(json_object_get(op, "op")));
	}
	if (*words) {
		json_t *argv = json_array();

		for (words++; *words; words++)
			json_array_append_new(argv, json_string(*words));
		json_object_set_new(op, "argv", argv);
	}
	*ret = json_incref(op);
	return 0;
}

static int explain(const struct rules_context *c, char *const *words)
{
	_json_ json_t *op = NULL;
	struct trial_result result;
	struct error e = { 0 };
	struct trial trial;
	size_t near = 0;
	int r = describe(&op, words, &e);

	if (r == 0)
		r = trial_parse(&trial, op, &e);
	if (r < 0) {
		tell_error(&e, r);
		return STATUS_TROUBLE;
	}
	trial_run(&result, c->tables, c->set, &trial);
	if (trial.path)
		printf("place: %s\n", place_name(result.place));
	printf("verdict: %s\n", action_name(result.action));
	for (size_t i = 0; i < c->set->count; i++) {
		const struct rule *rule = &c->set->rules[i];

		if (result.fired.w[i / 64] >> i % 64 & 1)
			printf("  fires  %-5s %s: %s%s%s\n", action_name(rule->action), rule->id,
			       rule->title, rule->label ? "; sets label " : "", rule->label ?: "");
	}
	for (size_t i = 0; i < c->set->count; i++) {
		const struct rule *rule = &c->set->rules[i];
		const char *missed = trial_misses(c->tables, c->set, &trial, i);

		/* Rules on other operations, or on other objects of this kind, are not worth a
		 * line. */
		if (!missed || strcmp(missed, "on, actor") == 0 || strcmp(missed, "path") == 0 ||
		    strcmp(missed, "argv") == 0 || strcmp(missed, "address") == 0)
			continue;
		if (!near++)
			printf("met but for one condition:\n");
		printf("  quiet  %-5s %s: %s\n", action_name(rule->action), rule->id, missed);
	}
	return 0;
}

int cmd_rules(int argc, char **argv)
{
	static const struct option options[] = {
		{ "rules", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	CLEANUP(context_done) struct rules_context c = { 0 };
	_free_ const char **extra = calloc((size_t)argc + 1, sizeof(*extra));
	struct error e = { 0 };
	size_t extras = 0;
	const char *what;
	char **rest;
	int o, r;

	if (!extra)
		return STATUS_TROUBLE;
	optind = 0; /* main has used getopt already */
	while ((o = getopt_long(argc, argv, "+r:h", options, NULL)) != -1) {
		if (o == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (o != 'r') {
			fputs(usage, stderr);
			return STATUS_TROUBLE;
		}
		extra[extras++] = optarg;
	}
	rest = argv + optind;
	what = *rest ? *rest++ : "";
	if (strcmp(what, "check") != 0 && strcmp(what, "list") != 0 && strcmp(what, "test") != 0 &&
	    strcmp(what, "explain") != 0) {
		fputs(usage, stderr);
		return STATUS_TROUBLE;
	}
	r = context_load(&c, extra, &e);
	if (r < 0) {
		tell_error(&e, r);
		return STATUS_FAILED;
	}
	if (strcmp(what, "check") == 0)
		return check(&c);
	if (strcmp(what, "list") == 0)
		return list(&c, rest);
	return strcmp(what, "test") == 0 ? test(&c, rest) : explain(&c, rest);
}
