// SPDX-License-Identifier: GPL-2.0-only
/* doctor.c - load, attach, begin a session, and write down what came of it. */
#include "cmd/doctor.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "cmd/doctor_machine.h"
#include "cmd/load_rules.h"
#include "cmd/rule_power.h"
#include "session/cgroup.h"
#include "base/cleanup.h"
#include "policy/compile.h"
#include "kernel/coverage.h"
#include "kernel/features.h"
#include "kernel/sessions.h"
#include "kernel/start.h"
#include "session/run_as.h"
#include "events/record_names.h"

/* ---- hooks and rules ---- */

/* A program that serves no operation is one that user space runs when it needs an answer. */
static const char *power_word(const struct hook_state *h)
{
	enum op_power power = coverage_power(h);

	return power == POWER_BLIND && h->backend != WS_BACKEND_NONE ? "on-request"
								     : op_power_name(power);
}

static json_t *hook_list(const struct loader *l)
{
	const struct hook_state *hooks;
	size_t count = loader_hooks(l, &hooks);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *ops = json_array();

		for (unsigned op = 0; op < WS_OP_MAX; op++)
			if (hooks[i].ops & (1u << op))
				json_array_append_new(ops, json_string(op_name(op)));
		json_array_append_new(list,
				      json_pack("{s:s,s:s,s:s,s:s,s:o,s:s}", "name", hooks[i].name,
						"power", power_word(&hooks[i]), "backend",
						backend_name(hooks[i].backend), "program",
						hooks[i].program ? hooks[i].program : "", "ops",
						ops, "why", hooks[i].why));
	}
	return list;
}

/* Errors of BPF helpers since the programs were loaded: by the self-test, and by whatever the
 * machine did meanwhile. */
static json_t *error_list(struct loader *l)
{
	struct ws_error errors[64];
	int n = loader_errors(l, errors, ARRAY_SIZE(errors));
	json_t *list = json_array();

	for (int i = 0; i < n && i < (int)ARRAY_SIZE(errors); i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I}", "helper",
						      error_helper(errors[i].place), "place",
						      error_place(errors[i].place), "error",
						      strerror((int)errors[i].error), "count",
						      (json_int_t)errors[i].count));
	return list;
}

static struct op_powers powers_of(const struct loader *l)
{
	struct op_powers p = { 0 };

	for (enum ws_op op = WS_OP_NONE + 1; op < WS_OP_MAX; op++)
		p.of[op] = loader_power(l, op);
	return p;
}

static json_t *power_list(const struct op_powers *p)
{
	json_t *list = json_object();

	for (enum ws_op op = WS_OP_NONE + 1; op < WS_OP_MAX; op++)
		json_object_set_new(list, op_name(op), json_string(op_power_name(p->of[op])));
	return list;
}

/* Adds what becomes of each rule; returns whether that suffices for all. */
static bool judge_rules(json_t *report, const struct ruleset *rules, const struct op_powers *powers)
{
	json_t *list = json_array(), *counts;
	size_t n[RULE_DENY + 1] = { 0 };
	bool all = true;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rules[i];
		_buf_ struct buf why = BUF_INIT;
		enum ws_op op = WS_OP_NONE;
		enum rule_power p = rule_power(r, powers, &op);

		n[p]++;
		all &= rule_power_suffices(r, powers);
		rule_power_explain(&why, r, powers);
		json_array_append_new(list,
				      json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", r->id, "action",
						action_name(r->action), "power", rule_power_name(p),
						"weakest", op_name(op), "why", why.at));
	}
	counts = json_object();
	for (int p = RULE_DENY; p >= RULE_BLIND; p--)
		json_object_set_new(counts, rule_power_name(p), json_integer((json_int_t)n[p]));
	json_object_set_new(report, "rules", list);
	json_object_set_new(report, "rule_counts", counts);
	return all;
}

static void set_error(json_t *report, const char *stage, const struct error *e, int err)
{
	json_object_set_new(report, "failed", json_string(stage));
	json_object_set_new(report, "error", json_string(e->text[0] ? e->text : strerror(-err)));
}

/*
 * Whether the kernel may skip a check of the deny backend: "yes", "no" or "unknown". It guards
 * fmod_ret programs, and LSM programs before 6.2, against recursion: while a task is preempted
 * inside of one, the program is skipped for every other task on that CPU.
 */
static const char *may_skip(const json_t *kernel, const struct features *f, const struct loader *l)
{
	const char *model = json_string_value(json_object_get(kernel, "preemption"));
	const struct hook_state *hooks;
	size_t count = loader_hooks(l, &hooks);
	bool guarded = false;

	for (size_t i = 0; i < count; i++)
		if (hooks[i].backend == WS_BACKEND_DENY && hooks[i].program)
			guarded |= !strncmp(hooks[i].program, "fmod_ret/", 9) ||
				   (!f->lsm_unguarded && !strncmp(hooks[i].program, "lsm/", 4));
	if (!guarded || (model && (!strcmp(model, "none") || !strcmp(model, "voluntary"))))
		return "no";
	return model && strcmp(model, "unknown") ? "yes" : "unknown";
}

/* Begin and end a session without a command: some programs are attached only to its cgroup. */
static int try_session(json_t *report, struct loader *l, const struct run_as *as, struct error *e)
{
	CLEANUP(cgroup_freep) struct cgroup *cgroup = NULL;
	struct ws_session session = { .id = 1 };
	int err;

	err = cgroup_create(&cgroup, 0, as->uid, e);
	if (err)
		return err;
	json_object_set_new(report, "session_cgroup", json_string(cgroup->path));
	session.cgroup = cgroup->id;
	err = loader_session_begin(l, &session, cgroup->dir, e);
	if (!err)
		loader_session_end(l, session.id);
	cgroup_remove(cgroup);
	return err;
}

static json_t *string_list(const struct strings *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(list, json_string(s->at[i]));
	return list;
}

static enum doctor_verdict load(json_t *report, const json_t *kernel,
				const struct doctor_options *o)
{
	CLEANUP(loader_freep) struct loader *loader = NULL;
	CLEANUP(ruleset_freep) struct ruleset *rules = NULL;
	CLEANUP(tables_freep) struct tables *tables = NULL;
	CLEANUP(rule_dirs_done) struct rule_dirs dirs = { 0 };
	CLEANUP(run_as_free) struct run_as as = { 0 };
	struct loader_options options = { .backend = o->backend };
	struct op_powers powers;
	struct features features;
	struct error e = { 0 };
	const char *skip;
	bool all;
	int err;

	err = run_as_find(&as, geteuid(), &e);
	if (!err)
		err = load_rules(&rules, &dirs, o->rules, &as, &e);
	if (dirs.text)
		json_object_set_new(report, "rules_dirs", json_string(dirs.text));
	if (!err)
		err = compile(&tables, rules, COMPILE_CACHE, &e);
	if (err) {
		set_error(report, "rules", &e, err);
		return DOCTOR_NOT;
	}
	json_object_set_new(report, "expired_tunings", string_list(&rules->expired));
	json_object_set_new(report, "expiring_tunings", string_list(&rules->expiring));
	json_object_set_new(report, "rule_count", json_integer((json_int_t)rules->count));
	err = features_probe(&features, &e);
	if (!err) {
		json_object_set_new(report, "fmod_ret", json_boolean(features.fmod_ret));
		json_object_set_new(report, "fmod_ret_why", json_string(features.fmod_ret_why));
		err = loader_open(&loader, tables, &options, &e);
	}
	if (err) {
		set_error(report, "kernel", &e, err);
		return DOCTOR_NOT;
	}
	err = try_session(report, loader, &as, &e);
	if (err) {
		set_error(report, "session", &e, err);
		return DOCTOR_NOT;
	}
	json_object_set_new(report, "backend", json_string(backend_name(loader_backend(loader))));
	json_object_set_new(report, "hooks", hook_list(loader));
	powers = powers_of(loader);
	json_object_set_new(report, "operations", power_list(&powers));
	json_object_set_new(report, "errors", error_list(loader));
	skip = may_skip(kernel, &features, loader);
	json_object_set_new(report, "may_skip", json_string(skip));
	all = judge_rules(report, rules, &powers);
	return all && strcmp(skip, "yes") ? DOCTOR_ALL : DOCTOR_PARTLY;
}

json_t *doctor_examine(const struct doctor_options *o, enum doctor_verdict *ret_verdict)
{
	static const char *const words[] = { "yes", "partly", "no" };
	json_t *report = json_object(), *kernel = doctor_machine();
	enum doctor_verdict verdict;
	const char *missing;

	json_object_set_new(report, "version", json_string(WORMSIGN_VERSION));
	json_object_set_new(report, "kernel", kernel);
	verdict = load(report, kernel, o);
	missing = json_string_value(json_object_get(kernel, "missing_capabilities"));
	/* without the rights to try nothing is known */
	json_object_set_new(report, "enforcement",
			    json_string(verdict == DOCTOR_NOT && missing && *missing
						? "unknown"
						: words[verdict]));
	if (report)
		*ret_verdict = verdict;
	return report;
}
