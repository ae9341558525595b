// SPDX-License-Identifier: GPL-2.0-only
/* simulate.c - see simulate.h. The functions that narrow and decide are those of decide.h. */
#include "policy/simulate.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide.h"
#include "policy/address.h"

/* ---- the stage ---- */

/* The first that holds a path is its place, so deeper directories stand first. */
static const struct {
	const char *dir;
	enum ws_place place;
} stage[] = {
	{ "/home/ci/work/app/node_modules/left-pad", WS_PLACE_OWN },
	{ "/home/ci/work/app/node_modules", WS_PLACE_MODULES },
	{ "/home/ci/work/app", WS_PLACE_PROJECT },
	{ "/home/ci/.npm", WS_PLACE_CACHE },
	{ "/home/ci/.cache", WS_PLACE_CACHE },
	{ "/home/ci/.nvm", WS_PLACE_TOOLS },
	{ "/home/ci", WS_PLACE_HOME },
	{ "/root", WS_PLACE_HOME },
	{ "/tmp", WS_PLACE_TMP },
	{ "/var/tmp", WS_PLACE_TMP },
	{ "/usr/lib/node_modules/npm", WS_PLACE_TOOLS },
};

/* What follows dir in path, "" or "/..."; NULL if path does not lie in dir. */
static const char *below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '/' || !path[len]) ? path + len : NULL;
}

static enum ws_place place_of(const char *path, const char *home)
{
	const char *rest = home ? below(path, home) : NULL;
	_free_ char *staged = NULL;

	if (rest && asprintf(&staged, "/home/ci%s", rest) < 0)
		staged = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(stage); i++)
		if (below(staged ?: path, stage[i].dir))
			return stage[i].place;
	return WS_PLACE_ELSEWHERE;
}

enum ws_place simulate_place(const char *path)
{
	return place_of(path, NULL);
}

static unsigned components(const char *dir)
{
	unsigned n = 0;

	for (; *dir; dir++)
		n += dir[0] == '/' && dir[1] && dir[1] != '/';
	return n;
}

/* ~ in a pattern is each of the stage's homes, and o->home. */
static void match_path(const struct tables *t, const char *path, const struct operation *o,
		       struct ws_set *into)
{
	const char *homes[] = { "/home/ci", "/root", o->home };
	unsigned depth[ARRAY_SIZE(homes)];
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(homes); i++)
		if (homes[i] && below(path, homes[i]))
			depth[count++] = components(homes[i]);
	tables_match_path(t, path, depth, count, into);
}

/* ---- deciding ---- */

static struct ws_counter *counter_of(void *arg, __u32 rule)
{
	return &((struct ws_counter *)arg)[rule];
}

static uint64_t label_bits(const struct ruleset *rules, json_t *names)
{
	uint64_t bits = 0;
	json_t *v;
	size_t i;

	json_array_foreach(names, i, v) {
		int bit = ruleset_label(rules, json_string_value(v));

		if (bit >= 0)
			bits |= 1ULL << bit;
	}
	return bits;
}

static void match_argv(const struct tables *t, json_t *argv, struct ws_set *into)
{
	_free_ char *joined = NULL;
	size_t len = 0, i;
	json_t *v;

	json_array_foreach(argv, i, v) {
		size_t n = strlen(json_string_value(v)) + 1;
		char *more = realloc(joined, len + n);

		if (!more)
			return;
		joined = more;
		memcpy(joined + len, json_string_value(v), n);
		len += n;
	}
	if (joined)
		tables_match_argv(t, joined, len, into);
}

/* What the actor's strings (executable, package name) match. */
struct subject_match {
	struct ws_set exe, name;
};

static void narrow_subject(struct ws_candidates *c, const struct tables *t,
			   const struct operation *o, struct subject_match *m)
{
	const struct ws_policy *p = &t->policy;
	struct ws_mask all, exe, package;

	memset(&all, 0xff, sizeof(all)); /* every rule is the session's */
	if (o->exe)
		match_path(t, o->exe, o, &m->exe);
	ws_met(&exe, &p->any_exe, &m->exe.exe_match, &m->exe.exe_except);
	if (o->package)
		tables_match_name(t, o->package, &m->name);
	ws_met(&package, &p->any_package, &m->name.match, &m->name.except);
	ws_narrow_subject(c, &all, &exe, &package);
}

static void narrow_to(struct ws_candidates *c, const struct tables *t, const struct operation *o)
{
	struct ws_mask address = { 0 }, port = { 0 };
	struct address_range a;

	if (address_parse(&a, o->address, NULL) == 0)
		tables_match_address(t, a.family, a.bytes, &address);
	tables_match_port(t, o->port, &port);
	ws_narrow_address(c, &t->policy, &address, &port, o->op == WS_OP_SEND ? 1u << o->http : 0);
}

/* The rules whose conditions on who acts and on what are met. */
static void narrow(struct ws_candidates *c, const struct tables *t, const struct operation *o,
		   uint32_t *ret_places, struct subject_match *m)
{
	const struct ws_policy *p = &t->policy;
	struct ws_set path = { 0 }, argv = { 0 };

	ws_candidates(c, p, o->op, o->actor);
	narrow_subject(c, t, o, m);
	ws_keep(c, WS_IF_EVENT, &p->by_event[o->event % WS_EVENTS]);
	if (o->path && 1u << o->op & ops_with_path()) {
		*ret_places = o->places ?: WS_PLACE_BIT(place_of(o->path, o->home));
		match_path(t, o->path, o, &path);
		if (ws_moves_names_below(o->op, false, *ret_places))
			ws_mask_or(&path.match, &path.above);
		if (o->directory && o->op == WS_OP_CREATE)
			ws_mask_or(&path.except, &path.except_new);
		ws_narrow_path(c, p, &path.match, &path.except, *ret_places);
	} else {
		ws_narrow_no_path(c, p);
	}
	if (o->op == WS_OP_EXEC)
		match_argv(t, o->argv, &argv);
	ws_narrow_argv(c, p, &argv.match);
	if (o->address)
		narrow_to(c, t, o);
}

void simulate(struct simulation *ret, const struct tables *t, const struct ruleset *rules,
	      const struct operation *o)
{
	struct ws_candidates c;
	struct subject_match m = { 0 };
	struct ws_facts facts = { .now = 1, .amount = o->bytes };
	_free_ struct ws_counter *counters = calloc(WS_RULES_MAX, sizeof(*counters));

	*ret = (struct simulation){ .rule = WS_RULE_NONE };
	narrow(&c, t, o, &ret->places, &m);
	ret->place = ws_main_place(ret->places);
	ret->candidates = c.left;

	facts.scope_labels = label_bits(rules, o->labels);
	facts.session_labels = facts.scope_labels | label_bits(rules, o->session_labels);
	for (uint32_t i = 0; i < o->times; i++) {
		struct ws_outcome outcome;

		facts.object = i + 1;
		ws_decide(t->rules, &c.left, &facts, counters ? counter_of : NULL, counters,
			  &outcome);
		ret->action = outcome.action;
		ret->rule = outcome.rule;
		ws_mask_or(&ret->fired, &outcome.fired);
	}
}

static bool has(const struct ws_mask *m, size_t index)
{
	return m->w[index / 64] >> index % 64 & 1;
}

/* The key of a rule's condition that is not met, NULL: all are. */
static const char *missed_key(const struct ws_candidates *c, const struct subject_match *m,
			      size_t index)
{
	static const char *const keys[WS_IF_MAX] = {
		[WS_IF_ON] = "on, actor",    [WS_IF_SESSION] = "enabled",
		[WS_IF_EXE] = "exe",	     [WS_IF_PACKAGE] = "package",
		[WS_IF_PATH] = "path",	     [WS_IF_UNLESS_PATH] = "unless/path",
		[WS_IF_PLACE] = "place",     [WS_IF_UNLESS_PLACE] = "unless/place",
		[WS_IF_ARGV] = "argv",	     [WS_IF_HTTP] = "http",
		[WS_IF_ADDRESS] = "address", [WS_IF_PORT] = "port",
		[WS_IF_EVENT] = "event",
	};

	if (has(&c->missed[WS_IF_EXE], index) && has(&m->exe.exe_except, index))
		return "unless/exe";
	if (has(&c->missed[WS_IF_PACKAGE], index) && has(&m->name.except, index))
		return "unless/package";
	for (int i = 0; i < WS_IF_MAX; i++)
		if (has(&c->missed[i], index))
			return keys[i];
	return NULL;
}

const char *simulate_unmet(const struct tables *t, const struct ruleset *rules,
			   const struct operation *o, size_t index)
{
	struct ws_candidates c;
	struct subject_match m = { 0 };
	struct simulation result;
	uint64_t scope = label_bits(rules, o->labels);
	uint64_t session = scope | label_bits(rules, o->session_labels);
	const struct ws_rule *r = &t->rules[index];
	const char *key;

	simulate(&result, t, rules, o);
	if (has(&result.fired, index))
		return NULL;
	narrow(&c, t, o, &result.places, &m);
	key = missed_key(&c, &m, index);
	if (key)
		return key;
	if ((scope & r->need_scope) != r->need_scope ||
	    (session & r->need_session) != r->need_session)
		return "after";
	return "count";
}

size_t simulate_rule_tests(const struct tables *t, const struct ruleset *rules, size_t index,
			   void (*fn)(void *arg, const char *kind, size_t n, json_t *operation,
				      const char *unmet),
			   void *arg)
{
	static const char *const kinds[] = { "fires", "quiet" };
	size_t count = 0, n;
	json_t *v;

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		json_array_foreach(json_object_get(rules->rules[index].tests, kinds[k]), n, v) {
			const char *unmet;
			struct operation o;

			if (operation_parse(&o, v, NULL) < 0)
				continue; /* it was checked when the rule was read */
			unmet = simulate_unmet(t, rules, &o, index);
			if ((unmet == NULL) != (k == 0))
				fn(arg, kinds[k], n, v, unmet);
			count++;
		}
	return count;
}
