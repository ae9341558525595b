// SPDX-License-Identifier: GPL-2.0-only
/* trial.c - see trial.h. The steps of trial_run() are those of bpf/judge.bpf.h, in its order. */
#include "trial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "address.h"
#include "cleanup.h"
#include "compile.h"
#include "decide.h"
#include "rule_check.h"
#include "ruleset.h"

#define TIMES_MAX 1000000

/* ---- reading ---- */

static int words(json_t *v, json_t **ret, const char *key, struct error *e)
{
	json_t *item;
	size_t i;

	if (!json_is_array(v))
		return error_set(e, -EINVAL, "`%s` must be a list of strings", key);
	json_array_foreach(v, i, item)
		if (!json_is_string(item))
			return error_set(e, -EINVAL, "`%s` must be a list of strings", key);
	*ret = v;
	return 0;
}

static int number(json_t *v, json_int_t most, json_int_t *ret, const char *key, struct error *e)
{
	*ret = json_integer_value(v);
	if (!json_is_integer(v) || *ret < 1 || *ret > most)
		return error_set(e, -EINVAL, "`%s` must be a number from 1 to %lld", key, (long long)most);
	return 0;
}

static int absolute(json_t *v, const char **ret, const char *key, struct error *e)
{
	*ret = json_string_value(v);
	return *ret && **ret == '/' ? 0 : error_set(e, -EINVAL, "`%s` must be an absolute path", key);
}

int trial_parse(struct trial *ret, json_t *object, struct error *e)
{
	struct trial t = { .place = -1, .times = 1 };
	struct address_range a;
	const char *key, *text;
	json_int_t n;
	json_t *v;
	uint32_t op;
	int r = 0;

	if (!json_is_object(object))
		return error_set(e, -EINVAL, "an operation must be an object");
	json_object_foreach(object, key, v) {
		text = json_string_value(v);
		if (strcmp(key, "op") == 0) {
			r = text ? op_from_name(text) : -1;
			t.op = r > 0 ? (enum ws_op)r : WS_OP_NONE;
			r = r < 0 ? error_set(e, -EINVAL, "`op` is no operation") : 0;
		} else if (strcmp(key, "actor") == 0) {
			r = text ? actor_from_name(text) : -1;
			t.actor = r > 0 ? (enum ws_actor)r : WS_ACTOR_NONE;
			r = r < 0 ? error_set(e, -EINVAL, "`actor` is none") : 0;
		} else if (strcmp(key, "place") == 0) {
			t.place = text ? place_from_name(text) : -1;
			r = t.place < 0 ? error_set(e, -EINVAL, "`place` is none") : 0;
		} else if (strcmp(key, "path") == 0) {
			r = absolute(v, &t.path, key, e);
		} else if (strcmp(key, "exe") == 0) {
			r = absolute(v, &t.exe, key, e);
		} else if (strcmp(key, "argv") == 0) {
			r = words(v, &t.argv, key, e);
		} else if (strcmp(key, "labels") == 0) {
			r = words(v, &t.labels, key, e);
		} else if (strcmp(key, "session_labels") == 0) {
			r = words(v, &t.session_labels, key, e);
		} else if (strcmp(key, "package") == 0) {
			t.package = text;
			r = text ? 0 : error_set(e, -EINVAL, "`package` must be a string");
		} else if (strcmp(key, "address") == 0) {
			t.address = text;
			r = text && !strchr(text, '/') ? address_parse(&a, text, e) :
							 error_set(e, -EINVAL, "`address` must be an IP address");
		} else if (strcmp(key, "port") == 0) {
			r = number(v, 65535, &n, key, e);
			t.port = (uint32_t)n;
		} else if (strcmp(key, "times") == 0) {
			r = number(v, TIMES_MAX, &n, key, e);
			t.times = (uint32_t)n;
		} else if (strcmp(key, "bytes") == 0) {
			r = number(v, INT64_MAX, &n, key, e);
			t.bytes = (uint64_t)n;
		} else {
			r = error_set(e, -EINVAL, "unknown key `%.60s`", key);
		}
		if (r < 0)
			return r;
	}
	if (!t.op || !t.actor)
		return error_set(e, -EINVAL, "`op` and `actor` are needed");
	op = 1u << t.op;
	if ((op & ops_with_path()) && !t.path)
		return error_set(e, -EINVAL, "`path` is needed for %s", op_name(t.op));
	if ((op & ops_with_address()) && !t.address)
		return error_set(e, -EINVAL, "`address` is needed for %s", op_name(t.op));
	*ret = t;
	return 0;
}

/* ---- the stage ---- */

/* First match from the top: deeper directories stand before those that hold them. */
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

enum ws_place trial_place(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(stage); i++) {
		size_t len = strlen(stage[i].dir);

		if (strncmp(path, stage[i].dir, len) == 0 && (path[len] == '/' || !path[len]))
			return stage[i].place;
	}
	return WS_PLACE_ELSEWHERE;
}

/* Both homes of the stage: /home/ci, two components deep, and /root, one. */
static void match_path(const struct tables *t, const char *path, struct ws_set *into)
{
	static const unsigned ci = 2, root = 1;
	bool in_root = strncmp(path, "/root", 5) == 0 && (path[5] == '/' || !path[5]);
	bool in_ci = strncmp(path, "/home/ci", 8) == 0 && (path[8] == '/' || !path[8]);

	tables_match_path(t, path, in_root ? &root : &ci, in_root || in_ci, into);
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

static void narrow_argv(struct ws_mask *cand, const struct tables *t, json_t *argv)
{
	struct ws_set set = { 0 };
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
		tables_match_argv(t, joined, len, &set);
	for (i = 0; i < WS_MASK_WORDS; i++)
		cand->w[i] &= t->policy.any_argv.w[i] | set.match.w[i];
}

static void narrow_address(struct ws_mask *cand, const struct tables *t, const struct trial *trial)
{
	struct ws_mask address = { 0 }, port = { 0 };
	struct address_range a;

	if (address_parse(&a, trial->address, NULL) == 0)
		tables_match_address(t, a.family, a.bytes, &address);
	tables_match_port(t, trial->port, &port);
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		cand->w[i] &= t->policy.any_address.w[i] | address.w[i];
		cand->w[i] &= t->policy.any_port.w[i] | port.w[i];
	}
}

/* The conditions on who acts: its executable and its package's name. */
static void narrow_subject(struct ws_mask *cand, const struct tables *t, const struct trial *trial)
{
	struct ws_set exe = { 0 }, name = { 0 };

	if (trial->exe)
		match_path(t, trial->exe, &exe);
	if (trial->package)
		tables_match_name(t, trial->package, &name);
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		cand->w[i] &= (t->policy.any_exe.w[i] | exe.exe_match.w[i]) & ~exe.exe_except.w[i];
		cand->w[i] &= (t->policy.any_package.w[i] | name.match.w[i]) & ~name.except.w[i];
	}
}

void trial_run(struct trial_result *ret, const struct tables *t, const struct ruleset *rules, const struct trial *trial)
{
	struct ws_mask cand = t->policy.by_op[trial->op][trial->actor];
	struct ws_facts facts = { .now = 1, .amount = trial->bytes };
	_free_ struct ws_counter *counters = NULL;

	*ret = (struct trial_result){ .rule = WS_RULE_NONE };
	narrow_subject(&cand, t, trial);
	if (trial->path && 1u << trial->op & ops_with_path()) {
		struct ws_set set = { 0 };

		ret->place = trial->place >= 0 ? (uint32_t)trial->place : trial_place(trial->path);
		match_path(t, trial->path, &set);
		ws_narrow_path(&cand, &t->policy, &set.match, &set.except, ret->place);
	}
	if (trial->op == WS_OP_EXEC)
		narrow_argv(&cand, t, trial->argv);
	if (trial->address)
		narrow_address(&cand, t, trial);
	ret->candidates = cand;

	facts.scope_labels = label_bits(rules, trial->labels);
	facts.session_labels = facts.scope_labels | label_bits(rules, trial->session_labels);
	counters = calloc(WS_RULES_MAX, sizeof(*counters));
	for (uint32_t i = 0; i < trial->times; i++) {
		struct ws_outcome o;

		facts.object = i + 1;
		ws_decide(t->rules, &cand, &facts, counters ? counter_of : NULL, counters, &o);
		ret->action = o.action;
		ret->rule = o.rule;
		ws_mask_or(&ret->fired, &o.fired);
	}
}
