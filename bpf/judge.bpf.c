// SPDX-License-Identifier: GPL-2.0-only
/*
 * judge.bpf.c - see judge.bpf.h. The functions of that header are global: the verifier checks each
 * one once per program, for any arguments, instead of once for every path of its callers.
 */
#include "judge.bpf.h"

#include "object.bpf.h"
#include "origin.bpf.h"

#include "lib/automaton.bpf.h"
#include "lib/event.bpf.h"
#include "lib/opening.bpf.h"
#include "lib/path.bpf.h"

/* Kill the caller without a new record; the verdict that condemned its scope has been reported. */
static __always_inline int ws_kill_condemned(const struct ws_subject *s)
{
	if (!s->task->object.ahead)
		ws_kill_current(s->task);
	return -EPERM;
}

/* Begin with the rules on op that s's task can meet, whatever the object is. */
static __always_inline void ws_candidates_of(struct ws_candidates *c, const struct ws_policy *p,
					     const struct ws_subject *s, u32 op, u32 actor)
{
	ws_candidates(c, p, op, actor);
	ws_narrow_subject(c, &s->session->enabled, &s->task->exe,
			  s->scope ? &s->scope->package : &p->any_package);
}

/* Narrow to the rules that a destination can meet. Returns 0. Global, as its callers have many
 * paths. */
__noinline int ws_narrow_to(struct ws_candidates *c, const struct ws_address *to, u32 methods)
{
	struct ws_policy *p = ws_policy();
	struct ws_mask *address = NULL;
	u32 port;

	if (!p || !c || !to)
		return 0;
	port = to->port;
	if (to->family == AF_INET) {
		struct ws_lpm4 key = { .prefix = 32 };

		__builtin_memcpy(key.address, to->address, 4);
		address = bpf_map_lookup_elem(&lpm4, &key);
	} else if (to->family == AF_INET6) {
		struct ws_lpm6 key = { .prefix = 128 };

		__builtin_memcpy(key.address, to->address, 16);
		address = bpf_map_lookup_elem(&lpm6, &key);
	}
	ws_narrow_no_path(c, p);
	ws_narrow_argv(c, p, NULL);
	ws_narrow_address(c, p, address, bpf_map_lookup_elem(&ports, &port), methods);
	return 0;
}

/* ---- the decision loop ---- */

struct ws_decide_ctx {
	struct ws_decision *d;
};

/* Check the strongest candidate that is left, and take it out. */
static long ws_decide_step(u32 i, struct ws_decide_ctx *ctx)
{
	struct ws_decision *d = ctx->d;
	struct ws_counter_key key = {};
	struct ws_counter *c = NULL;
	struct ws_rule *r;
	u32 index;
	u32 word;

	for (word = 0; word < WS_MASK_WORDS; word++)
		if (d->candidates.left.w[word])
			break;
	if (word >= WS_MASK_WORDS)
		return 1;
	index = ws_lowest_bit(d->candidates.left.w[word]);
	d->candidates.left.w[word] &= d->candidates.left.w[word] - 1;
	index += word * 64;
	r = bpf_map_lookup_elem(&rules, &index);
	if (!r)
		return 0;
	if (d->only_refuse && (r->count_of || r->action < d->only_refuse))
		return 0;
	if (r->count_of) {
		key.scope = d->scope;
		key.rule = index;
		c = bpf_map_lookup_elem(&counters, &key);
		if (!c) {
			struct ws_counter fresh = { .window_start = d->facts.now };

			ws_try_new(COUNTER,
				   bpf_map_update_elem(&counters, &key, &fresh, BPF_NOEXIST));
			c = bpf_map_lookup_elem(&counters, &key);
			if (!c)
				ws_count_lost(WS_LOST_COUNTER);
		}
	}
	if (ws_fires(r, c, &d->facts))
		ws_enter(&d->out, index, r);
	return 0;
}

/* Decide by d->candidates, d->facts.object, d->facts.amount and d->only_refuse, into d->out.
 * Returns 0. Global, as its callers have many paths. */
__noinline int ws_run_rules(struct ws_decision *d, const struct ws_session *session,
			    const struct ws_scope *scope)
{
	struct ws_decide_ctx ctx = { .d = d };

	if (!d || !session)
		return 0;
	d->scope = scope ? scope->id : 0;
	d->facts.now = bpf_ktime_get_ns();
	d->facts.scope_labels = scope ? scope->labels : 0;
	d->facts.session_labels = session->labels;
	ws_outcome_init(&d->out);
	bpf_loop(WS_RULES_MAX, ws_decide_step, &ctx, 0);
	return 0;
}

/* ---- consequences ---- */

/* Condemn the scope, and for WS_STOP the whole session: hooks kill every task of it. */
static __always_inline void ws_condemn(struct ws_session *session, struct ws_scope *scope,
				       u32 action)
{
	if (action == WS_STOP)
		__sync_fetch_and_or(&session->flags, WS_SESSION_CONDEMNED);
	if (scope) {
		if (!scope->condemned_at)
			scope->condemned_at = bpf_ktime_get_ns();
		__sync_fetch_and_or(&scope->flags, WS_SCOPE_CONDEMNED);
	}
	ws_count_condemned();
}

/*
 * Apply an outcome to the session and scope: set labels, condemn. Returns what a hook returns that
 * can refuse or drop: 0, -EPERM or -ENOENT. *ret_effect: enum ws_effect of the operation;
 * *ret_kill: the caller has to be killed.
 */
static __always_inline int ws_apply(struct ws_session *session, struct ws_scope *scope,
				    const struct ws_outcome *out, u32 power, u32 *ret_effect,
				    bool *ret_kill)
{
	u32 action = out->action;

	u32 mode = ws_mode_of(session, scope);

	*ret_effect = WS_EFFECT_NONE;
	*ret_kill = false;
	/* what was hidden has not been read */
	if (out->labels &&
	    !(action == WS_HIDE && power == WS_POWER_REFUSE && mode != WS_MODE_AUDIT)) {
		if (scope)
			__sync_fetch_and_or(&scope->labels, out->labels);
		__sync_fetch_and_or(&session->labels, out->labels);
	}
	if (mode == WS_MODE_AUDIT)
		return 0;
	/* here, because a record can be lost: the exit status hangs on this */
	for (u32 i = WS_ALLOW + 1; i < WS_ACTION_MAX; i++) {
		u32 same = action;

		ws_opaque(same); /* constant indices: the verifier of 6.1 does not know action's
				    bounds */
		if (same == i)
			__sync_fetch_and_add(&session->verdicts[i], 1);
	}
	if (action < WS_HIDE)
		return 0;
	if (action == WS_HIDE) {
		*ret_effect = power == WS_POWER_REFUSE ? WS_EFFECT_REFUSED
			      : power == WS_POWER_DROP ? WS_EFFECT_DROPPED
						       : WS_EFFECT_UNAVAILABLE;
		return -ENOENT;
	}
	/* a hook that cannot refuse kills instead */
	if (action == WS_DENY && power != WS_POWER_REFUSE && power != WS_POWER_DROP)
		action = WS_KILL;
	*ret_effect = power == WS_POWER_REFUSE	      ? WS_EFFECT_REFUSED
		      : power == WS_POWER_KILL_BEFORE ? WS_EFFECT_KILLED_BEFORE
		      : power == WS_POWER_DROP	      ? WS_EFFECT_DROPPED
						      : WS_EFFECT_KILLED_AFTER;
	if (action >= WS_KILL) {
		ws_condemn(session, scope, action);
		*ret_kill = true;
	}
	return -EPERM;
}

/* Mix a number into a hash. */
static __always_inline u32 ws_mix(u32 hash, u64 number)
{
	hash = (hash ^ (u32)number) * 0x9e3779b1u;
	hash = (hash ^ (u32)(number >> 32)) * 0x9e3779b1u;
	return hash ^ hash >> 15;
}

/* A class's number. exact: of its directory or address, 0: it has none. */
static __always_inline u32 ws_class(u32 hash, u64 exact)
{
	return exact ? (ws_mix(hash, exact) & ~WS_REPORT_COARSE) | 2 : hash | WS_REPORT_COARSE;
}

/* What tells the classes of verdicts about t's object apart, but for its directory or address. */
WS_SUB u32 ws_hash_object(const struct ws_task *t, u32 op)
{
	u32 hash = ws_mix(op, ws_main_place(t->object.places));

	hash = ws_mix(hash, t->object.argv_set);
	if (t->object.dentry)
		for (u32 i = 0; i < WS_MASK_WORDS; i++)
			hash = ws_mix(hash, t->walk.match.w[i]);
	return hash;
}

/* The directory or the address of t's object, as a number; 0: it has none. */
WS_SUB u64 ws_exact_object(struct ws_task *t)
{
	struct dentry *dentry = t->object.dentry;
	u64 first, last;

	if (t->object.has_to) {
		first = *(u64 *)t->to.address;
		last = *(u64 *)(t->to.address + 8);
		return ((u64)t->to.port << 40 ^ first ^ last * 31) | 1;
	}
	if (!dentry)
		return 0;
	if (t->object.leaf)
		return BPF_CORE_READ(dentry, d_inode, i_ino) | 1ULL << 63;
	return BPF_CORE_READ(dentry, d_parent, d_inode, i_ino) | 1ULL << 63;
}

/* What tells t's object from others of its directory, as a number. */
WS_SUB u64 ws_name_object(struct ws_task *t)
{
	struct dentry *dentry = t->object.dentry;
	u32 hash = 0, length = t->object.leaf;
	u64 last;

	if (!dentry)
		return 1; /* the class says it all */
	if (t->walk.object.ino)
		return t->walk.object.ino;
	if (!length)
		return BPF_CORE_READ(dentry, d_name.hash) | 1ULL << 32;
	for (u32 at = 0; at + sizeof(u64) <= WS_LEAF_MAX; at += sizeof(u64)) {
		if (at + sizeof(u64) > length)
			break;
		hash = ws_mix(hash, *(u64 *)(t->leaf + at));
	}
	/* from memory: in a register the verifier would follow each of its values so far */
	length = *(volatile u32 *)&t->object.leaf;
	/* what follows the name is of an earlier one */
	last = *(u64 *)(t->leaf + (length & (WS_LEAF_MAX - sizeof(u64))));
	hash = ws_mix(hash, last & ((1ULL << (length % sizeof(u64)) * 8) - 1));
	return hash | 1ULL << 32;
}

/* The entry of key in the table of reports, made if need be. NULL: the table is full. */
static __always_inline struct ws_report *ws_report_of(const struct ws_report_key *key)
{
	struct ws_report *r = bpf_map_lookup_elem(&reports, key), none = {};

	if (r)
		return r;
	ws_try_new(REPORT_COUNTER, bpf_map_update_elem(&reports, key, &none, BPF_NOEXIST));
	return bpf_map_lookup_elem(&reports, key);
}

/* Whether key's rule and script report this object for the first time. Remembers it. */
static __always_inline bool ws_new_object_reported(const struct ws_report_key *key, u64 object)
{
	struct ws_report_key one = *key;
	struct ws_report none = {};

	one.rule |= WS_REPORT_OBJECT;
	/* the session's number is random, so that nobody can search for names with equal hashes */
	one.class = ws_mix(ws_mix((u32)key->session, object), key->class);
	return !ws_try_new(REPORT_COUNTER, bpf_map_update_elem(&reports, &one, &none, BPF_NOEXIST));
}

/*
 * Whether to report a verdict below WS_DENY, which is counted here. key: its session, script and
 * rule, and its fine class (0: none), which becomes the class that it is counted in. coarse: its
 * coarse class. object: ws_name_object().
 */
WS_SUB bool ws_report_due(struct ws_report_key *key, u32 coarse, u64 object)
{
	struct ws_report_key total_key = *key;
	struct ws_report *total, *r;
	u64 n;

	total_key.class = WS_REPORT_TOTAL;
	total = ws_report_of(&total_key);
	if (!total)
		return true;
	if (!key->class || (!bpf_map_lookup_elem(&reports, key) &&
			    __sync_fetch_and_add(&total->count, 1) >= WS_REPORT_FINE_MAX))
		key->class = coarse;
	r = ws_report_of(key);
	if (!r)
		return true;
	n = __sync_fetch_and_add(&r->count, 1) + 1;
	if (n <= WS_REPORTS_MAX) {
		ws_new_object_reported(key, object);
	} else if (total->reported < WS_REPORT_OBJECTS_MAX && ws_new_object_reported(key, object)) {
		__sync_fetch_and_add(&total->reported, 1);
	} else if (!(key->class & WS_REPORT_COARSE) || (n & (n - 1))) {
		return false;
	}
	__sync_fetch_and_add(&r->reported, 1);
	return true;
}

/* Fill a verdict record except for the actor, the object and what ws_fill_labels() does. */
static __always_inline void ws_fill_verdict(struct ws_rec_verdict *r, const struct ws_outcome *out,
					    u32 op, u32 effect)
{
	r->op = op;
	r->rule = out->rule;
	r->action = out->action;
	r->effect = effect;
	r->place = WS_PLACE_ELSEWHERE;
	r->mode = WS_MODE_ENFORCE;
	r->labels = r->session_labels = 0;
	r->fired = out->fired;
	r->target_pid = 0;
	r->amount = 0;
	__builtin_memset(&r->to, 0, sizeof(r->to));
	r->argv_valid = r->path2_valid = 0;
	r->class = r->pad = 0;
	r->argv.len = r->argv.total = 0;
	r->path.len = r->path.pad = 0;
}

/* session and scope are the actor's. Returns WS_F_ flags. */
static __always_inline u32 ws_fill_labels(struct ws_rec_verdict *r,
					  const struct ws_session *session,
					  const struct ws_scope *scope)
{
	r->mode = ws_mode_of(session, scope);
	r->labels = scope ? scope->labels : 0;
	r->session_labels = session->labels;
	return scope && (scope->flags & WS_SCOPE_AUDIT) ? WS_F_REPORTED : 0;
}

/* Bytes of a verdict record without a path, and with one that has at most WS_SHORT_PATH bytes. */
#define WS_VERDICT_PLAIN __builtin_offsetof(struct ws_rec_verdict, path.bytes)
#define WS_VERDICT_SHORT (WS_VERDICT_PLAIN + WS_SHORT_PATH + 256)

/* As much of a verdict record as records of all sizes have. */
struct ws_verdict_plain {
	char bytes[WS_VERDICT_PLAIN];
};

/*
 * ... with the running task as the actor, and its object without the paths. Returns WS_F_ flags.
 * Global: verified once, and not for each size of record.
 */
__noinline u32 ws_fill_task_verdict(struct ws_verdict_plain *to, struct ws_task *t, u32 op,
				    u32 effect)
{
	struct ws_rec_verdict *r = (struct ws_rec_verdict *)to;
	const struct ws_object *o;
	struct ws_subject s;
	u32 flags;

	if (!r || !t)
		return 0;
	ws_fill_verdict(r, &t->decision.out, op, effect);
	o = &t->object;
	flags = o->flags;
	if (ws_subject_of(&s, t))
		flags |= ws_fill_labels(r, s.session, s.scope);
	ws_head_of_task(&r->head, bpf_get_current_task_btf(), t);
	r->head.actor = ws_acts_as(t);
	if (t->flags & WS_T_STANDS_IN) {
		r->head.pid = t->caller.pid;
		r->head.tid = t->caller.tid;
		r->head.uid = t->caller.uid;
		r->head.gid = t->caller.gid;
		__builtin_memcpy(r->head.comm, t->caller.comm, sizeof(r->head.comm));
	}
	r->place = ws_main_place(o->places);
	r->target_pid = o->target_pid;
	r->amount = o->amount;
	r->class = o->class;
	if (o->has_to)
		r->to = t->to;
	if (o->in_caller) {
		r->argv_valid = 1;
		return flags | ws_copy_argv(&r->argv, bpf_get_current_task_btf());
	}
	return flags;
}

/* Begin a record's path with t->leaf, if the object has one. Returns the bytes written. */
static __always_inline u32 ws_write_leaf(char *to, const struct ws_task *t)
{
	u32 n = t->object.leaf;

	if (!n || n >= WS_LEAF_MAX)
		return 0;
	ws_try(LEAF, bpf_probe_read_kernel(to, WS_LEAF_MAX, t->leaf));
	barrier_var(n);
	if (n >= WS_LEAF_MAX)
		return 0;
	to[n] = '/';
	return n + 1;
}

/* Report the verdict in t->decision.out, in the smallest of three sizes of record: a full one
 * is 9.9 KB, and a flood of verdicts fills the ring. */
int ws_report_verdict(struct ws_task *t, u32 op, u32 effect)
{
	struct ws_subject s;
	const struct ws_object *o;
	bool fits = true;

	if (!t || !ws_subject_of(&s, t)) /* a record must have a session */
		return 0;
	o = &t->object;
	if (!o->dentry && o->leaf) { /* the name of a socket that is no file */
		with_record(ws_rec_verdict, r, WS_REC_VERDICT, WS_VERDICT_SHORT) {
			r->head.flags = ws_fill_task_verdict((void *)r, t, op, effect);
			r->path.len = ws_write_leaf(r->path.bytes, t);
		}
		return 0;
	}
	if (!o->dentry) {
		with_record(ws_rec_verdict, r, WS_REC_VERDICT, WS_VERDICT_PLAIN)
			r->head.flags = ws_fill_task_verdict((void *)r, t, op, effect);
		return 0;
	}
	if (!o->dentry2) {
		with_record(ws_rec_verdict, r, WS_REC_VERDICT, WS_VERDICT_SHORT) {
			r->head.flags = ws_fill_task_verdict((void *)r, t, op, effect);
			if (ws_write_short(r->path.bytes, &r->path.len, o->mnt, o->dentry,
					   ws_write_leaf(r->path.bytes, t))) {
				bpf_ringbuf_discard(r, 0);
				r = NULL;
				fits = false;
			}
		}
		if (fits)
			return 0;
	}
	with_record(ws_rec_verdict, r, WS_REC_VERDICT, sizeof(*r)) {
		r->head.flags = ws_fill_task_verdict((void *)r, t, op, effect);
		r->head.flags |= ws_write_path(r->path.bytes, &r->path.len, o->mnt, o->dentry,
					       ws_write_leaf(r->path.bytes, t));
		r->path2.len = r->path2.pad = 0;
		if (o->dentry2) {
			r->path2_valid = 1;
			r->head.flags |= ws_write_path(r->path2.bytes, &r->path2.len, o->mnt2,
						       o->dentry2, 0);
		}
	}
	return 0;
}

/* The latest script that the running process, a manager, has started in t's session; NULL: none. */
static __always_inline struct ws_started *ws_latest_script(const struct ws_task *t)
{
	u32 manager = bpf_get_current_pid_tgid() >> 32;
	struct ws_started *latest = bpf_map_lookup_elem(&started_last, &manager);

	return latest && latest->session == t->session ? latest : NULL;
}

/*
 * enum ws_actor under which rules list what t does to files. A manager that runs scripts itself
 * (WS_ACTOR_SHELL) starts the program of a command before it opens the file that the command
 * redirects; so the file is opened for its latest script. The project's scripts are not judged. Nor
 * is what the manager reads before the first script: it may be credentials to log in with. In the
 * clone of a git dependency that is judged, too: files of the clone configure the manager.
 */
WS_SUB u32 ws_acts_on_files(const struct ws_task *t, u32 op)
{
	u32 actor = ws_acts_as(t);
	struct ws_started *latest;
	struct ws_scope *script;
	u64 id;

	if (actor != WS_ACTOR_SHELL)
		return actor;
	latest = ws_latest_script(t);
	id = latest ? latest->script : 0;
	script = bpf_map_lookup_elem(&scopes, &id);
	if (script ? script->actor == WS_ACTOR_PROJECT
		   : op == WS_OP_READ && !(t->flags & WS_T_CLONE))
		return WS_ACTOR_MANAGER;
	return actor;
}

/* The package of that script, whose exceptions, places and labels apply; NULL: none. */
WS_SUB struct ws_scope *ws_scope_of_latest(const struct ws_task *t)
{
	struct ws_started *latest = ws_latest_script(t);
	u64 id = latest ? latest->scope : 0;

	return bpf_map_lookup_elem(&scopes, &id);
}

/* Enter that script in t as its own; the caller puts back what it was. */
static __always_inline void ws_lend_scope(struct ws_task *t)
{
	struct ws_started *latest = ws_latest_script(t);

	if (!latest)
		return;
	t->scope = latest->scope;
	t->script = latest->script;
}

/* Whether to report the verdict in t->decision.out; its class becomes the object's. Global: its
 * branches are verified once. */
int ws_is_due(struct ws_task *t, u32 op)
{
	struct ws_report_key key = {};
	u32 hash;

	if (!t)
		return 0;
	key.session = t->session;
	key.scope = t->script;
	key.rule = t->decision.out.rule;
	hash = ws_hash_object(t, op);
	key.class = ws_class(hash, ws_exact_object(t));
	if (t->decision.out.action < WS_DENY &&
	    !ws_report_due(&key, ws_class(hash, 0), ws_name_object(t)))
		return 0;
	t->object.class = key.class;
	return 1;
}

/*
 * Apply and report the outcome in t->decision.out, and kill the caller if need be. Returns what the
 * hook returns. Global: its branches are verified once, and not after each of its callers' own.
 */
int ws_act(struct ws_task *t, u32 op, u32 power)
{
	struct ws_subject subject, *s = &subject;
	const struct ws_outcome *out;
	u64 scope, script;
	u32 effect;
	bool kill;
	int ret;

	if (!t)
		return 0;
	out = &t->decision.out;
	if (out->rule == WS_RULE_NONE)
		return 0;
	scope = t->scope;
	script = t->script;
	if (ws_acts_as(t) == WS_ACTOR_SHELL)
		ws_lend_scope(t);
	if (!ws_subject_of(s, t))
		return 0;
	ret = ws_apply(s->session, s->scope, out, power, &effect, &kill);
	/* What is to be hidden, and cannot be, ends the process that is about to get it, and no
	 * other: a script's `sudo` or `ps` fails, and the script goes on. */
	if (effect == WS_EFFECT_UNAVAILABLE && power == WS_POWER_KILL_BEFORE &&
	    (op == WS_OP_EXEC || op == WS_OP_PRIVILEGE || op == WS_OP_MEMORY ||
	     op == WS_OP_PTRACE)) {
		effect = WS_EFFECT_KILLED_BEFORE;
		kill = true;
	}
	if (ws_is_due(t, op))
		ws_report_verdict(t, op, effect);
	t->scope = scope;
	t->script = script;
	if (kill && t->object.in_caller)
		ws_kill_current(t);
	return ret;
}

/* The same of a call that has not begun: if it is not refused, it is judged, reported and counted
 * when it does. */
static __always_inline int ws_act_ahead(struct ws_task *t, u32 op)
{
	struct ws_subject s;

	if (t->decision.out.action < WS_HIDE || !ws_subject_of(&s, t) ||
	    ws_mode_of(s.session, s.scope) == WS_MODE_AUDIT)
		return 0;
	if (!t->caller.pid) /* only whether it would be refused */
		return -EPERM;
	return ws_act(t, op, WS_POWER_REFUSE);
}

int ws_stop_untracked(struct ws_task *t)
{
	struct ws_subject subject, *s = &subject;

	if (!t || !ws_subject_of(s, t))
		return 0;
	ws_new_object(t);
	ws_outcome_init(&t->decision.out);
	t->decision.out.rule = WS_RULE_LINEAGE;
	t->decision.out.action = WS_STOP;
	return ws_act(t, WS_OP_EXEC, WS_POWER_KILL_AFTER);
}

/* ---- judging ---- */

/* Narrow t->decision's candidates by what t->walk found. Global: its branches are verified once. */
int ws_narrow_walk(struct ws_task *t)
{
	struct ws_policy *p = ws_policy();

	if (t && p)
		ws_narrow_path(&t->decision.candidates, p, &t->walk.match, &t->walk.except,
			       t->walk.places);
	return 0;
}

/*
 * `git status` in the work tree of a repository of dot-files opens every directory of the home,
 * those of secrets, too. What it learns is the names of files, and what it prints of them: it is
 * not shown them, where that can be, and not accused. What lies in the files is judged as ever.
 * git is root's program of that name.
 */
WS_SUB bool ws_lists_home(struct ws_task *t, const struct ws_session *session, u32 op)
{
	struct dentry *dentry = t->object.dentry, *name;
	struct file *exe;
	u32 word = 0;

	if (op != WS_OP_READ || !(session->flags & WS_SESSION_HOME_TREE) || !dentry ||
	    t->object.leaf || !t->object.in_caller ||
	    (BPF_CORE_READ(dentry, d_inode, i_mode) & S_IFMT) != S_IFDIR)
		return false;
	exe = BPF_CORE_READ(bpf_get_current_task_btf(), mm, exe_file);
	if (!exe || BPF_CORE_READ(exe, f_inode, i_uid.val))
		return false;
	name = BPF_CORE_READ(exe, f_path.dentry);
	ws_try(DIRECTORY_NAME,
	       bpf_probe_read_kernel_str(&word, sizeof(word), BPF_CORE_READ(name, d_name.name)));
	return BPF_CORE_READ(name, d_name.len) == 3 && word == ('g' | 'i' << 8 | 't' << 16);
}

/* Remember what t's running call has created, if that is permitted and was not done before. */
static __always_inline void ws_remember_new(struct ws_task *t, u32 op)
{
	const struct ws_object *o = &t->object;
	u32 places = o->places;

	if (op != WS_OP_CREATE || t->walk.shared)
		return;
	if (o->own_command && o->new_link && o->returned)
		places = WS_PLACE_BIT(WS_PLACE_MODULES); /* as for deny_instantiate() */
	ws_remember_created(t, places, o->guarded, t->walk.object.ino, t->walk.object.dev);
}

static __always_inline void ws_deny_unresolved(struct ws_outcome *out)
{
	ws_outcome_init(out);
	out->rule = WS_RULE_UNRESOLVED;
	out->action = WS_DENY;
}

/* The operation's result is ret, which is returned: remember what a package has written. */
static __always_inline int ws_keep_origin(const struct ws_subject *s, u32 op, u32 power, int ret)
{
	if (!(ws_is_writer(s->task, s->scope) || ws_is_tool_writer(s->task)) ||
	    (ret && power == WS_POWER_REFUSE))
		return ret;
	if (!ws_note_origin(s->task, op))
		return ret;
	ws_deny_unresolved(&s->task->decision.out);
	return ws_act(s->task, op, power);
}

int ws_judge_path(struct ws_task *t, u32 op, u32 power)
{
	struct ws_policy *p = ws_policy();
	struct ws_walk *w;
	struct ws_decision *d;
	struct ws_subject subject, *s = &subject;
	struct ws_object *o;
	bool lost = false, unknown;
	int ret = 0;
	u32 actor;

	if (!p || !t || !ws_subject_of(s, t))
		return 0;
	if (ws_condemned(s)) {
		ret = ws_kill_condemned(s);
		/* an operation that was carried out is reported, even if its scope was condemned
		 * before */
		if (power != WS_POWER_KILL_AFTER)
			return ret;
	}
	w = &t->walk;
	d = &t->decision;
	o = &t->object;
	actor = ws_acts_on_files(t, op);
	if (actor == WS_ACTOR_SHELL)
		s->scope = ws_scope_of_latest(t);
	ws_candidates_of(&d->candidates, p, s, op, actor);
	if (ws_mask_empty(&d->candidates.left) &&
	    (!(ws_is_writer(t, s->scope) || ws_is_tool_writer(t)) ||
	     (!o->linking && op == WS_OP_READ)))
		return 0;
	ws_narrow_argv(&d->candidates, p, NULL); /* argv is judged after the exec */
	o->by_name = op == WS_OP_CREATE || (op == WS_OP_RENAME && !o->leaves) || op == WS_OP_LINK;
	ws_walk(t, s->session, s->scope);
	if (actor == WS_ACTOR_SHELL && w->in_modules) /* the manager unpacks packages */
		return 0;
	ws_find_own_name(t, s->scope, op);
	lost = ws_know_object(t, op);
	o->places = w->places;
	if (op == WS_OP_CHMOD && o->mode && !ws_mode_matters(o->mode, w->places))
		return 0;
	o->guarded = op == WS_OP_CREATE && ws_guards_below(p, &w->above);
	if (ws_moves_names_below(op, o->new_link, w->places))
		ws_mask_or(&w->match, &w->above);
	if (o->new_directory)
		ws_mask_or(&w->except, &w->except_new);
	ws_narrow_walk(t);
	unknown = w->places & WS_PLACE_BIT(WS_PLACE_UNKNOWN);
	if (o->ahead && ws_mask_empty(&d->candidates.left))
		return 0;
	if (o->judged || (ws_mask_empty(&d->candidates.left) && !lost && !unknown)) {
		ws_remember_new(t, op);
		return ws_keep_origin(s, op, power, 0);
	}
	d->only_refuse = o->ahead ? WS_DENY : 0;
	ws_run_rules(d, s->session, s->scope);
	if (o->ahead)
		return ws_act_ahead(t, op);
	if (d->out.action > WS_HIDE && ws_lists_home(t, s->session, op)) {
		d->out.action = WS_HIDE;
		d->out.labels = 0;
	}
	if (unknown && s->task->actor == WS_ACTOR_PACKAGE && op != WS_OP_READ && op != WS_OP_UNIX)
		lost = true;
	if (lost && d->out.action < WS_DENY)
		ws_deny_unresolved(&d->out);
	if (!o->told || o->told != d->out.rule + 1)
		ret = ws_act(t, op, power);
	else
		ret = 0;
	if (!ret)
		ws_remember_new(t, op);
	return ws_keep_origin(s, op, power, ret);
}

int ws_refuse_unresolved(struct ws_task *t, u32 op, u32 power)
{
	struct ws_subject subject, *s = &subject;

	if (!t || !ws_subject_of(s, t))
		return 0;
	if (ws_condemned(s))
		return ws_kill_condemned(s);
	ws_deny_unresolved(&t->decision.out);
	return ws_act(t, op, power);
}

int ws_judge_process(struct ws_task *t, u32 op, u32 power)
{
	struct ws_policy *p = ws_policy();
	struct ws_subject subject, *s = &subject;
	struct ws_object *o;
	struct ws_decision *d;

	if (!p || !t || !ws_subject_of(s, t))
		return 0;
	if (ws_condemned(s))
		return ws_kill_condemned(s);
	d = &t->decision;
	o = &t->object;
	ws_candidates_of(&d->candidates, p, s, op, t->actor);
	if (ws_mask_empty(&d->candidates.left))
		return 0;
	ws_narrow_no_path(&d->candidates, p);
	ws_narrow_argv(&d->candidates, p, NULL);
	d->facts.object = o->target_pid;
	d->facts.amount = 0;
	d->only_refuse = o->ahead ? WS_HIDE : 0;
	ws_run_rules(d, s->session, s->scope);
	if (o->ahead)
		return ws_act_ahead(t, op);
	return ws_act(t, op, power);
}

int ws_judge_address(struct ws_task *t, u32 op, u32 power)
{
	struct ws_policy *p = ws_policy();
	struct ws_subject subject, *s = &subject;
	struct ws_object *o;
	struct ws_decision *d;

	if (!p || !t || !ws_subject_of(s, t))
		return 0;
	if (ws_condemned(s))
		return ws_kill_condemned(s);
	d = &t->decision;
	o = &t->object;
	ws_candidates_of(&d->candidates, p, s, op, t->actor);
	if (ws_mask_empty(&d->candidates.left))
		return 0;
	ws_narrow_to(&d->candidates, &t->to, o->methods);
	d->facts.amount = o->amount;
	d->facts.object = ((u64)t->to.port << 32) ^ *(u32 *)t->to.address;
	d->only_refuse = o->only_refuse ? WS_DENY : 0;
	ws_run_rules(d, s->session, s->scope);
	return ws_act(t, op, power);
}

int ws_refuse_guarded(struct ws_task *t, u32 op, u32 power)
{
	struct ws_subject subject, *s = &subject;

	if (!t || !ws_subject_of(s, t))
		return 0;
	ws_outcome_init(&t->decision.out);
	t->decision.out.rule = WS_RULE_GUARD;
	t->decision.out.action = WS_HIDE;
	return ws_act(t, op, power);
}

int ws_refuse_held(struct ws_task *t)
{
	struct ws_subject subject, *s = &subject;

	if (!t || !ws_subject_of(s, t))
		return 0;
	ws_new_object(t);
	ws_outcome_init(&t->decision.out);
	t->decision.out.rule = WS_RULE_HELD;
	t->decision.out.action = WS_KILL;
	return ws_act(t, WS_OP_SIGNAL, WS_POWER_KILL_AFTER);
}

int ws_judge_exec(struct ws_task *t)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_policy *p = ws_policy();
	struct ws_subject subject, *s = &subject;
	struct ws_object *o;
	struct ws_walk *w;
	struct ws_decision *d;
	struct ws_set *set;
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	u32 index;

	if (!p || !exe || !t || !ws_subject_of(s, t))
		return 0;
	w = &t->walk;
	d = &t->decision;
	t->exe = p->any_exe;
	ws_candidates_of(&d->candidates, p, s, WS_OP_EXEC, t->actor);
	if (!s->scope && ws_mask_empty(&d->candidates.left))
		return 0;
	o = ws_new_object(t);
	o->mnt = BPF_CORE_READ(exe, f_path.mnt);
	o->dentry = BPF_CORE_READ(exe, f_path.dentry);
	ws_walk(t, s->session, s->scope);
	o->places = w->places;
	ws_met(&t->exe, &p->any_exe, &w->exe_match, &w->exe_except);
	ws_candidates_of(&d->candidates, p, s, WS_OP_EXEC, t->actor);
	if (ws_mask_empty(&d->candidates.left))
		return 0;
	index = ws_match_argv();
	o->argv_set = index;
	set = bpf_map_lookup_elem(&sets, &index);
	ws_narrow_argv(&d->candidates, p, set ? &set->match : NULL);
	d->facts.object = 0;
	d->facts.amount = 0;
	ws_narrow_walk(t);
	if (ws_mask_empty(&d->candidates.left))
		return 0;
	d->only_refuse = 0;
	ws_run_rules(d, s->session, s->scope);
	return ws_act(t, WS_OP_EXEC, WS_POWER_KILL_BEFORE);
}

/*
 * Report a packet's verdict. Egress can run in softirq or in another process, so the record names
 * the script's first process instead of the running one.
 */
static __always_inline void
ws_report_packet(const struct ws_packet *k, const struct ws_session *session,
		 const struct ws_scope *scope, const struct ws_scope *script,
		 const struct ws_outcome *out, u32 op, u32 effect, u32 class)
{
	with_record(ws_rec_verdict, r, WS_REC_VERDICT, WS_VERDICT_PLAIN) {
		r->head.session = script->session;
		r->head.scope = script->id;
		r->head.pid = script->pid;
		r->head.started = script->started;
		r->head.actor = script->actor;
		ws_fill_verdict(r, out, op, effect);
		r->head.flags = ws_fill_labels(r, session, scope);
		r->amount = k->amount;
		r->class = class;
		r->to = k->to;
	}
}

/*
 * The rules that sending k by this scope can meet; returns whether there are any. A subprogram, so
 * that its temporaries are off the stack while the decision is made.
 */
WS_SUB bool ws_packet_candidates(struct ws_candidates *c, const struct ws_packet *k,
				 const struct ws_session *session, const struct ws_scope *scope)
{
	struct ws_policy *p = ws_policy();

	if (!p)
		return false;
	ws_candidates(c, p, WS_OP_SEND, scope->actor);
	if (k->to.protocol != IPPROTO_TCP && k->to.protocol != IPPROTO_UDP)
		/* watch has no other hook for the destinations of ping and of raw sockets */
		for (u32 i = 0; i < WS_MASK_WORDS; i++)
			c->left.w[i] |= ws_rules_on(p, WS_OP_CONNECT, scope->actor, i);
	/* the executable that sends is not known here */
	ws_narrow_subject(c, &session->enabled, &p->any_exe, &scope->package);
	if (ws_mask_empty(&c->left))
		return false;
	ws_narrow_to(c, &k->to, k->methods);
	return !ws_mask_empty(&c->left);
}

int ws_judge_packet(struct ws_socket *w, struct ws_packet *k)
{
	struct ws_policy *p = ws_policy();
	struct ws_session *session;
	struct ws_scope *scope, *script;
	struct ws_decision decision = {}, *d = &decision;
	struct ws_report_key key = {};
	u32 op = WS_OP_SEND, rule, word, effect;
	bool kill; /* unused: the sender may not be the running task */
	u64 id;
	int ret;

	if (!p || !w || !k)
		return 0;
	id = w->session;
	session = bpf_map_lookup_elem(&sessions, &id);
	id = w->scope;
	scope = bpf_map_lookup_elem(&scopes, &id);
	if (!session || !scope)
		return 0;
	if ((session->flags & WS_SESSION_CONDEMNED) || (scope->flags & WS_SCOPE_CONDEMNED))
		return -EPERM;
	if ((k->methods & WS_SENDS_TLS) && scope->actor == WS_ACTOR_PACKAGE &&
	    !(scope->flags & (WS_SCOPE_TLS_SENT | WS_SCOPE_TLS_SEEN))) {
		__sync_fetch_and_or(&scope->flags, WS_SCOPE_TLS_SENT);
		__sync_fetch_and_add(&session->unseen_tls, 1);
	}
	if (ws_mode_of(session, scope) != WS_MODE_AUDIT && ws_open_in_flight(scope))
		return -EPERM; /* TCP sends the packet again soon; a datagram's sender gets EPERM */
	if (!ws_packet_candidates(&d->candidates, k, session, scope))
		return 0;
	d->facts.amount = k->amount;
	ws_run_rules(d, session, scope);
	rule = d->out.rule;
	if (rule == WS_RULE_NONE)
		return 0;
	word = rule / 64;
	ws_opaque(word); /* 6.1 forgets that rule, which is spilled, is bounded: keep the mask */
	if (rule < WS_RULES_MAX &&
	    !(ws_rules_on(p, WS_OP_SEND, scope->actor, word) & (1ULL << (rule & 63))))
		op = WS_OP_CONNECT;
	ret = ws_apply(session, scope, &d->out, WS_POWER_DROP, &effect, &kill);
	key.session = w->session;
	key.scope = w->script;
	key.rule = rule;
	key.class = ws_class(op, *(u64 *)k->to.address ^ (u64)k->to.port << 40);
	if (d->out.action >= WS_DENY || ws_report_due(&key, ws_class(op, 0), 1)) {
		id = w->script;
		script = bpf_map_lookup_elem(&scopes, &id);
		ws_report_packet(k, session, scope, script ?: scope, &d->out, op, effect,
				 key.class);
	}
	return ret;
}

char _license[] SEC("license") = "GPL";
