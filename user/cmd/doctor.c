// SPDX-License-Identifier: GPL-2.0-only
/* doctor.c - what this machine lets wormsign do, found by trying. */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include "buf.h"
#include "cgroup.h"
#include "cleanup.h"
#include "compile.h"
#include "coverage.h"
#include "features.h"
#include "rule_check.h"
#include "rulesdirs.h"
#include "who.h"
#include "wire_names.h"

const char *rule_power_name(enum rule_power p)
{
	static const char *const names[] = { "blind", "watch", "kill", "deny" };

	return names[p];
}

const char *op_power_name(enum op_power p)
{
	static const char *const names[] = { [POWER_BLIND] = "blind",
					     [POWER_WATCH] = "watch",
					     [POWER_KILL_AFTER] = "kill-after",
					     [POWER_KILL_BEFORE] = "kill-before",
					     [POWER_DENY] = "deny" };

	return names[p];
}

static enum rule_power power_for(enum ws_action action, enum op_power power)
{
	if (power == POWER_BLIND)
		return RULE_BLIND;
	if (action <= WS_ALERT || power == POWER_WATCH)
		return RULE_WATCH;
	if (power == POWER_DENY)
		return RULE_DENY;
	/* What cannot be refused cannot be hidden either, and nobody is killed for looking. */
	return action == WS_HIDE ? RULE_WATCH : RULE_KILL;
}

enum rule_power doctor_rule(const struct rule *r, enum op_power (*power)(void *arg, enum ws_op op),
			    void *arg, enum ws_op *ret_op)
{
	enum rule_power weakest = RULE_DENY, p;
	enum op_power weakest_op = POWER_DENY;
	bool first = true;

	for (enum ws_op op = WS_OP_NONE + 1; op < WS_OP_MAX; op++) {
		enum op_power here;

		if (!(r->ops & (1u << op)))
			continue;
		here = power(arg, op);
		p = power_for(r->action, here);
		if (first || p < weakest || (p == weakest && here < weakest_op)) {
			weakest = p;
			weakest_op = here;
			*ret_op = op;
		}
		first = false;
	}
	return weakest;
}

/* ---- the machine ---- */

static json_t *first_line(const char *path)
{
	_fclose_ FILE *f = fopen(path, "re");
	char line[4096]; /* a kernel's command line is at most half of it */

	if (!f || !fgets(line, sizeof(line), f))
		return json_null();
	line[strcspn(line, "\n")] = '\0';
	return json_string(line);
}

/* "[none] integrity confidentiality": the one in brackets. */
static json_t *lockdown(void)
{
	json_t *line = first_line("/sys/kernel/security/lockdown"), *mode = NULL;
	const char *text = json_string_value(line), *open = text ? strchr(text, '[') : NULL;
	const char *close = open ? strchr(open, ']') : NULL;

	if (!close)
		return line;
	mode = json_stringn(open + 1, close - open - 1);
	json_decref(line);
	return mode;
}

/* Where the unified hierarchy is mounted; it need not be at its usual place. */
static json_t *cgroup_mount(void)
{
	_fclose_ FILE *f = fopen("/proc/self/mounts", "re");
	char line[4096], where[4096], type[64];

	while (f && fgets(line, sizeof(line), f)) {
		struct statfs fs;

		if (sscanf(line, "%*s %4095s %63s", where, type) != 2 ||
		    strcmp(type, "cgroup2") != 0)
			continue;
		if (statfs(where, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return json_string(where);
	}
	return json_null();
}

static const char *preemption(const struct utsname *uts)
{
	json_t *chosen = first_line("/sys/kernel/debug/sched/preempt"), *line = first_line("/proc/cmdline");
	const char *model = features_preemption(uts->version, json_string_value(chosen), json_string_value(line));

	json_decref(chosen);
	json_decref(line);
	return model;
}

static json_t *machine(void)
{
	json_t *m = json_object();
	struct utsname uts;
	char missing[256];

	if (uname(&uts) == 0) {
		json_object_set_new(m, "preemption", json_string(preemption(&uts)));
		json_object_set_new(m, "release", json_string(uts.release));
		json_object_set_new(m, "machine", json_string(uts.machine));
	}
	json_object_set_new(m, "btf", json_boolean(access("/sys/kernel/btf/vmlinux", R_OK) == 0));
	json_object_set_new(m, "cgroup2", cgroup_mount());
	features_missing_capabilities(missing, sizeof(missing));
	json_object_set_new(m, "missing_capabilities", json_string(missing));
	json_object_set_new(m, "lockdown", lockdown());
	json_object_set_new(m, "lsm", first_line("/sys/kernel/security/lsm"));
	json_object_set_new(m, "io_uring_disabled",
			    first_line("/proc/sys/kernel/io_uring_disabled"));
	json_object_set_new(m, "unprivileged_bpf_disabled",
			    first_line("/proc/sys/kernel/unprivileged_bpf_disabled"));
	return m;
}

/* ---- hooks and rules ---- */

/* Programs that user space runs when it asks for something serve no operation. */
static const char *power_word(const struct hook_state *h)
{
	enum op_power power = coverage_power(h);

	return power == POWER_BLIND && h->backend != WS_BACKEND_NONE ? "asked"
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

static enum op_power ask_loader(void *arg, enum ws_op op)
{
	return loader_power(arg, op);
}

static json_t *power_list(struct loader *l)
{
	json_t *list = json_object();

	for (enum ws_op op = WS_OP_NONE + 1; op < WS_OP_MAX; op++)
		json_object_set_new(list, op_name(op),
				    json_string(op_power_name(loader_power(l, op))));
	return list;
}

/* What happens to an operation, in words. */
static const char *consequence(enum ws_action action, enum op_power power, enum ws_op op)
{
	if (power == POWER_BLIND)
		return "not seen, no hook of this kernel serves it";
	if (action <= WS_ALERT)
		return "reported, as the rule wants";
	if (power == POWER_WATCH)
		return "only reported, the hook can neither refuse nor kill";
	if (power == POWER_DENY)
		return action == WS_HIDE && (1u << op & ops_with_path()) ? "hidden" : "refused";
	if (action == WS_HIDE)
		return 1u << op & ops_with_path() ? "only reported, what cannot be refused cannot be hidden"
						  : "only reported, it cannot be refused, and nobody is killed for it";
	if (op == WS_OP_OUTLIVE)
		return "killed when the command has ended";
	return power == POWER_KILL_BEFORE ? "killed before the result can be used"
					  : "killed after it has taken effect once";
}

/* Append the operations of r that meet with this consequence, "write create"; returns their bits.
 */
static uint32_t add_alike(struct buf *out, const struct rule *r, struct loader *l,
			  const char *words)
{
	uint32_t alike = 0;

	for (enum ws_op op = WS_OP_NONE + 1; op < WS_OP_MAX; op++)
		if ((r->ops & (1u << op)) &&
		    strcmp(consequence(r->action, loader_power(l, op), op), words) == 0) {
			buf_addf(out, "%s%s", alike ? " " : "", op_name(op));
			alike |= 1u << op;
		}
	return alike;
}

/* "rename: killed after it ...; write create: killed before the result can be used": weakest first.
 */
static void explain(struct buf *out, const struct rule *r, struct loader *l)
{
	uint32_t left = r->ops;

	for (enum op_power power = POWER_BLIND; power <= POWER_DENY; power++)
		for (enum ws_op op = WS_OP_NONE + 1; op < WS_OP_MAX; op++) {
			const char *words = consequence(r->action, power, op);

			if (!(left & (1u << op)) || loader_power(l, op) != power)
				continue;
			buf_adds(out, left == r->ops ? "" : "; ");
			left &= ~add_alike(out, r, l, words);
			buf_addf(out, ": %s", words);
		}
}

/* Adds what becomes of each rule; returns whether all that is more than a report is carried out in
 * time. */
static bool judge_rules(json_t *report, const struct ruleset *rules, struct loader *l)
{
	json_t *list = json_array(), *counts;
	size_t n[RULE_DENY + 1] = { 0 };
	bool all = true;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rules[i];
		_buf_ struct buf why = BUF_INIT;
		enum ws_op op = WS_OP_NONE;
		enum rule_power p = doctor_rule(r, ask_loader, l, &op);
		enum op_power power = loader_power(l, op);

		n[p]++;
		if (p == RULE_BLIND || (r->action > WS_ALERT && p < RULE_KILL) ||
		    (p == RULE_KILL && power == POWER_KILL_AFTER && op != WS_OP_OUTLIVE))
			all = false;
		explain(&why, r, l);
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
 * May the kernel skip a check of the deny backend? fmod_ret programs, and LSM programs before 6.2, are guarded against
 * recursion: a task that is preempted inside one makes the kernel skip it for whoever runs on that CPU meanwhile.
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
	if (!guarded || !model || !strcmp(model, "none") || !strcmp(model, "voluntary"))
		return "no";
	return strcmp(model, "unknown") ? "yes" : "unknown";
}

/* A session without a command: the programs that are attached to its cgroup only then. */
static int try_session(json_t *report, struct loader *l, struct error *e)
{
	__attribute__((cleanup(cgroup_freep))) struct cgroup *cgroup = NULL;
	__attribute__((cleanup(who_free))) struct who who = { 0 };
	struct ws_session session = { .id = 1 };
	int err;

	err = who_find(&who, geteuid(), e);
	if (!err)
		err = cgroup_create(&cgroup, who.uid, e);
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

static enum doctor_verdict load(json_t *report, const json_t *kernel, const struct doctor_options *o)
{
	__attribute__((cleanup(loader_freep))) struct loader *loader = NULL;
	__attribute__((cleanup(ruleset_freep))) struct ruleset *rules = NULL;
	__attribute__((cleanup(tables_freep))) struct tables *tables = NULL;
	__attribute__((cleanup(rulesdirs_free))) struct rulesdirs dirs = { 0 };
	struct loader_options options = { .backend = o->backend };
	struct features features;
	struct error e = { 0 };
	const char *skip;
	bool all;
	int err;

	err = rulesdirs_find(&dirs, o->rules, &e);
	if (!err)
		json_object_set_new(report, "rules_dirs", json_string(dirs.text));
	if (!err)
		err = ruleset_load(&rules, (const char *const *)dirs.at, dirs.count, &e);
	if (!err)
		err = compile(&tables, rules, &e);
	if (err) {
		set_error(report, "rules", &e, err);
		return DOCTOR_NOT;
	}
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
	err = try_session(report, loader, &e);
	if (err) {
		set_error(report, "session", &e, err);
		return DOCTOR_NOT;
	}
	json_object_set_new(report, "backend", json_string(backend_name(loader_backend(loader))));
	json_object_set_new(report, "hooks", hook_list(loader));
	json_object_set_new(report, "operations", power_list(loader));
	skip = may_skip(kernel, &features, loader);
	json_object_set_new(report, "may_skip", json_string(skip));
	all = judge_rules(report, rules, loader);
	return all && strcmp(skip, "yes") ? DOCTOR_ALL : DOCTOR_PARTLY;
}

json_t *doctor_examine(const struct doctor_options *o, enum doctor_verdict *ret_verdict)
{
	static const char *const words[] = { "yes", "partly", "no" };
	json_t *report = json_object(), *kernel = machine();
	enum doctor_verdict verdict;

	json_object_set_new(report, "version", json_string(WORMSIGN_VERSION));
	json_object_set_new(report, "kernel", kernel);
	verdict = load(report, kernel, o);
	json_object_set_new(report, "enforcement", json_string(words[verdict]));
	if (report)
		*ret_verdict = verdict;
	return report;
}
