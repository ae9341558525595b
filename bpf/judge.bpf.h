/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge.bpf.h - from an operation to its consequence: who acts, which rules are candidates, decide, carry out, tell.
 * Hooks gather facts and return what ws_judge_*() returns; nothing else in the kernel side decides anything.
 */
#ifndef WORMSIGN_JUDGE_BPF_H
#define WORMSIGN_JUDGE_BPF_H

#include "event.bpf.h"

/* What a hook is able to do to the operation it sees. */
enum ws_power {
	WS_POWER_REFUSE = 0,  /* its return value fails the operation */
	WS_POWER_KILL_BEFORE, /* the operation is done; its caller can be killed before it returns to it */
	WS_POWER_KILL_AFTER,  /* the operation takes effect whatever the hook does */
	WS_POWER_DROP,	      /* packets: drop */
};

struct ws_subject {
	struct ws_task *task;
	struct ws_session *session;
	struct ws_scope *scope; /* NULL: job, manager */
};

static __always_inline bool ws_condemned(const struct ws_subject *s)
{
	return (s->session->flags & WS_SESSION_CONDEMNED) ||
	       (s->scope && (s->scope->flags & WS_SCOPE_CONDEMNED));
}

static __always_inline void ws_kill_current(struct ws_task *t)
{
	if (!(t->flags & WS_T_DYING)) {
		t->flags |= WS_T_DYING;
		t->killed_at = bpf_ktime_get_ns();
	}
	bpf_send_signal(SIGKILL);
}

/* Who is t? False: nobody of ours. A task whose session or scope record is gone is nobody's, and may do nothing. */
static __always_inline bool ws_subject_of(struct ws_subject *s, struct ws_task *t)
{
	u64 id;

	if (!t)
		return false;
	s->task = t;
	id = t->session;
	s->session = bpf_map_lookup_elem(&sessions, &id);
	if (!s->session)
		return false;
	s->scope = NULL;
	id = t->scope;
	if (id)
		s->scope = bpf_map_lookup_elem(&scopes, &id);
	return true;
}

/* An operation of a condemned scope: it dies here, without a word (the verdict was told). */
static __always_inline int ws_deny_condemned(const struct ws_subject *s)
{
	ws_kill_current(s->task);
	return -EPERM;
}

/* The object of a new operation of t's: emptied. */
static __always_inline struct ws_object *ws_object(struct ws_task *t)
{
	struct ws_object *o = &t->object;

	__builtin_memset(o, 0, sizeof(*o));
	o->in_caller = 1;
	return o;
}

static __always_inline struct ws_task *ws_self(void)
{
	return bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, 0);
}

/*
 * n bytes are equal, both on a boundary of 8. One branch for all of them, and words rather than bytes: what is compared
 * in a loop's body the verifier goes through once for every way to get there.
 */
typedef u64 __attribute__((may_alias)) ws_word;

static __always_inline bool ws_same(const char *a, const char *b, u32 n)
{
	u64 differ = 0;

	for (u32 i = 0; i + 8 <= n; i += 8)
		differ |= *(const ws_word *)(a + i) ^ *(const ws_word *)(b + i);
	for (u32 i = n & ~7u; i < n; i++)
		differ |= (u8)(a[i] ^ b[i]);
	return !differ;
}

static __always_inline struct file *ws_file_of(struct task_struct *task, u32 fd)
{
	struct fdtable *t = BPF_CORE_READ(task, files, fdt);
	struct file **fds, *file = NULL;

	if (!t || fd >= BPF_CORE_READ(t, max_fds))
		return NULL;
	fds = BPF_CORE_READ(t, fd);
	bpf_probe_read_kernel(&file, sizeof(file), fds + fd);
	return file;
}

/* Remember a process that runs in a scope. */
static __always_inline void ws_note_process(const struct ws_task *t, u32 tgid)
{
	struct ws_process p = {.session = t->session, .scope = t->scope};

	bpf_map_update_elem(&processes, &tgid, &p, BPF_ANY);
}

/* The rules that could say something about op by this subject, before the object is looked at. */
static __always_inline void ws_candidates(struct ws_mask *c, struct ws_policy *p, const struct ws_subject *s, u32 op)
{
	u32 actor = s->task->actor;

	__builtin_memset(c, 0, sizeof(*c));
	if (op >= WS_OP_MAX)
		op = 0;
	barrier_var(op); /* keep the compiler from merging the two checks into what the verifier cannot follow */
	if (op >= WS_OP_MAX)
		return;
	barrier_var(actor);
	if (actor >= WS_ACTOR_MAX)
		return;
	*c = p->by_op[op][actor];
	ws_mask_and(c, &s->session->enabled);
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		c->w[i] &= s->task->exe.w[i];
		c->w[i] &= s->scope ? s->scope->package.w[i] : p->any_package.w[i];
	}
}

/* ---- the decision loop ---- */

struct ws_loop_ctx {
	struct ws_loop *l;
};

static long ws_decide_step(u32 i, struct ws_loop_ctx *ctx)
{
	struct ws_loop *l = ctx->l;
	struct ws_counter_key key = {};
	struct ws_counter *c = NULL;
	struct ws_rule *r;
	u32 index;
	u32 word;

	for (word = 0; word < WS_MASK_WORDS; word++)
		if (l->left.w[word])
			break;
	if (word >= WS_MASK_WORDS)
		return 1;
	index = ws_lowest_bit(l->left.w[word]);
	l->left.w[word] &= l->left.w[word] - 1;
	index += word * 64;
	r = bpf_map_lookup_elem(&rules, &index);
	if (!r)
		return 0;
	if (l->again && (r->count_of || r->action < WS_DENY))
		return 0;
	if (r->count_of) {
		key.scope = l->scope;
		key.rule = index;
		c = bpf_map_lookup_elem(&counters, &key);
		if (!c) {
			struct ws_counter fresh = {.window_start = l->facts.now};

			bpf_map_update_elem(&counters, &key, &fresh, BPF_NOEXIST);
			c = bpf_map_lookup_elem(&counters, &key);
			if (!c)
				ws_lose(WS_LOST_COUNTER);
		}
	}
	if (ws_fires(r, c, &l->facts))
		ws_enter(&l->out, index, r);
	return 0;
}

static __always_inline void ws_run(struct ws_loop *l, const struct ws_subject *s)
{
	struct ws_loop_ctx ctx = {.l = l};

	l->scope = s->task->scope;
	l->again = s->task->object.again;
	l->facts.now = bpf_ktime_get_ns();
	l->facts.scope_labels = s->scope ? s->scope->labels : 0;
	l->facts.session_labels = s->session->labels;
	ws_outcome_init(&l->out);
	bpf_loop(WS_RULES_MAX, ws_decide_step, &ctx, 0);
}

/* ---- answers ---- */

/* What a hook may return, in constants: of an LSM program the verifier wants to know it. */
static __always_inline int ws_answer(int ret)
{
	if (!ret)
		return 0;
	return ret == -ENOENT ? -ENOENT : -EPERM;
}

/* As BPF_PROG, for programs that refuse: fmod_ret on security_NAME, or LSM programs (see prefer_lsm in user/loader.c). */
#define WS_DENY_PROG(name, args...)                                            \
	name(unsigned long long *ctx);                                         \
	static __always_inline int ____##name(unsigned long long *ctx, ##args); \
	int name(unsigned long long *ctx)                                      \
	{                                                                      \
		_Pragma("GCC diagnostic push")                                 \
		_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")         \
		return ws_answer(____##name(___bpf_ctx_cast(args)));           \
		_Pragma("GCC diagnostic pop")                                  \
	}                                                                      \
	static __always_inline int ____##name(unsigned long long *ctx, ##args)

/* ---- consequences ---- */

static __always_inline void ws_condemn(const struct ws_subject *s, u32 action)
{
	if (action == WS_STOP || !s->scope) {
		if (action == WS_STOP)
			__sync_fetch_and_or(&s->session->flags, WS_SESSION_CONDEMNED);
		return;
	}
	if (!s->scope->condemned_at)
		s->scope->condemned_at = bpf_ktime_get_ns();
	__sync_fetch_and_or(&s->scope->flags, WS_SCOPE_CONDEMNED);
}

static __always_inline bool ws_tell_id(u64 scope, u32 rule, u32 action)
{
	struct ws_counter_key key = {.scope = scope, .rule = 0x10000u + rule};
	struct ws_counter *c;

	if (action >= WS_DENY)
		return true;
	c = bpf_map_lookup_elem(&counters, &key);
	if (!c) {
		struct ws_counter fresh = {.count = 1};

		bpf_map_update_elem(&counters, &key, &fresh, BPF_NOEXIST);
		return true;
	}
	return __sync_fetch_and_add(&c->count, 1) < WS_TELL_MOST;
}

/* Tell the verdict in t->loop.out. Global: verified once. */
WS_GLOBAL int ws_emit_verdict(struct ws_task *t, u32 op, u32 effect)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct ws_outcome *out;
	const struct ws_object *o;
	struct ws_rec_verdict *r;
	struct ws_subject subject, *s = &subject;

	if (!t || !ws_subject_of(s, t))
		return 0;
	out = &t->loop.out;
	o = &t->object;
	r = bpf_ringbuf_reserve(&alerts, sizeof(*r), 0);
	if (!r) {
		ws_lose(WS_LOST_ALERT);
		return 0;
	}
	ws_head(&r->head, WS_REC_VERDICT, sizeof(*r), task, s->task);
	r->head.flags = o->flags;
	r->op = op;
	r->rule = out->rule;
	r->action = out->action;
	r->effect = effect;
	r->place = o->place;
	r->mode = s->session->mode;
	r->labels = s->scope ? s->scope->labels : 0;
	r->session_labels = s->session->labels;
	r->fired = out->fired;
	r->target_pid = o->target_pid;
	r->amount = o->amount;
	if (o->has_to)
		r->to = s->task->to;
	else
		__builtin_memset(&r->to, 0, sizeof(r->to));
	r->argv_valid = 0;
	r->argv.len = r->argv.total = 0;
	if (o->in_caller) {
		r->argv_valid = 1;
		r->head.flags |= ws_copy_argv(&r->argv, task);
	}
	r->path.len = r->path.pad = 0;
	r->path2.len = r->path2.pad = 0;
	r->path2_valid = 0;
	if (o->dentry) {
		u32 start = 0;

		if (o->leaf && o->leaf < WS_LEAF_MAX) {
			bpf_probe_read_kernel(r->path.bytes, WS_LEAF_MAX, s->task->leaf);
			start = o->leaf;
			barrier_var(start);
			if (start < WS_LEAF_MAX)
				r->path.bytes[start++] = '/';
		}
		r->head.flags |= ws_write_path(r->path.bytes, &r->path.len, o->mnt, o->dentry, start);
	}
	if (o->dentry2) {
		r->path2_valid = 1;
		r->head.flags |= ws_write_path(r->path2.bytes, &r->path2.len, o->mnt2, o->dentry2, 0);
	}
	bpf_ringbuf_submit(r, 0);
	return 0;
}

/*
 * Carry out an outcome. Returns what the hook returns: 0, -EPERM or -ENOENT (only meaningful with WS_POWER_REFUSE and
 * WS_POWER_DROP).
 */
WS_SUB int ws_act(const struct ws_subject *s, u32 op, const struct ws_outcome *out, u32 power)
{
	u32 action = out->action, effect = WS_EFFECT_NONE;
	int ret = 0;

	if (out->rule == WS_RULE_NONE)
		return 0;
	if (out->labels) {
		if (s->scope)
			__sync_fetch_and_or(&s->scope->labels, out->labels);
		__sync_fetch_and_or(&s->session->labels, out->labels);
	}
	if (s->session->mode != WS_MODE_AUDIT && action >= WS_HIDE) {
		if (action == WS_HIDE) {
			effect = power == WS_POWER_REFUSE ? WS_EFFECT_REFUSED : WS_EFFECT_UNAVAILABLE;
			ret = -ENOENT;
		} else {
			/* where nothing can be refused, denying means killing */
			if (action == WS_DENY && power != WS_POWER_REFUSE && power != WS_POWER_DROP)
				action = WS_KILL;
			effect = power == WS_POWER_REFUSE      ? WS_EFFECT_REFUSED :
				 power == WS_POWER_KILL_BEFORE ? WS_EFFECT_KILLED_BEFORE :
				 power == WS_POWER_DROP	       ? WS_EFFECT_DROPPED :
								 WS_EFFECT_KILLED_AFTER;
			ret = -EPERM;
			if (action >= WS_KILL)
				ws_condemn(s, action);
		}
		__sync_fetch_and_add(&s->session->verdicts, action >= WS_DENY);
	}
	if (ws_tell_id(s->task->scope, out->rule, out->action))
		ws_emit_verdict(s->task, op, effect);
	if (s->session->mode != WS_MODE_AUDIT && action >= WS_KILL && s->task->object.in_caller)
		ws_kill_current(s->task);
	return ret;
}

/* ---- judging ---- */

/*
 * A file that a package gives another name: esbuild links its program out of another package and never writes to it, so
 * linking is reading. But what is written through the new name changes the file under its first one, too.
 * Returns false where that cannot be kept in mind.
 */
static __always_inline bool ws_note_link(struct ws_task *t, const struct ws_id *id)
{
	struct ws_task *self = ws_self(); /* t, as memory that a map takes a value from */
	struct dentry *dentry = t->object.dentry;
	int err; /* before 6.4 the upper half of what an update returns is not set */

	if (t->walk.place == WS_PLACE_OWN)
		return true;
	if (!self)
		return false;
	ws_id_of(&self->walk.dir, BPF_CORE_READ(dentry, d_parent, d_inode));
	err = bpf_map_update_elem(&linked, id, &self->walk, BPF_NOEXIST);
	return !err || err == -EEXIST;
}

/* What is known of a file with a second name, NULL: nothing, or t's scope writes to its own file where it always was. */
static __always_inline struct ws_linked *ws_linked_of(struct ws_task *t, const struct ws_id *id)
{
	struct ws_linked *first = bpf_map_lookup_elem(&linked, id);
	struct dentry *dentry = t->object.dentry;
	struct ws_id dir;

	if (!first || t->walk.place != WS_PLACE_OWN)
		return first;
	ws_id_of(&dir, BPF_CORE_READ(dentry, d_parent, d_inode));
	return dir.ino == first->dir.ino && dir.dev == first->dir.dev ? NULL : first;
}

/* A write: judge it by the name that the file had when it was linked. */
static __always_inline void ws_first_name(struct ws_task *t, const struct ws_id *id)
{
	struct ws_linked *first = ws_linked_of(t, id);
	struct ws_walk *w = &t->walk;

	if (!first)
		return;
	w->match = first->match;
	w->except = first->except;
	w->place = first->place;
}

/*
 * Judge op on t->object (mnt, dentry) by the running task, t; rename and link: call once a name. These three are global
 * functions: the verifier takes each once, by itself.
 * Returns what the hook returns.
 */
WS_GLOBAL int ws_judge_path(struct ws_task *t, u32 op, u32 power)
{
	struct ws_policy *p = ws_policy();
	struct ws_mask *by_identity;
	struct dentry *dentry;
	struct ws_walk *w;
	struct ws_loop *l;
	struct ws_subject subject, *s = &subject;
	struct ws_object *o;
	struct ws_from from;
	struct inode *inode;
	struct ws_id id;
	bool lost = false;

	if (!p || !t || !ws_subject_of(s, t))
		return 0;
	if (ws_condemned(s))
		return ws_deny_condemned(s);
	w = &t->walk;
	l = &t->loop;
	o = &t->object;
	ws_candidates(&l->left, p, s, op);
	if (ws_mask_empty(&l->left) && !o->linking)
		return 0;
	ws_mask_and(&l->left, &p->any_argv); /* argv is judged at exec */
	from.mnt = o->mnt;
	from.dentry = o->dentry;
	from.leaf = t->leaf;
	from.length = o->leaf;
	ws_walk(w, s->session, s->scope, &from);
	l->facts.object = 0;
	l->facts.amount = 0;
	dentry = o->dentry;
	inode = o->leaf ? NULL : BPF_CORE_READ(dentry, d_inode);
	if (inode) {
		ws_id_of(&id, inode);
		if (t->actor == WS_ACTOR_PACKAGE && o->linking)
			lost = !ws_note_link(t, &id);
		else if (t->actor == WS_ACTOR_PACKAGE && op == WS_OP_WRITE)
			ws_first_name(t, &id);
		by_identity = bpf_map_lookup_elem(&identities, &id);
		if (by_identity) {
			ws_mask_or(&w->match, by_identity);
			o->flags |= WS_F_IDENTITY;
		}
		l->facts.object = id.ino;
	}
	o->place = w->place;
	ws_narrow_path(&l->left, p, &w->match, &w->except, w->place);
	ws_run(l, s);
	if (o->place == WS_PLACE_UNKNOWN && s->task->actor == WS_ACTOR_PACKAGE && op != WS_OP_READ && op != WS_OP_UNIX)
		lost = true;
	if (lost && l->out.action < WS_DENY) {
		/* a pseudo rule of the engine */
		ws_outcome_init(&l->out);
		l->out.rule = WS_RULE_UNRESOLVED;
		l->out.action = WS_DENY;
	}
	return ws_act(s, op, &l->out, power);
}

/* Refuse op of a package scope on what cannot be resolved: a pseudo rule of the engine. */
WS_GLOBAL int ws_refuse_unresolved(struct ws_task *t, u32 op, u32 power)
{
	struct ws_subject subject, *s = &subject;

	if (!t || !ws_subject_of(s, t))
		return 0;
	if (ws_condemned(s))
		return ws_deny_condemned(s);
	ws_outcome_init(&t->loop.out);
	t->loop.out.rule = WS_RULE_UNRESOLVED;
	t->loop.out.action = WS_DENY;
	return ws_act(s, op, &t->loop.out, power);
}

/* Judge op on another process. */
WS_GLOBAL int ws_judge_process(struct ws_task *t, u32 op, u32 power)
{
	struct ws_policy *p = ws_policy();
	struct ws_subject subject, *s = &subject;
	struct ws_object *o;
	struct ws_loop *l;

	if (!p || !t || !ws_subject_of(s, t))
		return 0;
	if (ws_condemned(s))
		return ws_deny_condemned(s);
	l = &t->loop;
	o = &t->object;
	ws_candidates(&l->left, p, s, op);
	if (ws_mask_empty(&l->left))
		return 0;
	ws_mask_and(&l->left, &p->any_argv);
	ws_mask_and(&l->left, &p->any_path);
	l->facts.object = o->target_pid;
	l->facts.amount = 0;
	ws_run(l, s);
	return ws_act(s, op, &l->out, power);
}

/* Judge op towards an address. amount: payload bytes (send). */
WS_GLOBAL int ws_judge_address(struct ws_task *t, u32 op, u32 power)
{
	struct ws_policy *p = ws_policy();
	struct ws_subject subject, *s = &subject;
	struct ws_object *o;
	struct ws_loop *l;
	struct ws_mask *by_address = NULL, *by_port;
	u32 port, http;

	if (!p || !t || !ws_subject_of(s, t))
		return 0;
	if (ws_condemned(s))
		return ws_deny_condemned(s);
	l = &t->loop;
	o = &t->object;
	ws_candidates(&l->left, p, s, op);
	if (ws_mask_empty(&l->left))
		return 0;
	ws_mask_and(&l->left, &p->any_argv);
	ws_mask_and(&l->left, &p->any_path);
	if (t->to.family == AF_INET) {
		struct ws_lpm4 key = {.prefix = 32};

		__builtin_memcpy(key.address, t->to.address, 4);
		by_address = bpf_map_lookup_elem(&lpm4, &key);
	} else if (t->to.family == AF_INET6) {
		struct ws_lpm6 key = {.prefix = 128};

		__builtin_memcpy(key.address, t->to.address, 16);
		by_address = bpf_map_lookup_elem(&lpm6, &key);
	}
	http = o->http;
	if (http >= WS_HTTP_MAX)
		http = 0;
	barrier_var(http);
	if (http >= WS_HTTP_MAX)
		return 0;
	ws_mask_and(&l->left, &p->by_http[http]);
	port = t->to.port;
	by_port = bpf_map_lookup_elem(&ports, &port);
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		l->left.w[i] &= p->any_address.w[i] | (by_address ? by_address->w[i] : 0);
		l->left.w[i] &= p->any_port.w[i] | (by_port ? by_port->w[i] : 0);
	}
	l->facts.amount = o->amount;
	l->facts.object = ((u64)port << 32) ^ *(u32 *)t->to.address;
	ws_run(l, s);
	return ws_act(s, op, &l->out, power);
}

#endif
