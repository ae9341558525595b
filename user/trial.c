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
		return error_set(e, -EINVAL, "`%s` must be a number from 1 to %lld", key,
				 (long long)most);
	return 0;
}

static int absolute(json_t *v, const char **ret, const char *key, struct error *e)
{
	*ret = json_string_value(v);
	return *ret && **ret == '/' ? 0
				    : error_set(e, -EINVAL, "`%s` must be an absolute path", key);
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
			r = text && !strchr(text, '/')
				    ? address_parse(&a, text, e)
				    : error_set(e, -EINVAL, "`address` must be an IP address");
		} else if (strcmp(key, "port") == 0) {
			r = number(v, 65535, &n, key, e);
			t.port = (uint32_t)n;
		} else if (strcmp(key, "http") == 0) {
			t.http = text ? http_from_name(text) : -1;
			r = t.http < 0 ? error_set(e, -EINVAL, "`http` is no method") : 0;
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

/* Which rules each condition lets through; together they are what the kernel narrows the candidates
 * by. */
enum condition {
	C_ON,
	C_EXE,
	C_UNLESS_EXE,
	C_PACKAGE,
	C_UNLESS_PACKAGE,
	C_PATH,
	C_UNLESS_PATH,
	C_PLACE,
	C_UNLESS_PLACE,
	C_ARGV,
	C_ADDRESS,
	C_PORT,
	C_HTTP,
	C_MAX
};
static const char *const condition_keys[C_MAX] = {
	"on, actor", "exe",	    "unless/exe", "package",	  "unless/package",
	"path",	     "unless/path", "place",	  "unless/place", "argv",
	"address",   "port",	    "http",
};

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

static void either(struct ws_mask *to, const struct ws_mask *any, const struct ws_mask *match)
{
	*to = *any;
	ws_mask_or(to, match);
}

static void conditions(struct ws_mask c[C_MAX], const struct tables *t, const struct trial *trial,
		       uint32_t *ret_place)
{
	const struct ws_policy *p = &t->policy;
	struct ws_set exe = { 0 }, name = { 0 }, path = { 0 }, argv = { 0 };
	struct ws_mask address = { 0 }, port = { 0 };
	struct address_range a;

	for (int i = 0; i < C_MAX; i++)
		memset(&c[i], 0xff, sizeof(c[i]));
	c[C_ON] = p->by_op[trial->op][trial->actor];
	if (trial->exe)
		match_path(t, trial->exe, &exe);
	either(&c[C_EXE], &p->any_exe, &exe.exe_match);
	ws_mask_andnot(&c[C_UNLESS_EXE], &exe.exe_except);
	if (trial->package)
		tables_match_name(t, trial->package, &name);
	either(&c[C_PACKAGE], &p->any_package, &name.match);
	ws_mask_andnot(&c[C_UNLESS_PACKAGE], &name.except);
	if (trial->path && 1u << trial->op & ops_with_path()) {
		*ret_place = trial->place >= 0 ? (uint32_t)trial->place : trial_place(trial->path);
		match_path(t, trial->path, &path);
		either(&c[C_PATH], &p->any_path, &path.match);
		ws_mask_andnot(&c[C_UNLESS_PATH], &path.except);
		c[C_PLACE] = p->by_place[*ret_place];
		ws_mask_andnot(&c[C_UNLESS_PLACE], &p->except_place[*ret_place]);
	}
	if (trial->op == WS_OP_EXEC) {
		match_argv(t, trial->argv, &argv);
		either(&c[C_ARGV], &p->any_argv, &argv.match);
	}
	if (trial->op == WS_OP_SEND)
		c[C_HTTP] = p->by_http[trial->http];
	if (trial->address) {
		if (address_parse(&a, trial->address, NULL) == 0)
			tables_match_address(t, a.family, a.bytes, &address);
		tables_match_port(t, trial->port, &port);
		either(&c[C_ADDRESS], &p->any_address, &address);
		either(&c[C_PORT], &p->any_port, &port);
	}
}

void trial_run(struct trial_result *ret, const struct tables *t, const struct ruleset *rules,
	       const struct trial *trial)
{
	struct ws_mask c[C_MAX], cand;
	struct ws_facts facts = { .now = 1, .amount = trial->bytes };
	_free_ struct ws_counter *counters = calloc(WS_RULES_MAX, sizeof(*counters));

	*ret = (struct trial_result){ .rule = WS_RULE_NONE };
	conditions(c, t, trial, &ret->place);
	cand = c[C_ON];
	for (int i = C_ON + 1; i < C_MAX; i++)
		ws_mask_and(&cand, &c[i]);
	ret->candidates = cand;

	facts.scope_labels = label_bits(rules, trial->labels);
	facts.session_labels = facts.scope_labels | label_bits(rules, trial->session_labels);
	for (uint32_t i = 0; i < trial->times; i++) {
		struct ws_outcome o;

		facts.object = i + 1;
		ws_decide(t->rules, &cand, &facts, counters ? counter_of : NULL, counters, &o);
		ret->action = o.action;
		ret->rule = o.rule;
		ws_mask_or(&ret->fired, &o.fired);
	}
}

static bool has(const struct ws_mask *m, size_t index)
{
	return m->w[index / 64] >> index % 64 & 1;
}

const char *trial_misses(const struct tables *t, const struct ruleset *rules,
			 const struct trial *trial, size_t index)
{
	struct ws_mask c[C_MAX];
	struct trial_result result;
	uint64_t scope = label_bits(rules, trial->labels);
	uint64_t session = scope | label_bits(rules, trial->session_labels);
	const struct ws_rule *r = &t->rules[index];

	trial_run(&result, t, rules, trial);
	if (has(&result.fired, index))
		return NULL;
	conditions(c, t, trial, &result.place);
	for (int i = 0; i < C_MAX; i++)
		if (!has(&c[i], index))
			return condition_keys[i];
	if ((scope & r->need_scope) != r->need_scope ||
	    (session & r->need_session) != r->need_session)
		return "after";
	return "count";
}

size_t trial_rule_tests(const struct tables *t, const struct ruleset *rules, size_t index,
			void (*fn)(void *arg, const char *kind, size_t n, json_t *operation,
				   const char *missed),
			void *arg)
{
	static const char *const kinds[] = { "fires", "quiet" };
	size_t count = 0, n;
	json_t *v;

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		json_array_foreach(json_object_get(rules->rules[index].tests, kinds[k]), n, v) {
			const char *missed;
			struct trial trial;

			if (trial_parse(&trial, v, NULL) < 0)
				continue; /* cannot be: the loader has parsed it */
			missed = trial_misses(t, rules, &trial, index);
			if ((missed == NULL) != (k == 0))
				fn(arg, kinds[k], n, v, missed);
			count++;
		}
	return count;
}
